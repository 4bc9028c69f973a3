package dev.jctl.images.layer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The names of files as they are on disk. {@link Path#toString} depends on the locale that the JVM
 * was started in and loses what is not in it; a URI has the bytes.
 */
final class FileNames {
  private FileNames() {}

  /**
   * @return empty when the bytes are no UTF-8
   */
  static Optional<String> of(Path name) {
    String text = name.toString();
    return text.chars().allMatch(c -> c < 0x80) ? Optional.of(text) : decode(rawName(name));
  }

  /** Of a path with several names, as the target of a symbolic link is. */
  static Optional<String> ofAll(Path path) {
    List<String> names = new ArrayList<>();
    for (Path name : path) {
      Optional<String> decoded = of(name);
      if (decoded.isEmpty()) {
        return Optional.empty();
      }
      names.add(decoded.get());
    }
    return Optional.of((path.isAbsolute() ? "/" : "") + String.join("/", names));
  }

  private static String rawName(Path name) {
    String raw = name.toUri().getRawPath();
    String trimmed = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  private static Optional<String> decode(String escaped) {
    ByteBuffer bytes = ByteBuffer.allocate(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%') {
        bytes.put((byte) Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.put((byte) c);
      }
    }
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
