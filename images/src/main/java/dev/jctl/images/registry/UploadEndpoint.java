package dev.jctl.images.registry;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/** {@code /v2/<name>/blobs/uploads/}: how blobs get into a registry. distribution spec, push. */
record UploadEndpoint(RegistrySession session) {
  /**
   * @param beside a repository that the blob may be mounted from
   * @param progress bytes as they go; negative when some have to be sent again
   */
  void put(String what, BlobSource blob, Optional<String> beside, LongConsumer progress) {
    if (has(what, blob)) {
      progress.accept(blob.sizeBytes());
      return;
    }
    Optional<URI> location = begin(what, mounting(blob, beside));
    if (location.isEmpty()) {
      progress.accept(blob.sizeBytes());
      return;
    }
    new BlobUpload(this, what, blob, progress).run(location.get());
  }

  boolean has(String what, BlobSource blob) {
    RegistryRequest head = head(blob);
    return session.call(what, Scopes.PUSH, () -> head, response -> response.statusCode() != 404);
  }

  /** Asks for a blob; 404 is an answer. */
  RegistryRequest head(BlobSource blob) {
    URI uri = session.repository().of("blobs", blob.digest().toString());
    return new RegistryRequest("HEAD", uri, Map.of(), RegistryRequest.Body.NONE).or(404);
  }

  private static String mounting(BlobSource blob, Optional<String> beside) {
    return beside
        .map(
            from ->
                "?mount=%s&from=%s"
                    .formatted(
                        URLEncoder.encode(blob.digest().toString(), StandardCharsets.UTF_8),
                        URLEncoder.encode(from, StandardCharsets.UTF_8)))
        .orElse("");
  }

  /** Where to send it; empty when it was mounted. */
  Optional<URI> begin(String what, String query) {
    URI uri = session.repository().of("blobs", "uploads/" + query);
    RegistryRequest post = new RegistryRequest("POST", uri, Map.of(), RegistryRequest.Body.NONE);
    return session.call(
        what,
        Scopes.PUSH,
        () -> post,
        response ->
            response.statusCode() == 201
                ? Optional.<URI>empty()
                : Optional.of(location(what, uri, response)));
  }

  /** Where the upload goes on: the registry says it anew with each answer. */
  static URI location(String what, URI at, HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Location")
        .map(location -> RegistryHttp.target(what, at, location))
        .orElse(at);
  }
}
