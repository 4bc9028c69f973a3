package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.manifests.schema.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code app=web,tier in (front, back),!canary}. */
record LabelSelector(List<Requirement> requirements) {
  private static final String KEY = "[A-Za-z0-9._/-]+";
  private static final Pattern SET =
      Pattern.compile("(" + KEY + ")\\s+(in|notin)\\s*\\(([^()]*)\\)");
  private static final Pattern EQUALS =
      Pattern.compile("(" + KEY + ")\\s*(==|=|!=)\\s*([A-Za-z0-9._-]*)");
  private static final Pattern EXISTS = Pattern.compile("(!?)\\s*(" + KEY + ")");
  private static final Pattern COMMA = Pattern.compile(",(?![^(]*\\))");

  LabelSelector {
    requirements = List.copyOf(requirements);
  }

  sealed interface Requirement {
    String key();

    record In(String key, Set<String> values) implements Requirement {}

    /** Also matches objects without the key. */
    record NotIn(String key, Set<String> values) implements Requirement {}

    record Exists(String key) implements Requirement {}

    record Missing(String key) implements Requirement {}
  }

  static LabelSelector parse(String text) {
    List<Requirement> requirements = new ArrayList<>();
    for (String part : text.isBlank() ? new String[0] : COMMA.split(text, -1)) {
      requirements.add(checked(requirement(part.strip(), text), text));
    }
    return new LabelSelector(requirements);
  }

  /** Of what no object can have, a typing error is likelier than the wish. */
  private static Requirement checked(Requirement requirement, String text) {
    if (!Names.isQualified(requirement.key())) {
      throw ApiException.badRequest(
          "labelSelector \""
              + text
              + "\": \""
              + requirement.key()
              + "\" can be no label: expected [prefix/]name, with a letter or digit at both ends");
    }
    Set<String> values =
        switch (requirement) {
          case Requirement.In r -> r.values();
          case Requirement.NotIn r -> r.values();
          case Requirement.Exists r -> Set.of();
          case Requirement.Missing r -> Set.of();
        };
    for (String value : values) {
      if (!Names.isLabelValue(value)) {
        throw ApiException.badRequest(
            "labelSelector \""
                + text
                + "\": \""
                + value
                + "\" can be the value of no label: expected at most 63 of letters, digits, -, _"
                + " and ., with a letter or digit at both ends");
      }
    }
    return requirement;
  }

  private static Requirement requirement(String part, String text) {
    Matcher set = SET.matcher(part);
    if (set.matches()) {
      Set<String> values =
          Arrays.stream(set.group(3).split(",", -1)).map(String::strip).collect(Collectors.toSet());
      return set.group(2).equals("in")
          ? new Requirement.In(set.group(1), values)
          : new Requirement.NotIn(set.group(1), values);
    }
    Matcher equals = EQUALS.matcher(part);
    if (equals.matches()) {
      Set<String> value = Set.of(equals.group(3));
      return equals.group(2).equals("!=")
          ? new Requirement.NotIn(equals.group(1), value)
          : new Requirement.In(equals.group(1), value);
    }
    Matcher exists = EXISTS.matcher(part);
    if (exists.matches()) {
      return exists.group(1).isEmpty()
          ? new Requirement.Exists(exists.group(2))
          : new Requirement.Missing(exists.group(2));
    }
    throw ApiException.badRequest(
        "labelSelector \""
            + text
            + "\": cannot read \""
            + part
            + "\"; expected key=value, key!=value, key in (a,b), key notin (a,b), key or !key");
  }

  boolean matches(JsonNode object) {
    JsonNode labels = object.path("metadata").path("labels");
    return requirements.stream().allMatch(r -> matches(r, labels));
  }

  private static boolean matches(Requirement requirement, JsonNode labels) {
    return switch (requirement) {
      case Requirement.In r -> labels.has(r.key()) && r.values().contains(value(labels, r.key()));
      case Requirement.NotIn r ->
          !labels.has(r.key()) || !r.values().contains(value(labels, r.key()));
      case Requirement.Exists r -> labels.has(r.key());
      case Requirement.Missing r -> !labels.has(r.key());
    };
  }

  private static String value(JsonNode labels, String key) {
    return labels.path(key).asText();
  }
}
