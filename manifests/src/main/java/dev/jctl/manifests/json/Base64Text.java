package dev.jctl.manifests.json;

import java.util.Base64;
import java.util.Optional;

/** Bytes in JSON, as Kubernetes' clients write them: base64, in which line breaks do not count. */
public final class Base64Text {
  private Base64Text() {}

  /** Empty when it is not base64. */
  public static Optional<byte[]> decode(String text) {
    try {
      return Optional.of(Base64.getDecoder().decode(text.replace("\n", "").replace("\r", "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
