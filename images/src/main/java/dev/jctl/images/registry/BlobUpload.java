package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way: in one request when it is small, else in chunks. After a broken connection
 * the registry is asked how much it has. For one thread.
 */
final class BlobUpload {
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");
  private static final String OCTETS = "application/octet-stream";

  private final UploadEndpoint endpoint;
  private final String what;
  private final BlobSource blob;
  private final int chunkBytes;
  private final LongConsumer progress;

  /** Null: it must be begun anew. */
  private @Nullable URI location;

  /** What the registry is known to have. */
  private long offset;

  /** What was sent since, and counted as progress. */
  private final AtomicLong sent = new AtomicLong();

  /** Whether a request went out to which there was no answer. */
  private boolean unsure;

  BlobUpload(UploadEndpoint endpoint, String what, BlobSource blob, LongConsumer progress) {
    this.endpoint = endpoint;
    this.what = what;
    this.blob = blob;
    this.chunkBytes = endpoint.session().chunkBytes();
    this.progress = progress;
  }

  void run(URI begun) {
    location = begun;
    if (blob.sizeBytes() > chunkBytes) {
      while (offset < blob.sizeBytes()) {
        endpoint.session().call(what, Scopes.PUSH, this::chunk, this::taken);
      }
    }
    endpoint.session().call(what, Scopes.PUSH, this::rest, this::finished);
  }

  private RegistryRequest chunk() throws IOException {
    URI at = place();
    long length = Math.min(chunkBytes, blob.sizeBytes() - offset);
    String range = offset + "-" + (offset + length - 1);
    return new RegistryRequest(
            "PATCH",
            at,
            Map.of("Content-Type", OCTETS, "Content-Range", range),
            () -> slice(length))
        .or(416);
  }

  private String taken(HttpResponse<InputStream> response) throws IOException {
    if (response.statusCode() == 416) {
      throw new IOException("it has other bytes than those that were sent");
    }
    long expected = offset + Math.min(chunkBytes, blob.sizeBytes() - offset);
    URI at = UploadEndpoint.location(what, response.uri(), response);
    know(at, range(response, expected));
    return "";
  }

  /** All that has not been sent, with which the upload ends. */
  private RegistryRequest rest() throws IOException {
    if (unsure && endpoint.has(what, blob)) {
      return endpoint.head(blob); // only the answer to the last request was lost
    }
    if (unsure && blob.sizeBytes() <= chunkBytes) {
      location = null; // one request takes it all or nothing
    }
    URI at = place();
    long length = blob.sizeBytes() - offset;
    char separator = at.getRawQuery() == null ? '?' : '&';
    URI uri = URI.create(at.toString() + separator + "digest=" + blob.digest());
    return new RegistryRequest("PUT", uri, Map.of("Content-Type", OCTETS), () -> slice(length))
        .or(404);
  }

  /** An upload that is gone may have ended with a request whose answer was lost. */
  private String finished(HttpResponse<InputStream> response) {
    if (response.statusCode() == 404 && !endpoint.has(what, blob)) {
      throw new ImageException(
          Reason.UNREACHABLE, what + ": the registry has lost the upload; push it again");
    }
    progress.accept(blob.sizeBytes() - offset - sent.get());
    return "";
  }

  private BodyPublisher slice(long length) {
    forget();
    if (length == 0) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> open(length)), length);
  }

  private InputStream open(long length) {
    try {
      return new FileSlice(
          blob.file(),
          offset,
          length,
          n -> {
            sent.addAndGet(n);
            progress.accept(n);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void forget() {
    progress.accept(-sent.getAndSet(0));
  }

  private void know(URI at, long has) throws IOException {
    if (has < 0 || has > blob.sizeBytes()) {
      throw new IOException("it says that it has %d of %d bytes".formatted(has, blob.sizeBytes()));
    }
    progress.accept(has - offset - sent.getAndSet(0));
    location = at;
    offset = has;
    unsure = false;
  }

  /** Where the next bytes go. Asks the registry when that is not known. */
  private URI place() throws IOException {
    URI at = location;
    if (at != null && unsure) {
      at = ask(at);
    }
    if (at == null) {
      at = endpoint.begin(what, "").orElseThrow(() -> new IOException("it began no upload"));
      know(at, 0);
    }
    unsure = true;
    return at;
  }

  /** Null when it knows nothing of the upload any more. */
  private @Nullable URI ask(URI at) {
    RegistryRequest status = RegistryRequest.get(at, Map.of()).or(404);
    return endpoint
        .session()
        .<Optional<URI>>call(
            what,
            Scopes.PUSH,
            () -> status,
            response -> {
              if (response.statusCode() == 404) {
                return Optional.empty();
              }
              URI next = UploadEndpoint.location(what, at, response);
              know(next, range(response, 0));
              return Optional.of(next);
            })
        .orElse(null);
  }

  /** {@code Range: 0-N} means that it has one byte more; registries say 0-0 for none, too. */
  private static long range(HttpResponse<?> response, long otherwise) {
    Matcher matcher = RANGE.matcher(response.headers().firstValue("Range").orElse(""));
    if (!matcher.matches()) {
      return otherwise;
    }
    long last = Long.parseLong(matcher.group(1));
    return last == 0 ? 0 : last + 1;
  }
}
