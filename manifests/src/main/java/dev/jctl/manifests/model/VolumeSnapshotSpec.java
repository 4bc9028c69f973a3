package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The content of a Volume as it was when this was made. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSnapshotSpec(
    @Field(doc = "A Volume of the same namespace.") String volume,
    @Field(
            doc =
                "A file on the controller's machine that it is written to, a .tar.gz; none: it is"
                    + " kept as a directory.")
        @Nullable String archive,
    @Field(
            doc = "What keeps containers from writing meanwhile.",
            allowed = {"None", "Freeze"},
            defaultValue = "\"Freeze\"")
        @Nullable String quiesce,
    @Field(doc = "Commands around the copy, for who writes to the volume to get ready.")
        @Nullable Hook hook,
    @Field(
            doc = "What becomes of the content when the object is deleted.",
            allowed = {"Retain", "Delete"},
            defaultValue = "\"Retain\"")
        @Nullable String reclaimPolicy) {

  /** In a container that runs, as its user. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Hook(
      @Field(doc = "A Pod or Container of the same namespace.") String pod,
      @Field(doc = "One of its containers; none: the first.") @Nullable String container,
      @Field(doc = "Run before; unless it succeeds nothing is copied.")
          @Nullable List<String> before,
      @Field(doc = "Run afterwards, whatever came of it.") @Nullable List<String> after,
      @Field(doc = "How long each may take.", defaultValue = "30", min = 1, max = 3600)
          @Nullable Integer timeoutSeconds) {}
}
