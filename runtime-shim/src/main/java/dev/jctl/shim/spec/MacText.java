package dev.jctl.shim.spec;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/** Hardware addresses of interfaces for which none was asked. */
public final class MacText {
  private MacText() {}

  /** Of one with an IPv4 address: locally administered, the last four bytes are the address. */
  public static Optional<String> of(InetAddress address) {
    return address instanceof Inet4Address
        ? Optional.of(ofBytes(address.getAddress()))
        : Optional.empty();
  }

  /**
   * @param tail its last four bytes
   */
  public static String ofBytes(byte[] tail) {
    return String.format("02:42:%02x:%02x:%02x:%02x", tail[0], tail[1], tail[2], tail[3]);
  }
}
