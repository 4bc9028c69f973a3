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

/**
 * What the kernel holds of a table, from libnftables' JSON (libnftables-json(5)).
 *
 * @param elements as {@link Ruleset#elements}
 * @param marks comments of its rules
 */
public record Listing(Map<String, SortedSet<String>> elements, Set<String> marks) {
  private static final JsonMapper JSON = new JsonMapper();

  public Listing {
    elements = Map.copyOf(elements);
    marks = Set.copyOf(marks);
  }

  public static Listing parse(String json) {
    Map<String, SortedSet<String>> elements = new TreeMap<>();
    Set<String> marks = new HashSet<>();
    for (JsonNode object : tree(json).path("nftables")) {
      addElements(elements, object.path("set"));
      addElements(elements, object.path("map"));
      if (object.path("rule").has("comment")) {
        marks.add(object.path("rule").path("comment").asText());
      }
    }
    return new Listing(elements, marks);
  }

  /** Of both families. */
  Listing with(Listing other) {
    Map<String, SortedSet<String>> all = new TreeMap<>(elements);
    all.putAll(other.elements);
    Set<String> allMarks = new HashSet<>(marks);
    allMarks.addAll(other.marks);
    return new Listing(all, allMarks);
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
      return text(element.path(0), names) + " : " + text(element.path(1), names);
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

  /** In words; empty when the table is as wanted. */
  public List<String> differenceFrom(Ruleset wanted) {
    List<String> drift = new ArrayList<>();
    Skeleton.RULES.stream()
        .filter(rule -> rule.family() == Family.INET || wanted.restricts())
        .forEach(rule -> compare(drift, rule));
    wanted.chains().values().forEach(rules -> rules.forEach(rule -> compare(drift, rule)));
    Map<String, SortedSet<String>> all = wanted.elements();
    for (Skeleton.NamedSet set : Skeleton.SETS) {
      compare(drift, set.name(), all.getOrDefault(set.name(), new TreeSet<>()));
    }
    return drift;
  }

  private void compare(List<String> drift, Rule rule) {
    if (!marks.contains(rule.mark())) {
      drift.add("rule missing in chain " + rule.chain() + ": " + rule.text());
    }
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
