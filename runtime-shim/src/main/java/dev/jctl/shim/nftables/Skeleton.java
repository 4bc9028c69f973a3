package dev.jctl.shim.nftables;

import java.util.ArrayList;
import java.util.List;

/** The sets, chains and rules that are the same in every instance. */
final class Skeleton {
  /** {@code kind}: set or map. */
  record NamedSet(Family family, String name, String kind, String type, String flags) {
    String declaration() {
      return "  " + kind + " " + name + " { type " + type + ";" + flags + " }\n";
    }
  }

  /**
   * @param hook empty for one that others jump to
   */
  record Chain(Family family, String name, String hook) {}

  private static final String INTERVAL = " flags interval;";
  private static final List<String> FAMILIES = List.of("4", "6");
  private static final List<String> DIRECTIONS = List.of("in", "out");

  /** What no router of the Internet passes on. */
  private static final String PRIVATE4 =
      "{ 10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16 }";

  private static final String PRIVATE6 = "{ fc00::/7, fe80::/10 }";

  /** The resolver is a neighbour, and names are known to everybody. */
  private static final String RESOLVER4 = "169.254.53.53";

  private static final String RESOLVER6 = "fd6a:6374:6c35::53";

  /** Of each bridge that has one of IPv6. */
  static final String GATEWAYS6 = "gateways6";

  /**
   * Ports of the machine that lead elsewhere.
   *
   * @param condition beside what {@code key} looks at
   * @param action with the map
   */
  private record Opening(String map, String type, String key, String condition, String action) {}

  private static final List<Opening> OPENINGS =
      List.of(
          new Opening(
              "dnat4",
              "inet_proto . ipv4_addr . inet_service",
              "meta l4proto . ip daddr . th dport",
              "",
              "dnat ip to meta l4proto . ip daddr . th dport map @dnat4"),
          new Opening(
              "any4",
              "inet_proto . inet_service",
              "meta l4proto . th dport",
              "fib daddr type local meta nfproto ipv4 ",
              "dnat ip to meta l4proto . th dport map @any4"),
          new Opening(
              "dnat6",
              "inet_proto . ipv6_addr . inet_service",
              "meta l4proto . ip6 daddr . th dport",
              "",
              "dnat ip6 to meta l4proto . ip6 daddr . th dport map @dnat6"),
          new Opening(
              "any6",
              "inet_proto . inet_service",
              "meta l4proto . th dport",
              "fib daddr type local meta nfproto ipv6 ",
              "dnat ip6 to meta l4proto . th dport map @any6"),
          new Opening(
              "external4",
              "inet_proto . ipv4_addr . inet_service",
              "meta l4proto . ip daddr . th dport",
              "",
              "meta l4proto . ip daddr . th dport vmap @external4"),
          new Opening(
              "external6",
              "inet_proto . ipv6_addr . inet_service",
              "meta l4proto . ip6 daddr . th dport",
              "",
              "meta l4proto . ip6 daddr . th dport vmap @external6"),
          new Opening(
              "nodeports",
              "inet_proto . inet_service",
              "meta l4proto . th dport",
              "fib daddr type local ",
              "meta l4proto . th dport vmap @nodeports"));

  static final List<NamedSet> SETS = sets();
  static final List<Chain> CHAINS =
      List.of(
          chain("nobody", ""),
          chain("inbound", ""),
          chain("outbound", ""),
          chain("guard", "filter hook prerouting priority -300"),
          chain("prerouting", "nat hook prerouting priority -100"),
          chain("output", "nat hook output priority -100"),
          chain("postrouting", "nat hook postrouting priority 100"),
          chain("detour", "filter hook prerouting priority -50"),
          chain("home", "filter hook input priority 110"),
          chain("input", "filter hook input priority 0"),
          chain("forward", "filter hook forward priority 0"),
          chain("sent", "filter hook output priority 0"),
          new Chain(Family.BRIDGE, "prerouting", "filter hook prerouting priority -300"));
  static final List<Rule> RULES = rules();

  private Skeleton() {}

  static String world(String map) {
    return map + "_world";
  }

  static String network(String map) {
    return map + "_network";
  }

  static String sources(String map, String family) {
    return map + "_sources" + (map.endsWith(family) ? "" : family);
  }

  /** Those that do not take (in) or make (out) every connection. */
  static String limited(String direction, String family) {
    return "limited_" + direction + family;
  }

  /** With whom they have any. */
  static String anything(String direction, String family) {
    return "anything_" + direction + family;
  }

  /** With whom they have some. */
  static String ports(String direction, String family) {
    return "ports_" + direction + family;
  }

  private static Chain chain(String name, String hook) {
    return new Chain(Family.INET, name, hook);
  }

  private static NamedSet set(String name, String type, String flags) {
    return new NamedSet(Family.INET, name, "set", type, flags);
  }

  private static NamedSet map(String name, String type) {
    return new NamedSet(Family.INET, name, "map", type, "");
  }

  private static List<NamedSet> sets() {
    List<NamedSet> sets = new ArrayList<>();
    sets.add(set("bridges", "ifname", ""));
    sets.add(set("internal", "ifname", ""));
    sets.add(set("aside", "ifname", ""));
    sets.add(set("within", "ifname . ifname", ""));
    sets.add(map(GATEWAYS6, "ifname : ipv6_addr"));
    for (String family : FAMILIES) {
      String address = "ipv" + family + "_addr";
      sets.add(set("subnets" + family, address, INTERVAL));
      sets.add(set("outward" + family, address, INTERVAL));
      sets.add(set("virtual" + family, address, ""));
      sets.add(map("services" + family, "inet_proto . " + address + " . inet_service : verdict"));
      sets.add(
          new NamedSet(Family.BRIDGE, "through" + family, "map", address + " : ether_addr", ""));
      for (String direction : DIRECTIONS) {
        String pair = address + " . " + address;
        sets.add(set(limited(direction, family), address, ""));
        sets.add(set(anything(direction, family), pair, INTERVAL));
        sets.add(set(ports(direction, family), pair + " . inet_proto . inet_service", INTERVAL));
      }
    }
    OPENINGS.forEach(opening -> addSets(sets, opening));
    return List.copyOf(sets);
  }

  private static void addSets(List<NamedSet> sets, Opening opening) {
    String target =
        opening.action().contains("vmap")
            ? "verdict"
            : opening.map().endsWith("6") ? "ipv6_addr . inet_service" : "ipv4_addr . inet_service";
    sets.add(map(opening.map(), opening.type() + " : " + target));
    sets.add(set(world(opening.map()), opening.type(), ""));
    sets.add(set(network(opening.map()), opening.type(), ""));
    for (String family : FAMILIES) {
      if (concerns(opening, family)) {
        sets.add(
            set(
                sources(opening.map(), family),
                opening.type() + " . ipv" + family + "_addr",
                INTERVAL));
      }
    }
  }

  /**
   * The same, to be looked up in a set of intervals. There libnftables 1.0.6 has the two bytes of
   * {@code meta l4proto} swapped, which has but one: newer kernels refuse that with EOPNOTSUPP
   * (6.12.117 does). That of a connection has no order of bytes.
   */
  private static String inIntervals(String key) {
    return key.replace("meta l4proto", "ct protocol");
  }

  private static boolean concerns(Opening opening, String family) {
    return opening.map().endsWith(family) || opening.map().equals("nodeports");
  }

  private static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    // route_localnet on the bridges must not open the host's loopback services to containers
    // (CVE-2020-8558)
    rules.add(Rule.inet("guard", "iifname != @bridges accept"));
    rules.add(Rule.inet("guard", "ip daddr 127.0.0.0/8 drop"));
    rules.add(Rule.inet("guard", "ip saddr 127.0.0.0/8 drop"));
    rules.add(Rule.inet("guard", "ip6 daddr ::1 drop"));
    rules.add(Rule.inet("guard", "ip6 saddr ::1 drop"));
    translations(rules);
    // from 127.0.0.1, and into internal networks, which have no way back to other addresses
    rules.add(
        Rule.inet(
            "postrouting", "oifname @bridges ct status dnat fib saddr type local masquerade"));
    // hairpin: the target must answer to us, not straight to its neighbour or itself. By source
    // address, since br_netfilter tells no iifname here
    for (String family : List.of("ip saddr @subnets4", "ip6 saddr @subnets6")) {
      rules.add(
          Rule.inet("postrouting", "oifname @bridges ct status dnat " + family + " masquerade"));
    }
    rules.add(Rule.inet("postrouting", "ip saddr @outward4 oifname != @bridges masquerade"));
    rules.add(Rule.inet("postrouting", "ip6 saddr @outward6 oifname != @bridges masquerade"));
    toLoopback6(rules);
    forwarding(rules);
    restrictions(rules);
    return List.copyOf(rules);
  }

  private static void translations(List<Rule> rules) {
    for (String family : FAMILIES) {
      String services =
          "meta l4proto . " + header(family) + " daddr . th dport vmap @services" + family;
      rules.add(Rule.inet("prerouting", "iifname @bridges " + services));
      rules.add(Rule.inet("output", services));
    }
    for (Opening opening : OPENINGS) {
      String world = opening.key() + " @" + world(opening.map()) + " ";
      String network = opening.key() + " @" + network(opening.map()) + " ";
      rules.add(Rule.inet("prerouting", opening.condition() + world + opening.action()));
      for (String family : FAMILIES) {
        if (concerns(opening, family)) {
          String from = header(family) + " saddr ";
          rules.add(
              Rule.inet(
                  "prerouting",
                  opening.condition()
                      + (from + (family.equals("4") ? PRIVATE4 : PRIVATE6) + " ")
                      + network
                      + opening.action()));
          rules.add(
              Rule.inet(
                  "prerouting",
                  opening.condition()
                      + (inIntervals(opening.key()) + " . " + header(family) + " saddr @")
                      + (sources(opening.map(), family) + " ")
                      + opening.action()));
        }
      }
      rules.add(Rule.inet("output", opening.condition() + opening.action()));
    }
  }

  /**
   * What comes back to {@code ::1} from a published port. Once its address is restored the kernel
   * neither takes it from a bridge nor has a route for it there, and IPv6 has no {@code
   * route_localnet}; so past both it has the gateway's.
   */
  private static void toLoopback6(List<Rule> rules) {
    String back =
        "meta nfproto ipv6 iifname @bridges ct direction reply ct original ip6 saddr ::1 ip6 daddr set ";
    rules.add(Rule.inet("detour", back + "iifname map @" + GATEWAYS6));
    rules.add(Rule.inet("home", back + "::1"));
  }

  private static void forwarding(List<Rule> rules) {
    // first, so that others' traffic pays for one rule; accept ends only this chain
    rules.add(Rule.inet("forward", "iifname != @bridges oifname != @bridges accept"));
    rules.add(Rule.inet("forward", "ct state established,related accept"));
    // what was not sent to a target has none
    for (String chain : List.of("forward", "sent")) {
      for (String family : FAMILIES) {
        rules.add(Rule.inet(chain, header(family) + " daddr @virtual" + family + " jump nobody"));
      }
    }
    rules.add(Rule.inet("nobody", "meta l4proto tcp reject with tcp reset"));
    rules.add(Rule.inet("nobody", "reject with icmpx type port-unreachable"));
    for (String family : FAMILIES) {
      String from = header(family) + " saddr @" + limited("out", family);
      String to = header(family) + " daddr @" + limited("in", family);
      rules.add(Rule.inet("forward", from + " jump outbound"));
      rules.add(Rule.inet("forward", to + " jump inbound"));
    }
    rules.add(Rule.inet("forward", "iifname . oifname @within accept"));
    rules.add(Rule.inet("forward", "iifname @internal drop"));
    rules.add(Rule.inet("forward", "oifname @internal drop"));
    rules.add(Rule.inet("forward", "iifname @bridges oifname != @bridges accept"));
    rules.add(Rule.inet("forward", "ct status dnat accept"));
    rules.add(Rule.inet("forward", "drop"));
  }

  private static void restrictions(List<Rule> rules) {
    // neighbours find each other, whatever they may say
    String discovery = "icmpv6 type { 133, 134, 135, 136, 137 } accept";
    rules.add(Rule.inet("input", "iifname != @bridges accept"));
    // who is beside the machine does not get to it by the way of its names
    rules.add(Rule.inet("input", "iifname @aside drop"));
    rules.add(Rule.inet("input", "ct state established,related accept"));
    rules.add(Rule.inet("input", discovery));
    for (String family : FAMILIES) {
      String ip = header(family);
      rules.add(Rule.inet("input", ip + " saddr @" + limited("out", family) + " jump outbound"));
      permit(rules, "outbound", "out", family, ip + " saddr . " + ip + " daddr");
      permit(rules, "inbound", "in", family, ip + " daddr . " + ip + " saddr");
    }
    rules.add(Rule.inet("outbound", "drop"));
    rules.add(Rule.inet("inbound", "drop"));
    through(rules, discovery);
  }

  private static void permit(
      List<Rule> rules, String chain, String direction, String family, String pair) {
    rules.add(Rule.inet(chain, pair + " @" + anything(direction, family) + " return"));
    rules.add(
        Rule.inet(
            chain,
            inIntervals(pair + " . meta l4proto . th dport")
                + (" @" + ports(direction, family) + " return")));
  }

  /**
   * Neighbours on a bridge see each other without the host. What concerns a restricted one is given
   * the gateway's address instead, so that the host passes it on, both ways.
   */
  private static void through(List<Rule> rules, String discovery) {
    rules.add(bridge("meta pkttype { broadcast, multicast } accept"));
    rules.add(bridge(discovery));
    for (String family : FAMILIES) {
      String ip = header(family);
      String resolver = family.equals("4") ? RESOLVER4 : RESOLVER6;
      rules.add(bridge(ip + " saddr " + resolver + " accept"));
      rules.add(bridge(ip + " daddr " + resolver + " accept"));
      for (String end : List.of("saddr", "daddr")) {
        rules.add(
            bridge(
                "ether daddr set "
                    + (ip + " " + end + " map @through" + family)
                    + " meta pkttype set host accept"));
      }
    }
  }

  private static Rule bridge(String text) {
    return new Rule(Family.BRIDGE, "prerouting", text);
  }

  private static String header(String family) {
    return family.equals("4") ? "ip" : "ip6";
  }
}
