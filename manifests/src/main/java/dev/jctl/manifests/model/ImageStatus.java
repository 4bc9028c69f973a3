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
    @Field(doc = "What became of spec.policy.") @Nullable Followed followed,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {

  /** References are by tag and digest. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Followed(
      @Field(doc = "What it is to be.") @Nullable String selected,
      @Field(doc = "Since when.", format = "date-time") @Nullable String since,
      @Field(
              doc = "What became of it.",
              allowed = {"Progressing", "Healthy", "Unhealthy", "Returned"})
          @Nullable String result,
      @Field(doc = "The last with which all that use it were ready.") @Nullable String healthy,
      @Field(doc = "What the registry has, by the policy.") @Nullable String latest,
      @Field(doc = "When the registry was asked.", format = "date-time") @Nullable String checked,
      @Field(doc = "Why the registry could not be asked, or has nothing that fits.")
          @Nullable String problem,
      @Field(doc = "Those that are not taken again, the latest first.")
          @Nullable List<Rejected> rejected) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rejected(
      @Field(doc = "By tag and digest; other tags of the digest are not taken either.")
          String reference,
      @Field(doc = "When it was given up.", format = "date-time") String time,
      @Field(doc = "Why.") String message) {}
}
