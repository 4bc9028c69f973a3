package dev.jctl.shim.nftables;

import dev.jctl.shim.nftables.Ruleset.Choice;
import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.nftables.Ruleset.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** The chain of a service's port: one of its targets is chosen. */
final class ServiceRules {
  /** Fixed: else each change of the rule would send everybody elsewhere. */
  private static final String SEED = "0x6a63746c";

  private ServiceRules() {}

  static List<Rule> of(ServicePort port) {
    List<Rule> rules = new ArrayList<>();
    for (boolean ipv6 : new boolean[] {false, true}) {
      List<Target> slots = port.slots(ipv6);
      if (!slots.isEmpty()) {
        rules.add(Rule.inet(port.chain(), rule(port, ipv6 ? "ip6" : "ip", slots)));
      }
    }
    return rules;
  }

  private static String rule(ServicePort port, String family, List<Target> slots) {
    String start = "meta l4proto " + port.protocol() + " dnat " + family + " to ";
    StringJoiner map = new StringJoiner(", ", " mod " + slots.size() + " map { ", " }");
    for (int i = 0; i < slots.size(); i++) {
      map.add(i + " : " + slots.get(i).ip() + " . " + slots.get(i).port());
    }
    String chosen = port.choice() == Choice.RANDOM ? "numgen random" : "jhash " + family + " saddr";
    String seed = port.choice() == Choice.RANDOM ? "" : " seed " + SEED;
    return start + chosen + map.toString().replaceFirst(" map", seed + " map");
  }
}
