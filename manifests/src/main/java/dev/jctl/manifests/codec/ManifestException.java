package dev.jctl.manifests.codec;

import java.io.Serial;
import java.util.List;

/**
 * All that is wrong with a manifest text, one line an error: {@code file:line:column: path:
 * message}.
 */
public final class ManifestException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
  private final List<String> errors;

  public ManifestException(List<String> errors) {
    super(String.join("\n", errors));
    this.errors = List.copyOf(errors);
  }

  public List<String> errors() {
    return errors;
  }
}
