package dev.jctl.controller.sops;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/** BIP 173, as age writes its keys: without its bound on the length. */
final class Bech32 {
  private static final String LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };
  private static final int CHECKSUM = 6;

  private Bech32() {}

  /**
   * What is encoded.
   *
   * @param prefix in lower case
   * @throws IllegalArgumentException when it is not such a text
   */
  static byte[] decode(String prefix, String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.startsWith(prefix + "1")
        || (!text.equals(lower) && !text.equals(text.toUpperCase(Locale.ROOT)))) {
      throw new IllegalArgumentException("expected " + prefix + "1…");
    }
    int[] values = lower.substring(prefix.length() + 1).chars().map(LETTERS::indexOf).toArray();
    int check = 1;
    for (int c : prefix.chars().toArray()) {
      check = step(check, c >> 5);
    }
    check = step(check, 0);
    for (int c : prefix.chars().toArray()) {
      check = step(check, c & 31);
    }
    for (int value : values) {
      if (value < 0) {
        throw new IllegalArgumentException("there is a letter in it that is none of Bech32's");
      }
      check = step(check, value);
    }
    if (check != 1 || values.length < CHECKSUM) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    return bytes(values);
  }

  private static int step(int check, int value) {
    int top = check >>> 25;
    int next = (check & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < GENERATOR.length; i++) {
      next ^= (top >>> i & 1) == 1 ? GENERATOR[i] : 0;
    }
    return next;
  }

  private static byte[] bytes(int[] values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int bits = 0;
    int buffer = 0;
    for (int i = 0; i < values.length - CHECKSUM; i++) {
      buffer = buffer << 5 | values[i];
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.write(buffer >>> bits);
        buffer &= (1 << bits) - 1;
      }
    }
    return bytes.toByteArray();
  }
}
