package dev.jctl.shim.netlink;

import java.util.HexFormat;

/** Six bytes as {@code 02:42:0a:5a:00:02}. */
final class MacAddress {
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  private MacAddress() {}

  static byte[] parse(String text) {
    byte[] bytes = COLONS.parseHex(text);
    if (bytes.length != 6) {
      throw new IllegalArgumentException("a MAC address has six bytes: " + text);
    }
    return bytes;
  }

  static String format(byte[] bytes) {
    return COLONS.formatHex(bytes);
  }
}
