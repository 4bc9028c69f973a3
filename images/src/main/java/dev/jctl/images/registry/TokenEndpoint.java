package dev.jctl.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.RegistryCredential;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The token service: {@code GET realm?service=…&scope=…} with a password or anonymously, {@code
 * POST realm} with an identity token. distribution spec, token and OAuth 2 authentication.
 */
record TokenEndpoint(RegistryHttp http) {
  private static final int MAX_BYTES = 1 << 20;
  private static final String CLIENT = "jctl";
  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * @throws ImageException UNAUTHORIZED when it gives none
   * @throws IOException when it may be worth another try
   */
  String token(String what, Challenge.Bearer challenge, Optional<RegistryCredential> credential)
      throws IOException {
    RegistryRequest request =
        credential.orElse(null) instanceof RegistryCredential.IdentityToken identity
            ? refresh(challenge, identity)
            : query(challenge);
    String authorization =
        credential.orElse(null) instanceof RegistryCredential.Password password
            ? RegistryAuthorization.basic(password)
            : null;
    return token(what, request, authorization);
  }

  private static RegistryRequest query(Challenge.Bearer challenge) {
    String realm = challenge.realm().toString();
    String parameters = form(parameters(challenge));
    char separator = challenge.realm().getQuery() == null ? '?' : '&';
    URI uri = parameters.isEmpty() ? challenge.realm() : URI.create(realm + separator + parameters);
    return RegistryRequest.get(uri, Map.of());
  }

  private static RegistryRequest refresh(
      Challenge.Bearer challenge, RegistryCredential.IdentityToken identity) {
    List<Map.Entry<String, String>> parameters = new ArrayList<>();
    parameters.add(Map.entry("grant_type", "refresh_token"));
    parameters.add(Map.entry("client_id", CLIENT));
    parameters.add(Map.entry("service", challenge.service()));
    parameters.add(Map.entry("scope", challenge.scope()));
    parameters.add(Map.entry("refresh_token", identity.token()));
    return new RegistryRequest(
        "POST",
        challenge.realm(),
        Map.of("Content-Type", "application/x-www-form-urlencoded"),
        () -> BodyPublishers.ofString(form(parameters)));
  }

  /** Several scopes, with spaces between in the challenge, are as many parameters. */
  private static List<Map.Entry<String, String>> parameters(Challenge.Bearer challenge) {
    List<Map.Entry<String, String>> parameters = new ArrayList<>();
    parameters.add(Map.entry("service", challenge.service()));
    for (String scope : challenge.scope().split(" ", -1)) {
      parameters.add(Map.entry("scope", scope));
    }
    return parameters;
  }

  private static String form(List<Map.Entry<String, String>> parameters) {
    return String.join(
        "&",
        parameters.stream()
            .filter(p -> !p.getValue().isEmpty())
            .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
            .toList());
  }

  private String token(String what, RegistryRequest request, @Nullable String authorization)
      throws IOException {
    HttpResponse<InputStream> response = http.send(what, request, authorization);
    try (InputStream body = response.body()) {
      byte[] content = body.readNBytes(MAX_BYTES);
      if (RetryPolicy.isTransient(response.statusCode())) {
        throw new IOException("token service answered " + response.statusCode());
      }
      if (response.statusCode() != 200) {
        throw refused(what, request.uri(), response.statusCode(), content);
      }
      JsonNode answer = MAPPER.readTree(content);
      String token = answer.path("token").asText(answer.path("access_token").asText(""));
      if (token.isEmpty() || !token.matches("[!-~]+")) {
        throw new ImageException(
            Reason.UNAUTHORIZED, what + ": " + request.uri().getAuthority() + " gave no token");
      }
      return token;
    }
  }

  /**
   * A token service that says 400 to a refresh token means that it is none of its. RFC 6749, 5.2.
   */
  private static ImageException refused(String what, URI uri, int status, byte[] content) {
    ImageException failure = RegistryFailure.of(what + ": token", uri, status, content);
    return status == 400
        ? new ImageException(Reason.UNAUTHORIZED, String.valueOf(failure.getMessage()))
        : failure;
  }
}
