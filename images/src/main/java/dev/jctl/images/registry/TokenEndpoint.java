package dev.jctl.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;

/** The token service: {@code GET realm?service=…&scope=…}, anonymously. */
record TokenEndpoint(RegistryHttp http) {
  private static final int MAX_BYTES = 1 << 20;
  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * @throws ImageException UNAUTHORIZED when it gives none
   * @throws IOException when it may be worth another try
   */
  String token(String what, BearerChallenge challenge) throws IOException {
    URI uri = challenge.tokenRequest();
    HttpResponse<InputStream> response = http.send(what, uri, null, Map.of());
    try (InputStream body = response.body()) {
      byte[] content = body.readNBytes(MAX_BYTES);
      if (RetryPolicy.isTransient(response.statusCode())) {
        throw new IOException("token service answered " + response.statusCode());
      }
      if (response.statusCode() != 200) {
        throw RegistryFailure.of(what + ": token", uri, response.statusCode(), content);
      }
      JsonNode answer = MAPPER.readTree(content);
      String token = answer.path("token").asText(answer.path("access_token").asText(""));
      if (token.isEmpty() || !token.matches("[!-~]+")) {
        throw new ImageException(
            Reason.UNAUTHORIZED, what + ": " + uri.getAuthority() + " gave no token");
      }
      return token;
    }
  }
}
