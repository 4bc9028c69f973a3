package dev.jctl.cli.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A directory with an OCI image layout of one image without layers. */
final class OciLayout {
  private OciLayout() {}

  static Path write(Path directory, String os, String architecture) throws IOException {
    Files.createDirectories(directory.resolve("blobs/sha256"));
    String platform = "{\"os\":\"%s\",\"architecture\":\"%s\"}".formatted(os, architecture);
    String config =
        blob(
            directory,
            "application/vnd.oci.image.config.v1+json",
            platform.replaceFirst("}$", ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"));
    String manifest =
        blob(
            directory,
            "application/vnd.oci.image.manifest.v1+json",
            "{\"schemaVersion\":2,\"config\":{%s},\"layers\":[]}".formatted(config));
    Files.writeString(
        directory.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[{%s,\"platform\":%s}]}".formatted(manifest, platform));
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    return directory;
  }

  /** Stores a document; the members of its descriptor. */
  private static String blob(Path directory, String type, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String digest = sha256(bytes);
    Files.write(directory.resolve("blobs/sha256").resolve(digest), bytes);
    return "\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d"
        .formatted(type, digest, bytes.length);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
