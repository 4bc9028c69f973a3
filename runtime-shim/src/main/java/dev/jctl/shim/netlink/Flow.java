package dev.jctl.shim.netlink;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * One that the kernel keeps track of, so that all of it goes the way of its first packet.
 *
 * @param asked where that was sent
 * @param answering who answers: another where the address was translated
 * @param tuple the kernel's own words for where it comes from and goes to
 */
public record Flow(InetSocketAddress asked, InetSocketAddress answering, ByteBuffer tuple) {
  public Flow {
    tuple = tuple.asReadOnlyBuffer();
  }

  public boolean isTranslated() {
    return !asked.equals(answering);
  }

  boolean ipv4() {
    InetAddress address = asked.getAddress();
    return address.getAddress().length == 4;
  }
}
