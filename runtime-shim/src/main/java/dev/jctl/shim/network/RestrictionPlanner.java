package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset.Box;
import dev.jctl.shim.nftables.Ruleset.Restricted;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.Restriction.Allowed;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pure: what a sandbox may, as elements of interval sets. The kernel refuses elements that overlap,
 * so the allowed ranges are cut where any of them begins or ends, and joined again where the same
 * is allowed.
 */
final class RestrictionPlanner {
  private RestrictionPlanner() {}

  /** Its addresses on networks that are not there are left out. */
  static List<Restricted> rules(Restriction restriction, Collection<WantedBridge> bridges) {
    String what = "restrict sandbox " + restriction.id();
    List<Restricted> rules = new ArrayList<>();
    for (String ip : restriction.addresses()) {
      Cidr address = parse(ip, what);
      bridges.stream()
          .filter(b -> b.subnets().stream().anyMatch(subnet -> subnet.overlaps(address)))
          .findFirst()
          .ifPresent(
              bridge ->
                  rules.add(
                      new Restricted(
                          Cidr.text(address.address()),
                          bridge.mac(),
                          boxes(restriction.ingress(), address, what),
                          boxes(restriction.egress(), address, what))));
    }
    return rules;
  }

  private static Cidr parse(String ip, String what) {
    try {
      return Cidr.parse(ip);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Reason.INVALID, what + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable List<Box> boxes(
      @Nullable List<Allowed> allowed, Cidr address, String what) {
    return allowed == null
        ? null
        : disjoint(
            allowed.stream().filter(a -> parse(a.first(), what).ipv4() == address.ipv4()).toList(),
            address.ipv4() ? 4 : 16);
  }

  /** All of one family, whose addresses have that many bytes. */
  static List<Box> disjoint(List<Allowed> allowed, int bytes) {
    TreeSet<BigInteger> cuts = new TreeSet<>();
    for (Allowed each : allowed) {
      cuts.add(number(each.first()));
      cuts.add(number(each.last()).add(BigInteger.ONE));
    }
    List<Stretch> stretches = new ArrayList<>();
    for (BigInteger from : cuts) {
      Optional.ofNullable(cuts.higher(from))
          .ifPresent(
              to ->
                  join(
                      stretches,
                      new Stretch(from, to.subtract(BigInteger.ONE), at(allowed, from))));
    }
    return stretches.stream().flatMap(s -> s.boxes(bytes).stream()).toList();
  }

  private static void join(List<Stretch> stretches, Stretch next) {
    if (!stretches.isEmpty() && stretches.getLast().isFollowedBy(next)) {
      next = new Stretch(stretches.removeLast().first(), next.last(), next.ports());
    }
    stretches.add(next);
  }

  /** Ranges of ports by protocol; all of them by "". */
  private static Map<String, List<int[]>> at(List<Allowed> allowed, BigInteger address) {
    Map<String, TreeMap<Integer, Integer>> ranges = new TreeMap<>();
    for (Allowed each : allowed) {
      if (number(each.first()).compareTo(address) <= 0
          && number(each.last()).compareTo(address) >= 0) {
        String protocol = each.protocol() == null ? "" : each.protocol().toLowerCase(Locale.ROOT);
        ranges
            .computeIfAbsent(protocol, p -> new TreeMap<>())
            .merge(each.firstPort(), each.lastPort(), Math::max);
      }
    }
    if (ranges.containsKey("")) {
      return Map.of("", List.of());
    }
    Map<String, List<int[]>> joined = new TreeMap<>();
    ranges.forEach((protocol, ports) -> joined.put(protocol, joined(ports)));
    return joined;
  }

  private static List<int[]> joined(SortedMap<Integer, Integer> ranges) {
    List<int[]> joined = new ArrayList<>();
    ranges.forEach(
        (first, last) -> {
          if (!joined.isEmpty() && first <= joined.getLast()[1] + 1) {
            joined.getLast()[1] = Math.max(joined.getLast()[1], last);
          } else {
            joined.add(new int[] {first, last});
          }
        });
    return joined;
  }

  private static BigInteger number(String ip) {
    return new BigInteger(1, InetAddress.ofLiteral(ip).getAddress());
  }

  /** Addresses with which the same is allowed. */
  private record Stretch(BigInteger first, BigInteger last, Map<String, List<int[]>> ports) {
    boolean isFollowedBy(Stretch next) {
      return last.add(BigInteger.ONE).equals(next.first) && text().equals(next.text());
    }

    private String text() {
      StringBuilder text = new StringBuilder();
      ports.forEach(
          (protocol, ranges) -> {
            text.append(protocol).append(' ');
            ranges.forEach(range -> text.append(range(range)).append(','));
          });
      return text.toString();
    }

    List<Box> boxes(int bytes) {
      String addresses = addresses(bytes);
      List<Box> boxes = new ArrayList<>();
      ports.forEach(
          (protocol, ranges) -> {
            if (protocol.isEmpty()) {
              boxes.add(new Box(addresses, null, ""));
            }
            ranges.forEach(range -> boxes.add(new Box(addresses, protocol, range(range))));
          });
      return boxes;
    }

    private static String range(int[] range) {
      return range[0] == range[1] ? String.valueOf(range[0]) : range[0] + "-" + range[1];
    }

    /** As nft lists it: a block where it is one. */
    private String addresses(int bytes) {
      BigInteger size = last.subtract(first).add(BigInteger.ONE);
      String from = Cidr.text(address(first, bytes));
      int hostBits = size.bitLength() - 1;
      boolean aligned =
          size.bitCount() == 1 && (first.signum() == 0 || first.getLowestSetBit() >= hostBits);
      if (!aligned) {
        return from + "-" + Cidr.text(address(last, bytes));
      }
      return hostBits == 0 ? from : from + "/" + (bytes * 8 - hostBits);
    }

    private static InetAddress address(BigInteger number, int bytes) {
      byte[] address = new byte[bytes];
      for (int i = 0; i < bytes; i++) {
        address[bytes - 1 - i] = number.shiftRight(8 * i).byteValue();
      }
      try {
        return InetAddress.getByAddress(address);
      } catch (UnknownHostException e) {
        throw new IllegalStateException("an address of " + bytes + " bytes", e);
      }
    }
  }
}
