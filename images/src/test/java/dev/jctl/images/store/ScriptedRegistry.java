package dev.jctl.images.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.jctl.images.oci.MediaTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * A registry that serves the blobs of an OCI layout, and misbehaves as it is told: each fault
 * answers the next request that its path is part of, once.
 */
final class ScriptedRegistry implements AutoCloseable {
  /** Answers in the place of the registry. */
  @FunctionalInterface
  interface Fault {
    void answer(HttpExchange exchange) throws IOException;
  }

  private record Scripted(String path, Fault fault) {}

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final HttpServer server;
  private final Path blobs;
  private final Queue<Scripted> faults = new ConcurrentLinkedQueue<>();

  /** {@code METHOD path Range Authorization} of each request. */
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /** What a proxy should have kept to itself. */
  final List<String> proxyPasswords = Collections.synchronizedList(new ArrayList<>());

  ScriptedRegistry(Path layout) throws IOException {
    this(layout, HttpServer.create(ANY_PORT, 0));
  }

  private ScriptedRegistry(Path layout, HttpServer server) {
    this.blobs = layout.resolve("blobs/sha256");
    this.server = server;
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  /** With a certificate that nobody trusts. */
  static ScriptedRegistry encrypted(Path layout, SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(ANY_PORT, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new ScriptedRegistry(layout, server);
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  void next(String path, Fault fault) {
    faults.add(new Scripted(path, fault));
  }

  static Fault status(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  static Fault body(byte[] content) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    };
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(
        "%s %s %s %s"
            .formatted(
                exchange.getRequestMethod(),
                path,
                exchange.getRequestHeaders().getFirst("Range"),
                exchange.getRequestHeaders().getFirst("Authorization")));
    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Proxy-Authorization"))
        .ifPresent(proxyPasswords::add);
    try (exchange) {
      Optional<Fault> fault = take(path);
      if (fault.isPresent()) {
        fault.get().answer(exchange);
      } else {
        serve(exchange, path);
      }
    }
  }

  /** Requests come at once: each fault is one request's. */
  private synchronized Optional<Fault> take(String path) {
    Optional<Scripted> next =
        faults.stream().filter(fault -> path.contains(fault.path())).findFirst();
    next.ifPresent(faults::remove);
    return next.map(Scripted::fault);
  }

  private void serve(HttpExchange exchange, String path) throws IOException {
    Path blob = blobs.resolve(path.substring(path.lastIndexOf(':') + 1));
    if (!Files.isRegularFile(blob)) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().add("Content-Type", MediaTypes.OCI_MANIFEST);
    byte[] content = Files.readAllBytes(blob);
    int from = begin(exchange, content.length);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  /** Bytes until nobody takes them any more. */
  static Fault endless() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] block = new byte[1 << 16];
      while (true) {
        exchange.getResponseBody().write(block);
      }
    };
  }

  /** Takes the request, and says nothing until this is let go. */
  static Fault silent(CountDownLatch ended) {
    return exchange -> awaitEnd(ended);
  }

  private static void awaitEnd(CountDownLatch ended) {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Some bytes of a blob, and then nothing until this is let go. */
  Fault stalled(String hex, int bytes, CountDownLatch ended) throws IOException {
    Fault some = cut(hex, bytes);
    return exchange -> {
      some.answer(exchange);
      awaitEnd(ended);
    };
  }

  /** A byte now and then, and never all of them. */
  static Fault dribbling(CountDownLatch ended) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 1 << 20);
      try {
        while (!ended.await(20, TimeUnit.MILLISECONDS)) {
          exchange.getResponseBody().write('.');
          exchange.getResponseBody().flush();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** Serves that blob when as many requests as that are under way. */
  Fault together(String hex, CountDownLatch others) {
    return exchange -> {
      others.countDown();
      awaitEnd(others);
      serve(exchange, hex);
    };
  }

  /** Some bytes, from where it was asked for, and then the connection is cut. */
  Fault cut(String hex, int bytes) throws IOException {
    byte[] content = Files.readAllBytes(blobs.resolve(hex));
    return exchange -> {
      int from = begin(exchange, content.length);
      exchange.getResponseBody().write(content, from, bytes);
      exchange.getResponseBody().flush();
    };
  }

  /** The head of an answer with a blob; from where in the blob its body begins. */
  private static int begin(HttpExchange exchange, int length) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, length - 1, length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, length - from);
    return from;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
