package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a snapshot. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSnapshotStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "Pending, Ready, Terminating or Failed.") @Nullable String phase,
    @Field(doc = "As of when the content is.", format = "date-time") @Nullable String takenAt,
    @Field(doc = "Of all files together.") @Nullable String size,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {}
