package dev.jctl.shim.spec;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.StringJoiner;

/** Addresses as RFC 5952 writes them, so that equal ones are equal texts: {@code fd00::2}. */
public final class AddressText {
  private AddressText() {}

  public static String of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    ByteBuffer words = ByteBuffer.wrap(bytes);
    int from = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int zeros = zeros(words, i);
      if (zeros > length) {
        from = i;
        length = zeros;
      }
    }
    return from < 0
        ? words(words, 0, 8)
        : words(words, 0, from) + "::" + words(words, from + length, 8);
  }

  private static int zeros(ByteBuffer words, int from) {
    int end = from;
    while (end < 8 && words.getShort(end * 2) == 0) {
      end++;
    }
    return end - from;
  }

  private static String words(ByteBuffer words, int from, int to) {
    StringJoiner text = new StringJoiner(":");
    for (int i = from; i < to; i++) {
      text.add(Integer.toHexString(Short.toUnsignedInt(words.getShort(i * 2))));
    }
    return text.toString();
  }
}
