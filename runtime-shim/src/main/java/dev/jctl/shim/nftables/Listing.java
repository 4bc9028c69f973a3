package dev.jctl.shim.nftables;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the kernel holds of a table, from libnftables' JSON (libnftables-json(5)).
 *
 * @param elements as {@link Ruleset#elements}
 * @param rules comments of its rules, empty for those without, by chain
 */
public record Listing(Map<String, SortedSet<String>> elements, Map<String, List<String>> rules) {
  private static final JsonMapper JSON = new JsonMapper();

  public Listing {
    elements = Map.copyOf(elements);
    rules = Map.copyOf(rules);
  }

  public static Listing parse(String json) {
    Map<String, SortedSet<String>> elements = new TreeMap<>();
    Map<String, List<String>> rules = new TreeMap<>();
    for (JsonNode object : tree(json).path("nftables")) {
      addElements(elements, object.path("set"));
      addElements(elements, object.path("map"));
      JsonNode rule = object.path("rule");
      if (rule.has("chain")) {
        rules
            .computeIfAbsent(rule.path("chain").asText(), chain -> new ArrayList<>())
            .add(rule.path("comment").asText(""));
      }
    }
    return new Listing(elements, rules);
  }

  /** Of both families. */
  Listing with(Listing other) {
    Map<String, SortedSet<String>> all = new TreeMap<>(elements);
    all.putAll(other.elements);
    Map<String, List<String>> allRules = new TreeMap<>(rules);
    other.rules.forEach(
        (chain, more) ->
            allRules.merge(chain, more, (a, b) -> Stream.concat(a.stream(), b.stream()).toList()));
    return new Listing(all, allRules);
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("libnftables wrote no JSON: " + e.getMessage(), e);
    }
  }

  private static void addElements(Map<String, SortedSet<String>> elements, JsonNode set) {
    if (set.has("name")) {
      SortedSet<String> texts = new TreeSet<>();
      boolean names = set.path("type").toString().contains("ifname");
      set.path("elem").forEach(element -> texts.add(text(element, names)));
      elements.put(set.path("name").asText(), texts);
    }
  }

  private static String text(JsonNode element, boolean names) {
    if (element.isArray()) {
      return text(element.path(0), names) + " : " + text(element.path(1), false);
    }
    if (element.has("elem")) {
      return text(element.path("elem").path("val"), names);
    }
    if (element.has("concat")) {
      StringJoiner parts = new StringJoiner(" . ");
      element.path("concat").forEach(part -> parts.add(text(part, names)));
      return parts.toString();
    }
    if (element.has("prefix")) {
      JsonNode prefix = element.path("prefix");
      return prefix.path("addr").asText() + "/" + prefix.path("len").asText();
    }
    if (element.has("range")) {
      JsonNode range = element.path("range");
      return range.path(0).asText() + "-" + range.path(1).asText();
    }
    if (element.has("goto")) {
      return "goto " + element.path("goto").path("target").asText();
    }
    return names ? '"' + element.asText() + '"' : element.asText();
  }

  /** A table without any was flushed. */
  public boolean hasRules() {
    return !rules.isEmpty();
  }

  /** In words; empty when the table is as wanted. */
  public List<String> differenceFrom(Ruleset wanted) {
    List<Rule> all = new ArrayList<>();
    Skeleton.RULES.stream()
        .filter(rule -> rule.family() == Family.INET || wanted.restricts())
        .forEach(all::add);
    wanted.chains().values().forEach(all::addAll);
    List<String> drift = new ArrayList<>(compare(all));
    Map<String, SortedSet<String>> sets = wanted.elements();
    for (Skeleton.NamedSet set : Skeleton.SETS) {
      compare(drift, set.name(), sets.getOrDefault(set.name(), new TreeSet<>()));
    }
    return drift;
  }

  private List<String> compare(List<Rule> wanted) {
    List<String> drift = new ArrayList<>();
    Set<String> present = new HashSet<>();
    rules.values().forEach(present::addAll);
    Set<String> ours = new HashSet<>();
    for (Rule rule : wanted) {
      ours.add(rule.mark());
      if (!present.contains(rule.mark())) {
        drift.add("rule missing in chain " + rule.chain() + ": " + rule.text());
      }
    }
    rules.forEach(
        (chain, marks) ->
            marks.stream()
                .filter(mark -> !ours.contains(mark))
                .forEach(mark -> drift.add("rule not ours in chain " + chain)));
    return drift;
  }

  private void compare(List<String> drift, String set, SortedSet<String> wanted) {
    SortedSet<String> present = elements.getOrDefault(set, new TreeSet<>());
    for (String missing : RulesetText.without(wanted, present)) {
      drift.add("element missing in " + set + ": " + missing);
    }
    for (String foreign : RulesetText.without(present, wanted)) {
      drift.add("element not ours in " + set + ": " + foreign);
    }
  }
}
