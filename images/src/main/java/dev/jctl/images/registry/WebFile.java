package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A file of any web server, as a build adds it. */
public final class WebFile {
  private static final int MAX_SAID_BYTES = 1 << 10;

  private WebFile() {}

  /**
   * @param beyond what to say of more
   * @param why in words
   */
  public record Bound(long bytes, Reason beyond, String why) {}

  /**
   * @param what for messages
   * @param bound what it may have at most
   * @return when it was last changed, where the server says so
   * @throws ImageException UNREACHABLE, NOT_FOUND or what else the server answers; the bound's
   */
  public static Optional<Instant> fetch(
      String what, URI uri, EnvironmentProxies proxies, OutputStream out, Bound bound) {
    HttpClient client = HttpClients.trusting(proxies);
    try {
      HttpResponse<InputStream> response =
          new RegistryHttp(client, proxies, RetryPolicy.PATIENCE)
              .follow(what, RegistryRequest.get(uri, Map.of("Accept", "*/*")), uri, null);
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          byte[] said = body.readNBytes(MAX_SAID_BYTES);
          throw RegistryFailure.of(what, response.uri(), response.statusCode(), said);
        }
        AtomicLong left = new AtomicLong(bound.bytes());
        Transfers.copy(
            what,
            body,
            out,
            count -> {
              if (left.addAndGet(-count) < 0) {
                throw new ImageException(
                    bound.beyond(),
                    "%s: it has more than %d bytes, %s"
                        .formatted(what, bound.bytes(), bound.why()));
              }
            });
      }
      return response.headers().firstValue("Last-Modified").flatMap(WebFile::time);
    } catch (IOException e) {
      throw RegistryFailure.unreachable(what, uri, e);
    } finally {
      client.shutdownNow();
    }
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
