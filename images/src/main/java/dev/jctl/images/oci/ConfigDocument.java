package dev.jctl.images.oci;

import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.reference.Digest;
import java.util.List;

/**
 * An image's configuration. OCI image spec, config.md.
 *
 * @param diffIds digests of the uncompressed layers, lowest first
 */
public record ConfigDocument(Platform platform, ImageConfig config, List<Digest> diffIds) {
  public ConfigDocument {
    diffIds = List.copyOf(diffIds);
  }

  public static ConfigDocument parse(String document, byte[] content) {
    JsonCursor root = JsonCursor.parse(document, content);
    return new ConfigDocument(
        Platform.read(root),
        root.field("config").map(ConfigDocument::config).orElse(ImageConfig.EMPTY),
        root.required("rootfs").required("diff_ids").elements().stream()
            .map(JsonCursor::digest)
            .toList());
  }

  private static ImageConfig config(JsonCursor at) {
    return new ImageConfig(
        at.texts("Env"),
        at.texts("Entrypoint"),
        at.texts("Cmd"),
        at.text("User"),
        at.text("WorkingDir"),
        at.text("StopSignal"),
        at.keys("ExposedPorts"),
        at.keys("Volumes"),
        at.textMap("Labels"));
  }
}
