package dev.jctl.images;

/** How to prove to a registry who asks. What is secret in it is never printed. */
public sealed interface RegistryCredential {
  /** Where it is from, for messages: {@code Secret regcred}, {@code /root/.docker/config.json}. */
  String origin();

  /** A user's name and password, or a token in the place of one. */
  record Password(String origin, String username, String password) implements RegistryCredential {
    @Override
    public String toString() {
      return "password of " + origin;
    }
  }

  /** What a token service gave for a password: an OAuth 2 refresh token. */
  record IdentityToken(String origin, String token) implements RegistryCredential {
    @Override
    public String toString() {
      return "identity token of " + origin;
    }
  }

  /** A bearer token that the registry itself takes. */
  record RegistryToken(String origin, String token) implements RegistryCredential {
    @Override
    public String toString() {
      return "registry token of " + origin;
    }
  }
}
