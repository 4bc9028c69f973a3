package dev.jctl.controller.rbac;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Whether rules allow all that other rules allow. Pure. */
final class Coverage {
  /** So many combinations of verb, group, resource and name are looked at. */
  static final int MAX_COMBINATIONS = 50_000;

  private Coverage() {}

  /** Rules with more combinations than can be looked at. */
  static final class TooManyException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** One verb on one resource of one group, perhaps of one name; or on one path. */
  private record Single(String verb, String group, String resource, String name, String url) {}

  /** What {@code wanted} allow and {@code held} do not; verbs on the same things are one rule. */
  static List<PolicyRule> missing(List<PolicyRule> held, List<PolicyRule> wanted)
      throws TooManyException {
    Set<Single> singles = new LinkedHashSet<>();
    long combinations = 0;
    for (PolicyRule rule : wanted) {
      combinations += combinations(rule);
      if (combinations > MAX_COMBINATIONS) {
        throw new TooManyException();
      }
      addSingles(rule, singles);
    }
    singles.removeIf(single -> held.stream().anyMatch(rule -> covers(rule, single)));
    return together(singles);
  }

  private static long combinations(PolicyRule rule) {
    long names = Math.max(1, rule.resourceNames().size());
    long objects = (long) rule.apiGroups().size() * rule.resources().size() * names;
    // each factor is bounded by the size of a request's body: no overflow
    return rule.verbs().size() * (objects + rule.nonResourceUrls().size());
  }

  private static void addSingles(PolicyRule rule, Set<Single> singles) {
    List<String> names = rule.resourceNames().isEmpty() ? List.of("") : rule.resourceNames();
    for (String verb : rule.verbs()) {
      rule.nonResourceUrls().forEach(url -> singles.add(new Single(verb, "", "", "", url)));
      for (String group : rule.apiGroups()) {
        for (String resource : rule.resources()) {
          names.forEach(name -> singles.add(new Single(verb, group, resource, name, "")));
        }
      }
    }
  }

  private static boolean covers(PolicyRule rule, Single single) {
    if (!has(rule.verbs(), single.verb())) {
      return false;
    }
    if (!single.url().isEmpty()) {
      return rule.nonResourceUrls().stream().anyMatch(url -> PolicyRule.matches(url, single.url()));
    }
    return has(rule.apiGroups(), single.group())
        && hasResource(rule.resources(), single.resource())
        && (rule.resourceNames().isEmpty()
            || (!single.name().isEmpty() && rule.resourceNames().contains(single.name())));
  }

  private static boolean has(List<String> held, String wanted) {
    return held.contains(PolicyRule.ALL) || held.contains(wanted);
  }

  private static boolean hasResource(List<String> held, String wanted) {
    int slash = wanted.indexOf('/');
    return has(held, wanted)
        || (slash >= 0 && held.contains(PolicyRule.ALL + wanted.substring(slash)));
  }

  private static List<PolicyRule> together(Set<Single> singles) {
    Map<Single, Set<String>> verbs = new LinkedHashMap<>();
    for (Single s : singles) {
      Single thing = new Single("", s.group(), s.resource(), s.name(), s.url());
      verbs.computeIfAbsent(thing, t -> new TreeSet<>()).add(s.verb());
    }
    List<PolicyRule> rules = new ArrayList<>();
    verbs.forEach((thing, all) -> rules.add(rule(thing, List.copyOf(all))));
    return rules;
  }

  private static PolicyRule rule(Single thing, List<String> verbs) {
    if (!thing.url().isEmpty()) {
      return new PolicyRule(verbs, List.of(), List.of(), List.of(), List.of(thing.url()));
    }
    List<String> names = thing.name().isEmpty() ? List.of() : List.of(thing.name());
    return new PolicyRule(
        verbs, List.of(thing.group()), List.of(thing.resource()), names, List.of());
  }
}
