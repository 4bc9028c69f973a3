package dev.jctl.images.registry;

import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.function.LongConsumer;

/** {@code GET /v2/<name>/blobs/<digest>}, going on where an earlier attempt broke off. */
record BlobEndpoint(RegistryHttp http) {
  /**
   * @param progress bytes as they come; negative when it has to start anew
   */
  void get(ImageReference image, Descriptor blob, BlobWriter out, LongConsumer progress) {
    String what = image + ": blob " + blob.digest();
    http.get(
        what,
        RegistryAddress.of(image, "blobs", blob.digest().toString()),
        image.name(),
        () -> out.count() == 0 ? Map.of() : Map.of("Range", "bytes=" + out.count() + "-"),
        response -> {
          copy(response, blob, out, progress);
          return blob;
        });
  }

  private static void copy(
      HttpResponse<InputStream> response, Descriptor blob, BlobWriter out, LongConsumer progress)
      throws IOException {
    if (out.count() > 0 && !resumes(response, out.count())) {
      progress.accept(-out.count());
      out.restart();
    }
    Transfers.copy(response.body(), out, progress);
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
