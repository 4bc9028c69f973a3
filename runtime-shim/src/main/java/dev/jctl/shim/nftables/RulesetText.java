package dev.jctl.shim.nftables;

import dev.jctl.shim.nftables.Skeleton.Chain;
import dev.jctl.shim.nftables.Skeleton.NamedSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A rule set in nft(8)'s language. Not in its JSON: the JSON parser of libnftables 1.0.6 refuses
 * maps whose values are concatenations, {@code address . port}, which it itself writes.
 */
public final class RulesetText {
  private RulesetText() {}

  /** Makes all of it anew in one transaction, whatever is left of what was there. */
  public static String replace(Ruleset from, Ruleset to) {
    StringBuilder text = new StringBuilder(delete(from.restricts() ? from : to));
    for (Family family : families(to)) {
      table(text, family, to);
    }
    elements(text, "add", to.table(), to.elements());
    return text.toString();
  }

  private static List<Family> families(Ruleset ruleset) {
    return ruleset.restricts() ? List.of(Family.INET, Family.BRIDGE) : List.of(Family.INET);
  }

  /** Succeeds also when there is no such table. A kernel without bridges is not asked for one. */
  public static String delete(Ruleset ruleset) {
    StringBuilder text = new StringBuilder();
    for (Family family : families(ruleset)) {
      String table = "table " + family.word() + " " + ruleset.table() + "\n";
      text.append("add ").append(table).append("delete ").append(table);
    }
    return text.toString();
  }

  private static void table(StringBuilder text, Family family, Ruleset ruleset) {
    text.append("table ").append(family.word()).append(' ').append(ruleset.table());
    text.append(" {\n");
    for (NamedSet set : Skeleton.SETS) {
      if (set.family() == family) {
        text.append(set.declaration());
      }
    }
    if (family == Family.INET) {
      ruleset.clients().forEach((name, type) -> text.append("  set ").append(clients(name, type)));
      ruleset.chains().forEach((name, rules) -> chain(text, name, "", rules));
    }
    for (Chain chain : Skeleton.CHAINS) {
      if (chain.family() == family) {
        chain(text, chain.name(), chain.hook(), rules(chain));
      }
    }
    text.append("}\n");
  }

  private static List<Rule> rules(Chain chain) {
    return Skeleton.RULES.stream()
        .filter(r -> r.family() == chain.family() && r.chain().equals(chain.name()))
        .toList();
  }

  private static void chain(StringBuilder text, String name, String hook, List<Rule> rules) {
    text.append("  chain ").append(name).append(" {\n");
    if (!hook.isEmpty()) {
      text.append("    type ").append(hook).append("; policy accept;\n");
    }
    rules.forEach(rule -> text.append("    ").append(rule.withMark()).append('\n'));
    text.append("  }\n");
  }

  /**
   * From one to the other by what differs, so that it costs nothing how much there is of the rest;
   * empty when they are equal. Not for one that restricts beside one that does not.
   */
  public static String change(Ruleset from, Ruleset to) {
    Ruleset gone = from.without(to);
    Ruleset come = to.without(from);
    SortedMap<String, List<Rule>> chainsBefore = gone.chains();
    SortedMap<String, List<Rule>> chainsAfter = come.chains();
    SortedMap<String, SortedSet<String>> before = gone.elements();
    SortedMap<String, SortedSet<String>> after = come.elements();
    StringBuilder text = new StringBuilder();
    SortedMap<String, String> clientsAfter = come.clients();
    clientsAfter.forEach(
        (name, type) ->
            text.append("add set inet " + to.table() + " ").append(clients(name, type)));
    chainsAfter.forEach((name, rules) -> refill(text, to.table(), name, rules, chainsBefore));
    for (NamedSet set : Skeleton.SETS) {
      SortedSet<String> old = before.getOrDefault(set.name(), new TreeSet<>());
      SortedSet<String> wanted = after.getOrDefault(set.name(), new TreeSet<>());
      elements(text, "delete", to.table(), set, without(old, wanted));
      elements(text, "add", to.table(), set, without(wanted, old));
    }
    delete(text, "chain inet " + to.table(), chainsBefore.keySet(), chainsAfter.keySet());
    delete(text, "set inet " + to.table(), gone.clients().keySet(), clientsAfter.keySet());
    return text.toString();
  }

  private static void delete(
      StringBuilder text, String what, Set<String> before, Set<String> after) {
    before.stream()
        .filter(name -> !after.contains(name))
        .forEach(name -> text.append("delete " + what + " ").append(name).append('\n'));
  }

  /** What is in it comes from packets, and is no part of what is wanted. */
  private static String clients(String name, String type) {
    return name + " { type " + type + "; size 65536; flags dynamic,timeout; }\n";
  }

  private static void refill(
      StringBuilder text,
      String table,
      String name,
      List<Rule> rules,
      Map<String, List<Rule>> before) {
    if (rules.equals(before.get(name))) {
      return;
    }
    String chain = "chain inet " + table + " " + name + "\n";
    text.append("add ").append(chain).append("flush ").append(chain);
    for (Rule rule : rules) {
      text.append("add rule inet " + table + " " + name + " ").append(rule.withMark());
      text.append('\n');
    }
  }

  static SortedSet<String> without(SortedSet<String> all, SortedSet<String> some) {
    SortedSet<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  private static void elements(
      StringBuilder text, String verb, String table, Map<String, SortedSet<String>> all) {
    for (NamedSet set : Skeleton.SETS) {
      elements(text, verb, table, set, all.getOrDefault(set.name(), new TreeSet<>()));
    }
  }

  private static void elements(
      StringBuilder text, String verb, String table, NamedSet set, SortedSet<String> elements) {
    if (!elements.isEmpty()) {
      text.append(verb).append(" element ").append(set.family().word()).append(' ');
      text.append(table).append(' ').append(set.name());
      text.append(" { ").append(String.join(", ", elements)).append(" }\n");
    }
  }
}
