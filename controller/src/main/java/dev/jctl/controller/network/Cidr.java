package dev.jctl.controller.network;

import dev.jctl.shim.spec.AddressText;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * A block of addresses, {@code 10.90.0.0/24} or {@code fd00::/64}.
 *
 * @param base the first address as a number, without the host bits
 * @param bits 32 or 128
 */
public record Cidr(BigInteger base, int prefix, int bits) {
  /** Fails with {@link IllegalArgumentException} saying what is wrong. */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("\"" + text + "\" is not a subnet such as 10.90.0.0/24");
    }
    byte[] address = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
    int bits = address.length * 8;
    int prefix = prefix(text, text.substring(slash + 1), bits);
    BigInteger number = new BigInteger(1, address);
    return new Cidr(number.shiftRight(bits - prefix).shiftLeft(bits - prefix), prefix, bits);
  }

  private static int prefix(String text, String digits, int bits) {
    int prefix = -1;
    if (digits.length() <= 3 && digits.chars().allMatch(Character::isDigit) && !digits.isEmpty()) {
      prefix = Integer.parseInt(digits);
    }
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has no prefix length between 0 and " + bits);
    }
    return prefix;
  }

  /** An address in the form that {@link #address} gives, in which equal ones are equal texts. */
  static String plain(String address) {
    return AddressText.of(InetAddress.ofLiteral(address));
  }

  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(bits - prefix);
  }

  public boolean overlaps(Cidr other) {
    if (bits != other.bits) {
      return false;
    }
    int shift = bits - Math.min(prefix, other.prefix);
    return base.shiftRight(shift).equals(other.base.shiftRight(shift));
  }

  /** Whether this address (without a prefix length) lies in the block. */
  public boolean contains(String address) {
    byte[] bytes = InetAddress.ofLiteral(address).getAddress();
    return bytes.length * 8 == bits
        && new BigInteger(1, bytes)
            .shiftRight(bits - prefix)
            .equals(base.shiftRight(bits - prefix));
  }

  /** The n-th address, without a prefix length. */
  public String address(long n) {
    byte[] number = base.add(BigInteger.valueOf(n)).toByteArray();
    byte[] address = new byte[bits / 8];
    int length = Math.min(number.length, address.length);
    System.arraycopy(number, number.length - length, address, address.length - length, length);
    try {
      return AddressText.of(InetAddress.getByAddress(address));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("address of " + address.length + " bytes", e);
    }
  }

  /** The last address, without a prefix length. */
  public String last() {
    BigInteger last = base.add(size()).subtract(BigInteger.ONE);
    return new Cidr(last, bits, bits).address(0);
  }

  /** What is left without the addresses of another. */
  public List<Cidr> without(Cidr hole) {
    if (!overlaps(hole)) {
      return List.of(this);
    }
    List<Cidr> rest = new ArrayList<>();
    Cidr part = this;
    while (part.prefix < hole.prefix) {
      Cidr lower = part.block(0, part.prefix + 1);
      Cidr upper = part.block(1, part.prefix + 1);
      rest.add(lower.overlaps(hole) ? upper : lower);
      part = lower.overlaps(hole) ? lower : upper;
    }
    return rest;
  }

  /** The n-th block of this prefix length inside. */
  public Cidr block(int n, int blockPrefix) {
    return new Cidr(
        base.add(BigInteger.valueOf(n).shiftLeft(bits - blockPrefix)), blockPrefix, bits);
  }

  @Override
  public String toString() {
    return address(0) + "/" + prefix;
  }
}
