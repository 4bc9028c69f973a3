package dev.jctl.images.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A token service as docker-registry wants it: JSON web tokens signed with the key of a certificate
 * that the registry was given. Knows one user, and one refresh token.
 */
final class TokenServer implements AutoCloseable {
  static final String USER = "carol";
  static final String PASSWORD = "hunter2";
  static final String REFRESH_TOKEN = "refresh-hunter2";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpServer server;
  private final Path certificates;
  private final PrivateKey key;
  private final Certificate certificate;

  /** The scopes that tokens were asked for, one after the other. */
  final List<String> scopes = Collections.synchronizedList(new ArrayList<>());

  private TokenServer(
      HttpServer server, Path certificates, PrivateKey key, Certificate certificate) {
    this.server = server;
    this.certificates = certificates;
    this.key = key;
    this.certificate = certificate;
  }

  static TokenServer start(Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    TestKeys keys = TestKeys.make(directory);
    Certificate certificate = keys.certificate();
    Path certificates =
        Files.writeString(
            directory.resolve("certificates.pem"),
            "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    TokenServer tokens = new TokenServer(server, certificates, keys.key(), certificate);
    server.createContext("/token", tokens::answer);
    server.start();
    return tokens;
  }

  /** What docker-registry must be told of it. */
  String registryConfiguration() {
    return "auth: {token: {realm: \"http://127.0.0.1:%d/token\", service: test, issuer: tokens, rootcertbundle: %s}}"
        .formatted(server.getAddress().getPort(), certificates);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean posted = exchange.getRequestMethod().equals("POST");
      String query =
          posted
              ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
              : exchange.getRequestURI().getRawQuery();
      Map<String, List<String>> parameters = parameters(query);
      boolean known =
          posted
              ? parameters.getOrDefault("refresh_token", List.of()).contains(REFRESH_TOKEN)
              : basic().equals(exchange.getRequestHeaders().getFirst("Authorization"));
      String said = known ? token(parameters.getOrDefault("scope", List.of())) : "{}";
      byte[] body = said.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(known ? 200 : posted ? 400 : 401, body.length);
      exchange.getResponseBody().write(body);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static String basic() {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, List<String>> parameters(String query) {
    return Arrays.stream(query.split("&", -1))
        .map(p -> p.split("=", 2))
        .collect(
            Collectors.groupingBy(
                p -> p[0],
                Collectors.mapping(
                    p -> URLDecoder.decode(p[1], StandardCharsets.UTF_8), Collectors.toList())));
  }

  /** The actions are a set (Distribution's token scopes), which the registry lists in any order. */
  private static String inOrder(String scope) {
    int actions = scope.lastIndexOf(':') + 1;
    String[] sorted = scope.substring(actions).split(",", -1);
    Arrays.sort(sorted);
    return scope.substring(0, actions) + String.join(",", sorted);
  }

  private String token(List<String> asked) throws IOException, GeneralSecurityException {
    List<String> scopeList = asked.stream().flatMap(s -> Arrays.stream(s.split(" ", -1))).toList();
    scopeList.stream().map(TokenServer::inOrder).forEach(scopes::add);
    long now = Instant.now().getEpochSecond();
    var header =
        Map.of(
            "typ", "JWT",
            "alg", "RS256",
            "x5c", List.of(Base64.getEncoder().encodeToString(certificate.getEncoded())));
    var claims =
        Map.of(
            "iss",
            "tokens",
            "sub",
            USER,
            "aud",
            "test",
            "exp",
            now + 300,
            "nbf",
            now - 10,
            "iat",
            now,
            "jti",
            UUID.randomUUID().toString(),
            "access",
            scopeList.stream().map(TokenServer::access).toList());
    String signed =
        url(MAPPER.writeValueAsBytes(header)) + "." + url(MAPPER.writeValueAsBytes(claims));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return "{\"token\":\"" + signed + "." + url(signature.sign()) + "\"}";
  }

  private static Map<String, Object> access(String scope) {
    String[] parts = scope.split(":", -1);
    return Map.of("type", parts[0], "name", parts[1], "actions", parts[2].split(",", -1));
  }

  private static String url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
