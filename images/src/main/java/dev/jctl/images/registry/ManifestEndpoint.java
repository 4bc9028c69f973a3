package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;

/** {@code /v2/<name>/manifests/<tag or digest>}. */
record ManifestEndpoint(RegistrySession session) {
  /** The bytes, which are the ones asked for when that was by digest. */
  byte[] get(String what, String version) {
    RegistryRequest request =
        RegistryRequest.get(
            session.repository().of("manifests", version),
            Map.of("Accept", String.join(", ", MediaTypes.MANIFESTS)));
    byte[] content =
        session.call(what, Scopes.PULL, () -> request, response -> read(what, response));
    if (version.startsWith("sha256:") && !Digest.of(content).equals(Digest.parse(version))) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH, "%s: its content is %s".formatted(what, Digest.of(content)));
    }
    return content;
  }

  void put(String what, String version, String mediaType, byte[] content) {
    RegistryRequest request =
        new RegistryRequest(
            "PUT",
            session.repository().of("manifests", version),
            Map.of("Content-Type", mediaType),
            () -> BodyPublishers.ofByteArray(content));
    session.call(what, Scopes.PUSH, () -> request, response -> taken(what, content, response));
  }

  private static Digest taken(String what, byte[] content, HttpResponse<InputStream> response) {
    Digest digest = Digest.of(content);
    String theirs = response.headers().firstValue("Docker-Content-Digest").orElse("");
    if (!theirs.isEmpty() && !theirs.equals(digest.toString())) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH,
          "%s: the registry has it as %s, not %s"
              .formatted(what, theirs.replaceAll("[^\\w:.+-]", "?"), digest));
    }
    return digest;
  }

  private static byte[] read(String what, HttpResponse<InputStream> response) throws IOException {
    byte[] content = response.body().readNBytes(Documents.MAX_BYTES + 1);
    if (content.length > Documents.MAX_BYTES) {
      throw new ImageException(
          Reason.CORRUPT, what + ": larger than " + Documents.MAX_BYTES + " bytes");
    }
    return content;
  }
}
