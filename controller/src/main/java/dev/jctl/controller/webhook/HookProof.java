package dev.jctl.controller.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** How a sender shows that it knows the key. Compared in constant time. Pure. */
sealed interface HookProof {
  /** The HMAC with SHA-256 of the body: GitHub, Gitea, Forgejo and Gogs. */
  @SuppressWarnings("ArrayRecordComponent") // made once, compared once
  record Hmac(byte[] claimed) implements HookProof {}

  /** The key itself: GitLab. */
  record Token(String claimed) implements HookProof {}

  /**
   * @param headers the value of a header, or an empty text
   * @return empty when there is no header of a known form
   */
  static Optional<HookProof> of(UnaryOperator<String> headers) {
    String github = headers.apply("X-Hub-Signature-256");
    if (github.startsWith("sha256=")) {
      return hmac(github.substring("sha256=".length()));
    }
    for (String name : new String[] {"X-Gitea-Signature", "X-Gogs-Signature"}) {
      if (!headers.apply(name).isEmpty()) {
        return hmac(headers.apply(name));
      }
    }
    String gitlab = headers.apply("X-Gitlab-Token");
    return gitlab.isEmpty() ? Optional.empty() : Optional.of(new Token(gitlab));
  }

  private static Optional<HookProof> hmac(String hex) {
    try {
      return Optional.of(new Hmac(HexFormat.of().parseHex(hex.strip())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** {@code hmac}: of the body with the key, as computed here. */
  static boolean holds(HookProof proof, String key, byte[] hmac) {
    return switch (proof) {
      case Hmac h -> MessageDigest.isEqual(h.claimed(), hmac);
      case Token t ->
          MessageDigest.isEqual(
              t.claimed().getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    };
  }
}
