package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A place for data that outlives containers. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSpec(
    @Field(
            doc =
                "Where the content is kept: in a directory, in memory, in a file system of its own, or"
                    + " on a server; what an image has; or wherever a plug-in keeps it.",
            allowed = {"local", "tmpfs", "disk", "image", "nfs", "plugin"},
            defaultValue = "\"local\"")
        @Nullable String driver,
    @Field(
            doc =
                "How much fits in; of local only measured where the data directory has no project"
                    + " quotas.")
        @Nullable Quantity capacity,
    @Field(
            doc =
                "Who may mount it: several Pods, for reading only, or one Pod at a time; none:"
                    + " several Pods.",
            allowed = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"},
            set = true)
        @Nullable List<String> accessModes,
    @Field(
            doc =
                "Of driver image: an Image of the same namespace by name, or a reference. It is"
                    + " mounted for reading only.")
        @Nullable String image,
    @Field(doc = "Of driver nfs: where it is.") @Nullable NfsExport nfs,
    @Field(doc = "Of driver plugin: which, and what it is told.") @Nullable Plugin plugin,
    @Field(doc = "What a new volume has in it; none: nothing.") @Nullable ContentSource source,
    @Field(
            doc =
                "What the first container gets to see in it when it is still empty: what its image"
                    + " has where it is mounted, with owners (FromImage, also when nothing is"
                    + " said), or nothing.",
            allowed = {"FromImage", "Empty"})
        @Nullable String firstUse,
    @Field(
            doc = "What becomes of the content when the object is deleted.",
            allowed = {"Retain", "Delete"},
            defaultValue = "\"Retain\"")
        @Nullable String reclaimPolicy) {

  /** A directory of a server. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NfsExport(
      @Field(doc = "Its name or address.") String server,
      @Field(doc = "Absolute path there.") String path,
      @Field(doc = "As in mount.nfs, with commas between, such as vers=4.2,soft.")
          @Nullable String options) {}

  /** A driver that is a process of its own. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Plugin(
      @Field(doc = "It listens on volume-plugins/NAME.sock in the data directory.") String name,
      @Field(doc = "What it is told when the volume is made.")
          @Nullable Map<String, String> parameters) {}

  /** One of its fields. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ContentSource(
      @Field(doc = "A VolumeSnapshot of the same namespace.") @Nullable String snapshot,
      @Field(doc = "A Volume of the same namespace, as it is then.") @Nullable String volume,
      @Field(doc = "A file on the machine that a VolumeSnapshot was written to.")
          @Nullable String archive) {}
}
