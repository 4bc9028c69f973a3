package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** A place for data that outlives containers. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSpec(
    @Field(
            doc =
                "Where the content is kept: in a directory, in memory, or in a file system of its"
                    + " own.",
            allowed = {"local", "tmpfs", "disk"},
            defaultValue = "\"local\"")
        @Nullable String driver,
    @Field(
            doc =
                "How much fits in; of local only measured where the data directory has no project"
                    + " quotas.")
        @Nullable Quantity capacity,
    @Field(doc = "What a new volume has in it; none: nothing.") @Nullable ContentSource source,
    @Field(
            doc = "What becomes of the content when the object is deleted.",
            allowed = {"Retain", "Delete"},
            defaultValue = "\"Retain\"")
        @Nullable String reclaimPolicy) {

  /** One of its fields. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ContentSource(
      @Field(doc = "A VolumeSnapshot of the same namespace.") @Nullable String snapshot,
      @Field(doc = "A Volume of the same namespace, as it is then.") @Nullable String volume,
      @Field(doc = "A file on the machine that a VolumeSnapshot was written to.")
          @Nullable String archive) {}
}
