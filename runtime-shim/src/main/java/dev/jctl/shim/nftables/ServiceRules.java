package dev.jctl.shim.nftables;

import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.nftables.Ruleset.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** The chain of a service's port: one of its targets is chosen. */
final class ServiceRules {
  private ServiceRules() {}

  static List<Rule> of(ServicePort port) {
    List<Rule> rules = new ArrayList<>();
    for (boolean ipv6 : new boolean[] {false, true}) {
      List<Target> targets = port.targets(ipv6);
      boolean isForNobody = port.allowed(ipv6).filter(List::isEmpty).isPresent();
      if (!targets.isEmpty() && !isForNobody) {
        String family = ipv6 ? "ip6" : "ip";
        if (port.stickySeconds() > 0) {
          sticky(rules, port, family, targets);
        }
        rules.add(rule(port, family, " dnat " + family + " to " + byChance(targets)));
      }
    }
    return rules;
  }

  private static String byChance(List<Target> targets) {
    StringJoiner map = new StringJoiner(", ", " map { ", " }");
    for (int i = 0; i < targets.size(); i++) {
      map.add(i + " : " + targets.get(i).ip() + " . " + targets.get(i).port());
    }
    return "numgen random mod " + targets.size() + map;
  }

  /**
   * Who is known goes where he was, who is not to one of them, and is known from then on. A set
   * that is full ends neither rule: such a client goes to the next that is asked.
   */
  private static void sticky(
      List<Rule> rules, ServicePort port, String family, List<Target> targets) {
    for (Target target : targets) {
      String known = " " + family + " saddr @" + clients(port, target);
      rules.add(rule(port, family, known + remembered(port, family, target)));
    }
    for (int left = targets.size(); left > 0; left--) {
      String chance = " meta nfproto " + (family.equals("ip") ? "ipv4" : "ipv6");
      if (left > 1) {
        chance += " numgen random mod " + left + " 0";
      }
      Target target = targets.get(targets.size() - left);
      rules.add(rule(port, family, chance + remembered(port, family, target)));
    }
  }

  private static String remembered(ServicePort port, String family, Target target) {
    String host = family.equals("ip6") ? "[" + target.ip() + "]" : target.ip();
    return (" update @" + clients(port, target))
        + (" { " + family + " saddr timeout " + port.stickySeconds() + "s }")
        + (" dnat " + family + " to " + host + ":" + target.port());
  }

  private static Rule rule(ServicePort port, String family, String rest) {
    String from =
        port.allowed(family.equals("ip6"))
            .map(allowed -> " " + family + " saddr { " + String.join(", ", allowed) + " }")
            .orElse("");
    return Rule.inet(port.chain(), "meta l4proto " + port.protocol() + from + rest);
  }

  /** Sets of clients, each with its type. */
  static SortedMap<String, String> clients(ServicePort port) {
    SortedMap<String, String> sets = new TreeMap<>();
    if (port.stickySeconds() > 0) {
      for (Target target : port.targets()) {
        sets.put(clients(port, target), target.ipv6() ? "ipv6_addr" : "ipv4_addr");
      }
    }
    return sets;
  }

  private static String clients(ServicePort port, Target target) {
    return port.chain() + "_" + target.ip().replace(':', '-') + "_" + target.port();
  }
}
