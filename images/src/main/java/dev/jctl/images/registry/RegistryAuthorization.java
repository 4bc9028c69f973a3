package dev.jctl.images.registry;

import dev.jctl.images.RegistryCredential;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Answers challenges with one credential, or with none.
 *
 * @param tokens where tokens are from
 */
record RegistryAuthorization(TokenEndpoint tokens, Optional<RegistryCredential> credential) {
  /** The {@code Authorization} to send before anything was asked for; mostly none. */
  Optional<String> unasked() {
    return credential.orElse(null) instanceof RegistryCredential.RegistryToken bearer
        ? Optional.of("Bearer " + bearer.token())
        : Optional.empty();
  }

  /**
   * The {@code Authorization} that the registry asks for.
   *
   * @param uri of the request that was not let in
   * @param headers all its {@code WWW-Authenticate}
   * @return empty when there is nothing to answer with
   * @throws IOException when a token could not be had this time
   */
  Optional<String> answer(String what, URI uri, List<String> headers) throws IOException {
    for (Challenge challenge :
        headers.stream().flatMap(h -> Challenge.parse(h).stream()).toList()) {
      Optional<String> authorization =
          switch (challenge) {
            case Challenge.Basic basic -> basic();
            case Challenge.Bearer bearer -> bearer(what, uri, bearer);
          };
      if (authorization.isPresent()) {
        return authorization;
      }
    }
    return Optional.empty();
  }

  private Optional<String> basic() {
    return credential.orElse(null) instanceof RegistryCredential.Password password
        ? Optional.of(basic(password))
        : Optional.empty();
  }

  private Optional<String> bearer(String what, URI uri, Challenge.Bearer challenge)
      throws IOException {
    if (credential.orElse(null) instanceof RegistryCredential.RegistryToken) {
      return unasked();
    }
    return RegistryAddress.mayRedirect(uri, challenge.realm())
        ? Optional.of("Bearer " + tokens.token(what, challenge, credential))
        : Optional.empty();
  }

  static String basic(RegistryCredential.Password password) {
    String text = password.username() + ":" + password.password();
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
