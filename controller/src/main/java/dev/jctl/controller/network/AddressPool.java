package dev.jctl.controller.network;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which address or subnet comes next. Pure. */
public final class AddressPool {
  /** Networks without subnets of their own get a /24 of this. */
  static final Cidr DEFAULT_POOL = Cidr.parse("10.88.0.0/16");

  private static final int DEFAULT_PREFIX = 24;
  private static final int BLOCKS = 1 << (DEFAULT_PREFIX - 16);
  private static final int GATEWAY = 1;
  private static final long MAX_SEARCH = 1 << 16;

  private AddressPool() {}

  public static String gateway(Cidr subnet) {
    return subnet.address(GATEWAY);
  }

  /** The lowest address that may be given out and is not used. */
  public static Optional<String> free(Cidr subnet, Predicate<String> used) {
    for (long n = GATEWAY + 1; n <= lastHost(subnet); n++) {
      String address = subnet.address(n);
      if (!used.test(address)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  // In IPv4 the last address is the broadcast address.
  private static long lastHost(Cidr subnet) {
    BigInteger last = subnet.size().subtract(BigInteger.valueOf(subnet.bits() == 32 ? 2 : 1));
    return last.min(BigInteger.valueOf(MAX_SEARCH)).longValue();
  }

  /**
   * A subnet of the default pool that overlaps none of these. The search begins where the network's
   * uid says, so that two instances that look at the same moment don't find the same.
   */
  public static Optional<Cidr> freeSubnet(List<Cidr> taken, String uid) {
    int first = Math.floorMod(uid.hashCode(), BLOCKS);
    for (int n = 0; n < BLOCKS; n++) {
      Cidr block = DEFAULT_POOL.block((first + n) % BLOCKS, DEFAULT_PREFIX);
      if (taken.stream().noneMatch(block::overlaps)) {
        return Optional.of(block);
      }
    }
    return Optional.empty();
  }

  static List<Cidr> parseAll(List<String> subnets) {
    List<Cidr> parsed = new ArrayList<>();
    subnets.forEach(s -> parsed.add(Cidr.parse(s)));
    return parsed;
  }
}
