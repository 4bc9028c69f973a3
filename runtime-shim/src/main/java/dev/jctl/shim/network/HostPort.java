package dev.jctl.shim.network;

import java.net.InetAddress;

/**
 * A port of the machine.
 *
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 * @param ip literal; the unspecified address: all of that family
 */
record HostPort(String protocol, String ip, int port) {
  /** Of the same protocol, number and family. */
  boolean conflictsWith(HostPort other) {
    return ip.equals(other.ip) || isAny() || other.isAny();
  }

  private boolean isAny() {
    return InetAddress.ofLiteral(ip).isAnyLocalAddress();
  }

  /** Those of different ones never conflict. */
  String family() {
    return protocol + (ip.indexOf(':') >= 0 ? " 6 " : " 4 ") + port;
  }

  @Override
  public String toString() {
    return protocol + " " + ip + ":" + port;
  }
}
