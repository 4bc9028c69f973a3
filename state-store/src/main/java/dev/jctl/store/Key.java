package dev.jctl.store;

/**
 * A key or a prefix of keys; ordered by its UTF-8 bytes. May not hold the NUL character.
 *
 * @param text {@code /registry/pods/default/web}
 */
public record Key(String text) implements Comparable<Key> {
  public Key {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("key holds NUL: " + text.replace('\0', '?'));
    }
  }

  public static Key of(String text) {
    return new Key(text);
  }

  @Override
  public int compareTo(Key other) {
    return java.util.Arrays.compareUnsigned(
        text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        other.text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
