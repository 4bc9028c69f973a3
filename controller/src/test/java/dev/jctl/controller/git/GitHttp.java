package dev.jctl.controller.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** git's smart HTTP on loopback, as a web server runs git-http-backend(1). */
final class GitHttp implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Path root;
  private final String authorization;

  /** {@code authorization}: what the header must be; empty: anybody may. */
  GitHttp(Path root, String authorization) throws IOException {
    this.root = root;
    this.authorization = authorization;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  static String basic(String user, String password) {
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  String url(String repository) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + repository;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (!authorization.isEmpty() && !authorization.equals(given)) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      answer(exchange, backend(exchange));
    }
  }

  private byte[] backend(HttpExchange exchange) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = builder.environment();
    environment.put("GIT_PROJECT_ROOT", root.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    environment.put("PATH_INFO", exchange.getRequestURI().getPath());
    environment.put("QUERY_STRING", String.valueOf(exchange.getRequestURI().getQuery()));
    environment.put("CONTENT_TYPE", header(exchange, "Content-Type"));
    environment.put("HTTP_CONTENT_ENCODING", header(exchange, "Content-Encoding"));
    environment.put("GIT_PROTOCOL", header(exchange, "Git-Protocol"));
    Process git = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (OutputStream in = git.getOutputStream()) {
      exchange.getRequestBody().transferTo(in);
    }
    try (InputStream out = git.getInputStream()) {
      return out.readAllBytes();
    }
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** RFC 3875, section 6. */
  private static void answer(HttpExchange exchange, byte[] cgi) throws IOException {
    String all = new String(cgi, StandardCharsets.ISO_8859_1);
    int body = all.indexOf("\r\n\r\n") + 4;
    int status = 200;
    BufferedReader head = new BufferedReader(new StringReader(all.substring(0, body)));
    for (String line = head.readLine(); line != null && !line.isEmpty(); line = head.readLine()) {
      int colon = line.indexOf(':');
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(line.substring(colon + 1).strip().substring(0, 3));
      } else {
        exchange
            .getResponseHeaders()
            .add(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    exchange.sendResponseHeaders(status, cgi.length == body ? -1 : cgi.length - body);
    exchange.getResponseBody().write(cgi, body, cgi.length - body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
