package dev.jctl.images.layer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Whether the names in an entry's raw headers are UTF-8. commons-compress puts {@code ?} where they
 * are not, and two such names may become the same.
 */
final class HeaderNames {
  private static final int BLOCK = 512;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 100;
  private static final int LINK = 157;
  private static final int SIZE = 124;
  private static final int SIZE_LENGTH = 12;
  static final int TYPE = 156;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;

  private HeaderNames() {}

  /**
   * @param headers all blocks before the entry's content, the first at a block border
   */
  static boolean areUtf8(byte[] headers) {
    boolean named = false;
    boolean linked = false;
    int at = 0;
    while (at + BLOCK <= headers.length) {
      int body = at + BLOCK;
      int size = size(headers, at);
      switch (headers[at + TYPE]) {
        // what is not UTF-8 in here is told by its replacement character
        case 'x', 'g' -> {
          named |= contains(headers, body, size, " path=");
          linked |= contains(headers, body, size, " linkpath=");
        }
        case 'L' -> {
          named = true;
          if (!isUtf8(headers, body, size)) {
            return false;
          }
        }
        case 'K' -> {
          linked = true;
          if (!isUtf8(headers, body, size)) {
            return false;
          }
        }
        default -> {
          return (named || isUtf8(headers, at + NAME, NAME_LENGTH))
              && (named || isUtf8(headers, at + PREFIX, PREFIX_LENGTH))
              && (linked || isUtf8(headers, at + LINK, NAME_LENGTH));
        }
      }
      at = body + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    return true;
  }

  static int size(byte[] headers, int at) {
    int rest = headers.length - at - BLOCK;
    int size = 0;
    for (int i = at + SIZE; i < at + SIZE + SIZE_LENGTH; i++) {
      int digit = headers[i] - '0';
      if (digit >= 0 && digit < 8) {
        size = Math.min(rest, size * 8 + digit);
      }
    }
    return size;
  }

  private static boolean contains(byte[] bytes, int from, int length, String text) {
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1).contains(text);
  }

  private static boolean isUtf8(byte[] bytes, int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, end - from));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
