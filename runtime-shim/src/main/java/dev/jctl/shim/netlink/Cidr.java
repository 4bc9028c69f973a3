package dev.jctl.shim.netlink;

import dev.jctl.shim.spec.AddressText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address with its subnet's prefix length, {@code 10.90.0.2/24}.
 *
 * @param prefix bits, 0 to 32 or 128
 */
public record Cidr(InetAddress address, int prefix) {
  public Cidr {
    if (prefix < 0 || prefix > address.getAddress().length * 8) {
      throw new IllegalArgumentException(
          "prefix length " + prefix + " does not fit " + address.getHostAddress());
    }
  }

  /**
   * Without a slash the prefix covers the whole address.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
    int bits = address.getAddress().length * 8;
    try {
      return new Cidr(address, slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("no prefix length after the slash: " + text, e);
    }
  }

  public boolean ipv4() {
    return address instanceof Inet4Address;
  }

  /** The same subnet with the host bits cleared. */
  public Cidr network() {
    byte[] bytes = address.getAddress();
    for (int bit = prefix; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
    }
    return new Cidr(of(bytes), prefix);
  }

  /** The n-th address of the subnet; n is below 256, and the subnet has as many. */
  public InetAddress address(int n) {
    byte[] bytes = network().address().getAddress();
    bytes[bytes.length - 1] += (byte) n;
    return of(bytes);
  }

  /** Whether an address can lie in both. */
  public boolean overlaps(Cidr other) {
    if (ipv4() != other.ipv4()) {
      return false;
    }
    int common = Math.min(prefix, other.prefix);
    return new Cidr(address, common).network().equals(new Cidr(other.address, common).network());
  }

  static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length, e);
    }
  }

  /** The usual form; of IPv6 the shortest, RFC 5952 section 4. */
  public static String text(InetAddress address) {
    return AddressText.of(address);
  }

  @Override
  public String toString() {
    return text(address) + "/" + prefix;
  }
}
