package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.manifests.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code metadata.name=web,status.phase!=Running}: any scalar field, by its path. */
record FieldSelector(List<Requirement> requirements) {
  private static final Pattern TERM =
      Pattern.compile("([A-Za-z0-9.]+)\\s*(==|=|!=)\\s*((?:[^=]|\\\\=)*)");

  FieldSelector {
    requirements = List.copyOf(requirements);
  }

  record Requirement(String path, boolean equal, String value) {}

  static FieldSelector parse(String text) {
    List<Requirement> requirements = new ArrayList<>();
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      Matcher term = TERM.matcher(part.strip());
      if (!term.matches()) {
        throw ApiException.badRequest(
            "fieldSelector \""
                + text
                + "\": cannot read \""
                + part
                + "\"; expected path=value or path!=value");
      }
      requirements.add(new Requirement(term.group(1), !term.group(2).equals("!="), term.group(3)));
    }
    return new FieldSelector(requirements);
  }

  /**
   * Fields that no object of this schema has are no field selectors.
   *
   * @throws ApiException 400
   */
  FieldSelector of(Schema schema) {
    for (Requirement requirement : requirements) {
      if (!isKnown(schema, List.of(requirement.path().split("\\.", -1)))) {
        throw ApiException.badRequest("field label not supported: " + requirement.path());
      }
    }
    return this;
  }

  private static boolean isKnown(Schema schema, List<String> steps) {
    if (steps.isEmpty()) {
      return true;
    }
    List<String> rest = steps.subList(1, steps.size());
    return switch (schema) {
      case Schema.ObjectSchema s -> {
        Schema.Property property = s.properties().get(steps.getFirst());
        yield property != null && isKnown(property.schema(), rest);
      }
      case Schema.MapSchema s -> isKnown(s.values(), rest);
      case Schema.AnySchema s -> true;
      case Schema.ListSchema s -> false;
      case Schema.ScalarSchema s -> false;
    };
  }

  boolean matches(JsonNode object) {
    return requirements.stream().allMatch(r -> r.equal() == at(object, r.path()).equals(r.value()));
  }

  private static String at(JsonNode object, String path) {
    JsonNode node = object;
    for (String step : path.split("\\.", -1)) {
      node = node.path(step);
    }
    return node.asText("");
  }
}
