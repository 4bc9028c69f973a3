package dev.jctl.manifests.schema;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A subnet such as {@code 10.90.0.0/24}, perhaps with host bits set.
 *
 * @param bits of an address: 32 or 128
 */
record Cidr(BigInteger address, int bits, int prefixLength) {
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
      return Optional.empty();
    }
    int length = Integer.parseInt(text.substring(slash + 1));
    return address(text.substring(0, slash))
        .filter(a -> length <= a.length * 8)
        .map(a -> new Cidr(new BigInteger(1, a), a.length * 8, length));
  }

  /** An address as written, without asking a name server. */
  static Optional<byte[]> address(String text) {
    boolean six = text.indexOf(':') >= 0;
    if (!(six ? IPV6 : IPV4).matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text).getAddress());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  int hostBits() {
    return bits - prefixLength;
  }

  boolean hasHostBits() {
    return address.signum() != 0 && address.getLowestSetBit() < hostBits();
  }

  /** With the host bits cleared, in the usual form. */
  String network() {
    BigInteger clear = address.shiftRight(hostBits()).shiftLeft(hostBits());
    byte[] bytes = new byte[bits / 8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = clear.shiftRight(bits - 8 * (i + 1)).byteValue();
    }
    try {
      return InetAddress.getByAddress(bytes).getHostAddress() + "/" + prefixLength;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("address of " + bytes.length + " bytes", e);
    }
  }

  /** Whether all of the other is in it. */
  boolean holds(Cidr other) {
    return other.prefixLength >= prefixLength && overlaps(other);
  }

  boolean overlaps(Cidr other) {
    int shared = Math.max(hostBits(), other.hostBits());
    return bits == other.bits
        && address.shiftRight(shared).equals(other.address.shiftRight(shared));
  }
}
