package dev.jctl.controller.network;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Which address or subnet comes next. Pure. */
public final class AddressPool {
  /** What subnets of one size are taken from. */
  record Pool(Cidr addresses, int prefix) {
    int blocks() {
      return 1 << (prefix - addresses.prefix());
    }

    Cidr block(int n) {
      return addresses.block(n % blocks(), prefix);
    }

    @Override
    public String toString() {
      return "/" + prefix + " of " + addresses;
    }
  }

  /**
   * What networks without subnets of their own get theirs of, the first that has one free. None of
   * what podman, Docker or Kubernetes' distributions take unless told otherwise; several, as the
   * machine may have a route to all of 10.0.0.0/8.
   */
  static final List<Pool> DEFAULT_POOLS =
      List.of(
          new Pool(Cidr.parse("10.64.0.0/12"), 20),
          new Pool(Cidr.parse("172.24.0.0/14"), 20),
          new Pool(Cidr.parse("192.168.128.0/17"), 24));

  /** Unless another is asked for. */
  private static final int GATEWAY = 1;

  private static final long MAX_SEARCH = 1 << 16;

  /** More than two are not expected. */
  private static final int MAX_ATTEMPTS = 16;

  private AddressPool() {}

  public static String gateway(Cidr subnet) {
    return subnet.address(GATEWAY);
  }

  /** The place of the lowest address from {@code first} on that may be had and is not used. */
  static OptionalLong free(Cidr subnet, long first, Predicate<String> used) {
    return LongStream.rangeClosed(first, lastHost(subnet))
        .filter(n -> !used.test(subnet.address(n)))
        .findFirst();
  }

  /** The first is the network's own, and in IPv4 the last that of all. */
  static boolean reserved(Cidr subnet, List<String> gateways, String address) {
    boolean broadcast = subnet.bits() == 32 && subnet.last().equals(address);
    return broadcast || address.equals(subnet.address(0)) || gateways.contains(address);
  }

  // In IPv4 the last address is the broadcast address.
  private static long lastHost(Cidr subnet) {
    BigInteger last = subnet.size().subtract(BigInteger.valueOf(subnet.bits() == 32 ? 2 : 1));
    return last.min(BigInteger.valueOf(MAX_SEARCH)).longValue();
  }

  /**
   * A subnet that overlaps none of these. The search begins where the network's uid says, so that
   * two instances that look at the same moment don't find the same.
   *
   * @param bits of its addresses, 32 or 128
   */
  static Optional<Cidr> free(int bits, List<Cidr> taken, String uid) {
    return bits == 32 ? freeSubnet(taken, uid) : freeLocal(taken, uid);
  }

  /** Of IPv6 for local use, whose prefixes are to be random (RFC 4193, section 3.2). */
  private static Optional<Cidr> freeLocal(List<Cidr> taken, String uid) {
    return IntStream.range(0, MAX_ATTEMPTS)
        .mapToObj(n -> local(uid + "/" + n))
        .filter(block -> taken.stream().noneMatch(block::overlaps))
        .findFirst();
  }

  /** {@code fd}, then 56 bits that the seed decides. */
  private static Cidr local(String seed) {
    long random =
        UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits();
    byte[] network = ByteBuffer.allocate(8).putLong(0xFDL << 56 | random >>> 8).array();
    return new Cidr(new BigInteger(1, network).shiftLeft(64), 64, 128);
  }

  /** A subnet of the default pools. */
  public static Optional<Cidr> freeSubnet(List<Cidr> taken, String uid) {
    return DEFAULT_POOLS.stream().flatMap(pool -> free(pool, taken, uid).stream()).findFirst();
  }

  private static Optional<Cidr> free(Pool pool, List<Cidr> taken, String uid) {
    int first = Math.floorMod(uid.hashCode(), pool.blocks());
    return IntStream.range(first, first + pool.blocks())
        .mapToObj(pool::block)
        .filter(block -> taken.stream().noneMatch(block::overlaps))
        .findFirst();
  }

  static List<Cidr> parseAll(List<String> subnets) {
    List<Cidr> parsed = new ArrayList<>();
    subnets.forEach(s -> parsed.add(Cidr.parse(s)));
    return parsed;
  }
}
