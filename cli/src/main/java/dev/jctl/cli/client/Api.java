package dev.jctl.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The controller's API. Every request made here is idempotent (apply, not create), so one whose
 * connection broke is sent again for as long as {@link Patience} lasts: a controller that is killed
 * and comes back is not an error. Refusals are {@link StatusException}, silence is {@link
 * UnreachableException}. For one thread; {@link #another} makes one for the next.
 */
public final class Api implements AutoCloseable {
  private static final Duration RETRY_PAUSE = Duration.ofMillis(50);
  private static final String JSON = "application/json";
  private static final String MERGE_PATCH = "application/merge-patch+json";

  private final Path socket;
  private final Patience patience;
  private @Nullable HttpConnection connection;

  public Api(Path socket, Patience patience) {
    this.socket = socket;
    this.patience = patience;
  }

  public Api another() {
    return new Api(socket, patience);
  }

  public JsonNode get(Target target) {
    return call("GET", target, null);
  }

  /** Removes it, or marks it. Gone already after a broken connection: as if removed now. */
  public JsonNode delete(Target target, JsonNode options) {
    return call("DELETE", target, options);
  }

  public JsonNode post(Target target, JsonNode body) {
    return call("POST", target, body);
  }

  /** Replaces it. */
  public JsonNode put(Target target, JsonNode object) {
    return call("PUT", target, object);
  }

  /** A JSON merge patch (RFC 7386). */
  public JsonNode patch(Target target, JsonNode change) {
    return call("PATCH", target, change);
  }

  /** Text that goes on, such as a log. Closing it ends the request. */
  public InputStream stream(Target target) {
    return stream("GET", target, null);
  }

  /** The answer to something that takes its time. */
  public InputStream streamPost(Target target, JsonNode body) {
    return stream("POST", target, body);
  }

  /** Whether it is there, of which nothing is read. */
  public boolean has(Target target) {
    try (HttpConnection own = connect()) {
      return own.send(request("HEAD", target, null)).status() < 300;
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /** Sends a file as it is, once. */
  public void upload(Target target, Path file) {
    Map<String, String> headers = Map.of("Content-Type", "application/octet-stream");
    try (HttpConnection own = connect();
        FileChannel content = FileChannel.open(file)) {
      refuseErrors(
          own.send(new HttpConnection.Request("POST", target.toString(), headers, null), content));
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private InputStream stream(String method, Target target, @Nullable JsonNode body) {
    HttpConnection own = connect();
    try {
      HttpConnection.Response response = own.send(request(method, target, body));
      refuseErrors(response);
      return new OwnedStream(response.body(), own);
    } catch (IOException e) {
      own.close();
      throw unreachable(e);
    } catch (StatusException e) {
      own.close();
      throw e;
    }
  }

  /** All objects of a collection, page by page, as one list with the first page's revision. */
  public Listing list(Target target) {
    Listing listing = Listing.empty();
    String next = "";
    do {
      JsonNode page = get(target.with("limit", "500").withOptional("continue", next));
      listing = listing.and(page);
      next = page.path("metadata").path("continue").asText("");
    } while (!next.isEmpty());
    return listing;
  }

  /** Changes after {@code revision}, until it is closed or the server ends it. */
  public WatchStream watch(Target target, String revision) {
    Target watch =
        target
            .with("watch", "true")
            .with("allowWatchBookmarks", "true")
            .with("resourceVersion", revision);
    return new WatchStream(stream(watch));
  }

  /** RFC 6455 handshake with {@code v5.channel.k8s.io}. */
  public WebSocket webSocket(Target target) {
    HttpConnection own = connect();
    try {
      byte[] key = new byte[16];
      RandomGenerator.getDefault().nextBytes(key);
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Connection", "Upgrade");
      headers.put("Upgrade", "websocket");
      headers.put("Sec-WebSocket-Version", "13");
      headers.put("Sec-WebSocket-Key", Base64.getEncoder().encodeToString(key));
      headers.put("Sec-WebSocket-Protocol", "v5.channel.k8s.io");
      HttpConnection.Response response =
          own.send(new HttpConnection.Request("GET", target.toString(), headers, null));
      refuseErrors(response);
      if (response.status() != 101) {
        throw new IOException("the server answered " + response.status() + " to an upgrade");
      }
      return new WebSocket(own.input(), own.output(), own);
    } catch (IOException e) {
      own.close();
      throw unreachable(e);
    } catch (StatusException e) {
      own.close();
      throw e;
    }
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  private JsonNode call(String method, Target target, @Nullable JsonNode body) {
    long started = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      boolean wasOpen = connection != null;
      try {
        return once(method, target, body);
      } catch (IOException e) {
        close();
        // a server may close an idle connection at any time: that alone says nothing
        if (!wasOpen) {
          pauseOrGiveUp(started, e);
        }
      } catch (StatusException e) {
        if (e.code() != 503) {
          return goneMeanwhile(method, attempt, e);
        }
        pauseOrGiveUp(started, new IOException(e.getMessage()));
      }
    }
  }

  private static JsonNode goneMeanwhile(String method, int attempt, StatusException e) {
    if (method.equals("DELETE") && attempt > 1 && e.isNotFound()) {
      return Json.object();
    }
    throw e;
  }

  private JsonNode once(String method, Target target, @Nullable JsonNode body) throws IOException {
    HttpConnection c = connection;
    if (c == null || !c.isReusable()) {
      c = HttpConnection.open(socket);
      connection = c;
    }
    HttpConnection.Response response = c.send(request(method, target, body));
    refuseErrors(response);
    return Json.read(response.body().readAllBytes());
  }

  private HttpConnection connect() {
    long started = System.nanoTime();
    while (true) {
      try {
        return HttpConnection.open(socket);
      } catch (IOException e) {
        pauseOrGiveUp(started, e);
      }
    }
  }

  private static HttpConnection.Request request(
      String method, Target target, @Nullable JsonNode body) {
    String type = method.equals("PATCH") ? MERGE_PATCH : JSON;
    Map<String, String> headers =
        body == null ? Map.of("Accept", JSON) : Map.of("Accept", JSON, "Content-Type", type);
    return new HttpConnection.Request(method, target.toString(), headers, body);
  }

  private static void refuseErrors(HttpConnection.Response response) throws IOException {
    if (response.status() < 400) {
      return;
    }
    byte[] text = response.body().readAllBytes();
    JsonNode status;
    try {
      status = Json.read(text);
    } catch (IOException e) {
      status = Json.object(); // not of our server's making; its code says enough
    }
    throw StatusException.of(response.status(), status);
  }

  private void pauseOrGiveUp(long startedNanos, IOException why) {
    Duration waited = Duration.ofNanos(System.nanoTime() - startedNanos);
    if (!patience.lasts(waited)) {
      throw unreachable(why);
    }
    try {
      Thread.sleep(RETRY_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(why);
    }
  }

  private UnreachableException unreachable(IOException why) {
    return new UnreachableException(
        "cannot reach the controller at " + socket + ": " + why.getMessage(), why);
  }

  /** The objects' kind, for paths of single ones. */
  public static Target objectTarget(ResourceKind kind, JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return Target.of(kind, metadata.path("namespace").asText(""), metadata.path("name").asText(""));
  }

  private static final class OwnedStream extends java.io.FilterInputStream {
    private final HttpConnection owner;

    OwnedStream(InputStream body, HttpConnection owner) {
      super(body);
      this.owner = owner;
    }

    @Override
    public void close() {
      owner.close();
    }
  }
}
