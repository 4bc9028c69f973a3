package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of an image. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "The annotation jctl.dev/pull that this status is about.")
        @Nullable String observedPull,
    @Field(doc = "Pending, Pulling, Building, Ready or Failed.") @Nullable String phase,
    @Field(doc = "Digest of the configuration.") @Nullable String imageID,
    @Field(doc = "Digest of the manifest for this platform.") @Nullable String manifestDigest,
    @Field(doc = "The reference by digest.") @Nullable String repoDigest,
    @Field(doc = "Such as linux/amd64.") @Nullable String platform,
    @Field(doc = "Compressed.") @Nullable Long sizeBytes,
    @Field(doc = "How many.") @Nullable Integer layers,
    @Field(doc = "While pulling: 12.3MB/40.1MB; while building: 3/7 RUN make.")
        @Nullable String progress,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {}
