package dev.jctl.shim.spec;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Copies for compact constructors: absent becomes empty, present becomes immutable. */
final class Lists {
  private Lists() {}

  static <T> List<T> copy(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  static <T> List<T> join(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  static <V> Map<String, V> copy(@Nullable Map<String, V> map) {
    return map == null ? Map.of() : Map.copyOf(map);
  }
}
