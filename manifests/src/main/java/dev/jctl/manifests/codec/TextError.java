package dev.jctl.manifests.codec;

import dev.jctl.manifests.codec.ManifestDocument.Position;
import java.io.Serial;

/** Text that is no tree; stops the reading of the text. */
final class TextError extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
  private final transient Position position;

  TextError(Position position, String message) {
    super(message);
    this.position = position;
  }

  Position position() {
    return position;
  }
}
