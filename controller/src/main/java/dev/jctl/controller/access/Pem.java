package dev.jctl.controller.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The textual encoding of keys and certificates, RFC 7468. */
final class Pem {
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private Pem() {}

  static String encode(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, LINES.encodeToString(der), label);
  }

  /**
   * The first block of the label.
   *
   * @throws IllegalArgumentException when there is none, or it is no Base64
   */
  static byte[] decode(String label, String text) {
    String begin = "-----BEGIN " + label + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf("-----END " + label + "-----");
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("no " + begin + " in it");
    }
    return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
  }
}
