package dev.jctl.shim.nftables;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A rule set in nft(8)'s language. Not in its JSON: the JSON parser of libnftables 1.0.6 refuses
 * maps whose values are concatenations, {@code address . port}, which it itself writes.
 */
public final class RulesetText {
  private RulesetText() {}

  record NamedSet(String name, String kind, String type, String flags) {
    String declaration() {
      return "  " + kind + " " + name + " { type " + type + ";" + flags + " }\n";
    }
  }

  record Rule(String chain, String text) {
    /**
     * Changes with the text, so that rules of another version of this program are seen as drift.
     */
    String mark() {
      return String.format("jctl %08x", (chain + ' ' + text).hashCode());
    }
  }

  private record Chain(String name, String hook) {}

  static final List<NamedSet> SETS =
      List.of(
          new NamedSet("bridges", "set", "ifname", ""),
          new NamedSet("internal", "set", "ifname", ""),
          new NamedSet("within", "set", "ifname . ifname", ""),
          new NamedSet("subnets4", "set", "ipv4_addr", " flags interval;"),
          new NamedSet("subnets6", "set", "ipv6_addr", " flags interval;"),
          new NamedSet("outward4", "set", "ipv4_addr", " flags interval;"),
          new NamedSet("outward6", "set", "ipv6_addr", " flags interval;"),
          map("dnat4", "inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service"),
          map("any4", "inet_proto . inet_service : ipv4_addr . inet_service"),
          map("dnat6", "inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service"),
          map("any6", "inet_proto . inet_service : ipv6_addr . inet_service"));

  private static final List<Chain> CHAINS =
      List.of(
          new Chain("guard", "filter hook prerouting priority -300"),
          new Chain("prerouting", "nat hook prerouting priority -100"),
          new Chain("output", "nat hook output priority -100"),
          new Chain("postrouting", "nat hook postrouting priority 100"),
          new Chain("forward", "filter hook forward priority 0"));

  static final List<Rule> RULES = rules();

  private static NamedSet map(String name, String type) {
    return new NamedSet(name, "map", type, "");
  }

  private static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    // route_localnet on the bridges must not open the host's loopback services to containers
    // (CVE-2020-8558)
    rules.add(new Rule("guard", "iifname @bridges ip daddr 127.0.0.0/8 drop"));
    rules.add(new Rule("guard", "iifname @bridges ip saddr 127.0.0.0/8 drop"));
    for (String chain : List.of("prerouting", "output")) {
      rules.add(new Rule(chain, "dnat ip to meta l4proto . ip daddr . th dport map @dnat4"));
      rules.add(
          new Rule(chain, "fib daddr type local dnat ip to meta l4proto . th dport map @any4"));
      rules.add(new Rule(chain, "dnat ip6 to meta l4proto . ip6 daddr . th dport map @dnat6"));
      rules.add(
          new Rule(chain, "fib daddr type local dnat ip6 to meta l4proto . th dport map @any6"));
    }
    // from 127.0.0.1, and into internal networks, which have no way back to other addresses
    rules.add(
        new Rule("postrouting", "oifname @bridges ct status dnat fib saddr type local masquerade"));
    // hairpin: the target must answer to us, not straight to its neighbour or itself. By source
    // address, since br_netfilter tells no iifname here
    for (String family : List.of("ip saddr @subnets4", "ip6 saddr @subnets6")) {
      rules.add(
          new Rule("postrouting", "oifname @bridges ct status dnat " + family + " masquerade"));
    }
    rules.add(new Rule("postrouting", "ip saddr @outward4 oifname != @bridges masquerade"));
    rules.add(new Rule("postrouting", "ip6 saddr @outward6 oifname != @bridges masquerade"));
    // first, so that others' traffic pays for one rule; accept ends only this chain
    rules.add(new Rule("forward", "iifname != @bridges oifname != @bridges accept"));
    rules.add(new Rule("forward", "ct state established,related accept"));
    rules.add(new Rule("forward", "iifname . oifname @within accept"));
    rules.add(new Rule("forward", "iifname @internal drop"));
    rules.add(new Rule("forward", "oifname @internal drop"));
    rules.add(new Rule("forward", "iifname @bridges oifname != @bridges accept"));
    rules.add(new Rule("forward", "ct status dnat accept"));
    rules.add(new Rule("forward", "drop"));
    return List.copyOf(rules);
  }

  /** Deletes the table when it exists, and makes it anew, in one transaction. */
  public static String replace(Ruleset ruleset) {
    StringBuilder text = new StringBuilder(delete(ruleset.table()));
    text.append("table inet ").append(ruleset.table()).append(" {\n");
    SETS.forEach(set -> text.append(set.declaration()));
    CHAINS.forEach(chain -> append(text, chain));
    text.append("}\n");
    ruleset.elements().forEach((set, all) -> elements(text, "add", ruleset.table(), set, all));
    return text.toString();
  }

  /** Succeeds also when there is no such table. */
  public static String delete(String table) {
    return "add table inet " + table + "\ndelete table inet " + table + "\n";
  }

  /** From one to the other by elements alone; empty when they are equal. */
  public static String change(Ruleset from, Ruleset to) {
    StringBuilder text = new StringBuilder();
    Map<String, SortedSet<String>> before = from.elements();
    Map<String, SortedSet<String>> after = to.elements();
    for (NamedSet set : SETS) {
      SortedSet<String> old = before.getOrDefault(set.name(), new TreeSet<>());
      SortedSet<String> wanted = after.getOrDefault(set.name(), new TreeSet<>());
      elements(text, "delete", from.table(), set.name(), without(old, wanted));
      elements(text, "add", from.table(), set.name(), without(wanted, old));
    }
    return text.toString();
  }

  static SortedSet<String> without(SortedSet<String> all, SortedSet<String> some) {
    SortedSet<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  static SequencedSet<String> marks() {
    SequencedSet<String> marks = new LinkedHashSet<>();
    RULES.forEach(rule -> marks.add(rule.mark()));
    return marks;
  }

  private static void append(StringBuilder text, Chain chain) {
    text.append("  chain ").append(chain.name()).append(" {\n    type ").append(chain.hook());
    text.append("; policy accept;\n");
    for (Rule rule : RULES) {
      if (rule.chain().equals(chain.name())) {
        text.append("    ").append(rule.text());
        text.append(" comment \"").append(rule.mark()).append("\"\n");
      }
    }
    text.append("  }\n");
  }

  private static void elements(
      StringBuilder text, String verb, String table, String set, SortedSet<String> elements) {
    if (!elements.isEmpty()) {
      text.append(verb).append(" element inet ").append(table).append(' ').append(set);
      text.append(" { ").append(String.join(", ", elements)).append(" }\n");
    }
  }
}
