package dev.jctl.images.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Extended attributes from the raw headers of an entry. commons-compress hands them out as text,
 * which destroys binary values such as {@code security.capability}.
 */
final class PaxXattrs {
  static final String KEY_PREFIX = "SCHILY.xattr.";
  private static final int BLOCK = 512;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_OFFSET = 156;

  private PaxXattrs() {}

  /**
   * @param headers all blocks before the entry's content, the first at a block border
   */
  static Map<String, byte[]> parse(byte[] headers) {
    Map<String, byte[]> attributes = new HashMap<>();
    int at = 0;
    while (at + BLOCK <= headers.length) {
      byte type = headers[at + TYPE_OFFSET];
      if (type != 'x' && type != 'L' && type != 'K' && type != 'g') {
        break;
      }
      int size = size(headers, at);
      int body = at + BLOCK;
      if (type == 'x' && size <= headers.length - body) {
        records(Arrays.copyOfRange(headers, body, body + size), attributes);
      }
      at = body + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    return attributes;
  }

  private static int size(byte[] headers, int at) {
    String octal =
        new String(headers, at + SIZE_OFFSET, SIZE_LENGTH, StandardCharsets.ISO_8859_1)
            .replace('\0', ' ')
            .strip();
    try {
      long size = octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
      return Math.clamp(size, 0, headers.length);
    } catch (NumberFormatException e) {
      return headers.length; // base-256: beyond what is here anyway
    }
  }

  /** Records are {@code "<length> <key>=<value>\n"}; the length counts itself. POSIX pax. */
  private static void records(byte[] body, Map<String, byte[]> attributes) {
    int at = 0;
    while (at < body.length) {
      int space = indexOf(body, ' ', at);
      int end = space < 0 ? -1 : at + decimal(body, at, space);
      int equals = space < 0 ? -1 : indexOf(body, '=', space);
      if (equals < 0 || end <= equals || end > body.length) {
        return; // commons-compress has its own opinion on malformed records
      }
      String key = new String(body, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      if (key.startsWith(KEY_PREFIX)) {
        attributes.put(
            key.substring(KEY_PREFIX.length()), Arrays.copyOfRange(body, equals + 1, end - 1));
      }
      at = end;
    }
  }

  private static int decimal(byte[] body, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = body[i] - '0';
      if (digit < 0 || digit > 9 || value > body.length) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static int indexOf(byte[] bytes, char wanted, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
