package dev.jctl.controller.access;

import java.util.List;
import java.util.Optional;

/** Tokens of one sort. */
@FunctionalInterface
public interface BearerTokens {
  /** Whom and whom for: {@code audiences} are at least one. */
  record Holder(Identity identity, List<String> audiences) {
    public Holder {
      audiences = List.copyOf(audiences);
    }
  }

  /**
   * Whose it is; empty when it is none of these, not valid, or for none of {@code audiences}.
   *
   * @param audiences at least one
   */
  Optional<Holder> holder(String token, List<String> audiences);

  /** Whose it is, when it is for this API. */
  default Optional<Identity> identity(String token) {
    return holder(token, List.of(AccountTokens.ISSUER)).map(Holder::identity);
  }
}
