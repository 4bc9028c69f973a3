package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The parameters of a request. */
record Query(Map<String, List<String>> values) {
  /** {@code raw}: what follows the question mark. */
  static Query parse(String raw) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String pair : raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      values.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
    }
    return new Query(values);
  }

  /** What is wrongly encoded is taken as it is, and refused by whoever reads it. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  Optional<String> text(String name) {
    return all(name).stream().filter(value -> !value.isEmpty()).findFirst();
  }

  /** Present without a value counts as true, as with Kubernetes. */
  boolean flag(String name) {
    List<String> given = all(name);
    if (given.isEmpty()) {
      return false;
    }
    return switch (given.getFirst()) {
      case "", "true", "1", "True", "TRUE", "t", "T" -> true;
      case "false", "0", "False", "FALSE", "f", "F" -> false;
      default ->
          throw ApiException.badRequest(
              name + ": expected true or false, found \"" + given.getFirst() + "\"");
    };
  }

  /** Not negative. */
  OptionalLong number(String name) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!text.get().matches("[0-9]{1,18}")) {
      throw ApiException.badRequest(
          name + ": expected a number from 0, found \"" + text.get() + "\"");
    }
    return OptionalLong.of(Long.parseLong(text.get()));
  }
}
