package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.images.ImageStore;
import dev.jctl.images.layer.Tars;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Debian's skopeo, and an image for it to copy. */
final class Skopeo {
  private static final Path PROGRAM = Path.of("/usr/bin/skopeo");

  private Skopeo() {}

  static boolean isThere() {
    return Files.isExecutable(PROGRAM);
  }

  /** An image of two layers, the upper one compressed. */
  static String layout(Path directory) throws IOException {
    byte[] lower = new Tars().directory("bin/").file("bin/tool", "x".repeat(200_000)).bytes();
    byte[] upper = new Tars().file("bin/.wh.tool", "").file("etc/v", "2").bytes();
    byte[] packed = Packed.gzip(upper);
    byte[] config =
        DocumentWriter.config(
            new Platform("linux", "amd64", ""),
            ImageStore.ImageConfig.EMPTY,
            List.of(Digest.of(lower), Digest.of(upper)));
    byte[] manifest =
        DocumentWriter.manifest(
            new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length),
            List.of(
                new Descriptor(MediaTypes.OCI_LAYER, Digest.of(lower), lower.length),
                new Descriptor(MediaTypes.OCI_LAYER + "+gzip", Digest.of(packed), packed.length)));
    return layout(directory, MediaTypes.OCI_MANIFEST, manifest, List.of(lower, packed, config));
  }

  /** An index of an image of one layer for each of these architectures. */
  static String index(Path directory, String... architectures) throws IOException {
    byte[] layer = new Tars().file("a", "1").bytes();
    List<byte[]> blobs = new ArrayList<>(List.of(layer));
    List<String> manifests = new ArrayList<>();
    for (String architecture : architectures) {
      byte[] config =
          DocumentWriter.config(
              new Platform("linux", architecture, ""),
              ImageStore.ImageConfig.EMPTY,
              List.of(Digest.of(layer)));
      byte[] manifest =
          DocumentWriter.manifest(
              new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length),
              List.of(new Descriptor(MediaTypes.OCI_LAYER, Digest.of(layer), layer.length)));
      blobs.addAll(List.of(config, manifest));
      manifests.add(
          """
          {"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}
          """
              .formatted(
                  MediaTypes.OCI_MANIFEST, Digest.of(manifest), manifest.length, architecture));
    }
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaTypes.OCI_INDEX, String.join(",", manifests));
    return layout(directory, MediaTypes.OCI_INDEX, index.getBytes(StandardCharsets.UTF_8), blobs);
  }

  /** Manifests, as {@code flux push artifact} pushes them. */
  static String artifact(Path directory) throws IOException {
    byte[] packed = Packed.gzip(new Tars().file("deploy/a.yaml", "a: 1").bytes());
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    String type = "application/vnd.cncf.flux.";
    byte[] manifest =
        DocumentWriter.manifest(
            new Descriptor(type + "config.v1+json", Digest.of(config), config.length),
            List.of(
                new Descriptor(type + "content.v1.tar+gzip", Digest.of(packed), packed.length)));
    return layout(directory, MediaTypes.OCI_MANIFEST, manifest, List.of(packed, config));
  }

  private static String layout(Path directory, String mediaType, byte[] top, List<byte[]> rest)
      throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    List<byte[]> all = new ArrayList<>(rest);
    all.add(top);
    for (byte[] blob : all) {
      Files.write(blobs.resolve(Digest.of(blob).hex()), blob);
    }
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        directory.resolve("index.json"),
        """
        {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d,
        "annotations":{"org.opencontainers.image.ref.name":"one"}}]}
        """
            .formatted(mediaType, Digest.of(top), top.length));
    return "oci:" + directory + ":one";
  }

  static String run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "--insecure-policy"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
