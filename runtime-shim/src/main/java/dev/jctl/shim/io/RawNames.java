package dev.jctl.shim.io;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The bytes of names on disk as UTF-8, whatever locale the JVM was started in. {@link
 * Path#toString} loses what the locale does not have; a URI escapes it.
 */
public final class RawNames {
  private RawNames() {}

  /** Empty when the bytes are no UTF-8. */
  public static Optional<String> of(Path name) {
    String text = name.toString();
    if (text.chars().allMatch(c -> c < 0x80)) {
      return Optional.of(text);
    }
    String raw = Path.of("/").resolve(name).toUri().getRawPath();
    String trimmed = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    return decoded(trimmed.substring(trimmed.lastIndexOf('/') + 1));
  }

  /** Of a path with several names, such as a symbolic link's target. */
  public static Optional<String> ofAll(Path path) {
    StringBuilder whole = new StringBuilder(path.isAbsolute() ? "/" : "");
    for (Path name : path) {
      Optional<String> decoded = of(name);
      if (decoded.isEmpty()) {
        return Optional.empty();
      }
      whole.append(whole.isEmpty() || whole.charAt(whole.length() - 1) == '/' ? "" : "/");
      whole.append(decoded.get());
    }
    return Optional.of(whole.toString());
  }

  private static Optional<String> decoded(String escaped) {
    ByteBuffer bytes = ByteBuffer.allocate(escaped.length());
    int i = 0;
    while (i < escaped.length()) {
      boolean escape = escaped.charAt(i) == '%';
      bytes.put((byte) (escape ? Integer.parseInt(escaped, i + 1, i + 3, 16) : escaped.charAt(i)));
      i += escape ? 3 : 1;
    }
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
