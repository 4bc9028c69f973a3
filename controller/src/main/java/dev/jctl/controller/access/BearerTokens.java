package dev.jctl.controller.access;

import java.util.Optional;

/** Tokens of one sort. */
@FunctionalInterface
public interface BearerTokens {
  /** Whose it is; empty when it is none of these, or not valid. */
  Optional<Identity> identity(String token);
}
