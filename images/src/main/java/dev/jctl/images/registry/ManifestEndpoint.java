package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;

/** {@code GET /v2/<name>/manifests/<tag or digest>}. */
record ManifestEndpoint(RegistryHttp http) {
  /** The bytes, which are the ones asked for when that was by digest. */
  byte[] get(ImageReference image, String version) {
    String what = image + ": manifest " + version;
    byte[] content =
        http.get(
            what,
            RegistryAddress.of(image, "manifests", version),
            image.name(),
            () -> Map.of("Accept", String.join(", ", MediaTypes.MANIFESTS)),
            response -> read(what, response));
    if (version.startsWith("sha256:") && !Digest.of(content).equals(Digest.parse(version))) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH, "%s: its content is %s".formatted(what, Digest.of(content)));
    }
    return content;
  }

  private static byte[] read(String what, HttpResponse<InputStream> response) throws IOException {
    byte[] content = Transfers.read(response.body(), Documents.MAX_BYTES + 1);
    if (content.length > Documents.MAX_BYTES) {
      throw new ImageException(
          Reason.CORRUPT, what + ": larger than " + Documents.MAX_BYTES + " bytes");
    }
    return content;
  }
}
