package dev.jctl.images.trust;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** As much of DER as is needed to take a certificate apart and put it together again. X.690. */
final class Der {
  private Der() {}

  /** What follows tag and length of a value. */
  static byte[] content(byte[] value) {
    return Arrays.copyOfRange(value, contentStart(value, 0), end(value, 0));
  }

  /** The values that a constructed one is made of, with their tags and lengths. */
  static List<byte[]> parts(byte[] value) {
    List<byte[]> parts = new ArrayList<>();
    int end = end(value, 0);
    for (int at = contentStart(value, 0); at < end; at = end(value, at)) {
      parts.add(Arrays.copyOfRange(value, at, end(value, at)));
    }
    return parts;
  }

  static byte[] value(byte tag, List<byte[]> parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    parts.forEach(content::writeBytes);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    writeLength(out, content.size());
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static void writeLength(ByteArrayOutputStream out, int length) {
    if (length < 0x80) {
      out.write(length);
      return;
    }
    int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
    out.write(0x80 | bytes);
    for (int i = bytes - 1; i >= 0; i--) {
      out.write(length >> (8 * i));
    }
  }

  private static int contentStart(byte[] in, int at) {
    int first = byteAt(in, at + 1);
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int end(byte[] in, int at) {
    int length = byteAt(in, at + 1);
    if (length >= 0x80) {
      int bytes = length & 0x7f;
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = length << 8 | byteAt(in, at + 2 + i);
      }
    }
    int end = contentStart(in, at) + length;
    if (length < 0 || end < 0 || end > in.length) {
      throw new IllegalArgumentException("DER value longer than what it is in");
    }
    return end;
  }

  private static int byteAt(byte[] in, int at) {
    if (at >= in.length) {
      throw new IllegalArgumentException("DER value cut off");
    }
    return in[at] & 0xff;
  }
}
