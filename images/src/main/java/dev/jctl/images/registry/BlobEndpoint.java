package dev.jctl.images.registry;

import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.function.LongConsumer;

/** {@code GET /v2/<name>/blobs/<digest>}, going on where an earlier attempt broke off. */
record BlobEndpoint(RegistrySession session) {
  /**
   * @param progress bytes as they come; negative when it has to start anew
   */
  void get(String what, Descriptor blob, BlobWriter out, LongConsumer progress) {
    URI uri = session.repository().of("blobs", blob.digest().toString());
    session.call(
        what,
        Scopes.PULL,
        () -> RegistryRequest.get(uri, from(out.count())),
        out::count,
        response -> {
          copy(what, response, blob, out, progress);
          return blob;
        });
  }

  private static Map<String, String> from(long offset) {
    return offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
  }

  private static void copy(
      String what,
      HttpResponse<InputStream> response,
      Descriptor blob,
      BlobWriter out,
      LongConsumer progress)
      throws IOException {
    if (out.count() > 0 && !resumes(response, out.count())) {
      progress.accept(-out.count());
      out.restart();
    }
    Transfers.copy(what, response.body(), out, progress);
    if (out.count() < blob.size()) {
      throw new IOException("ended after %d of %d bytes".formatted(out.count(), blob.size()));
    }
  }

  private static boolean resumes(HttpResponse<InputStream> response, long from) {
    return response.statusCode() == 206
        && response
            .headers()
            .firstValue("Content-Range")
            .filter(range -> range.startsWith("bytes " + from + "-"))
            .isPresent();
  }
}
