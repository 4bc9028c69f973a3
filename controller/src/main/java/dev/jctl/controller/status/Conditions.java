package dev.jctl.controller.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code metav1.Condition} lists. */
public final class Conditions {
  private Conditions() {}

  /**
   * One condition as seen now.
   *
   * @param reason one CamelCase word
   * @param message a sentence that a person can act on
   */
  public record Seen(String type, boolean holds, String reason, String message) {}

  /**
   * The new list, in the order of {@code seen}. {@code lastTransitionTime} stays where the status
   * did not change.
   */
  public static List<Condition> of(
      @Nullable List<Condition> before, long generation, Instant now, List<Seen> seen) {
    List<Condition> result = new ArrayList<>();
    for (Seen s : seen) {
      String status = s.holds() ? "True" : "False";
      result.add(
          new Condition(
              transition(before, s.type(), status, now),
              s.message(),
              generation,
              s.reason(),
              status,
              s.type()));
    }
    return result;
  }

  private static String transition(
      @Nullable List<Condition> before, String type, String status, Instant now) {
    if (before != null) {
      for (Condition c : before) {
        if (type.equals(c.getType()) && status.equals(c.getStatus())) {
          return Objects.requireNonNullElseGet(c.getLastTransitionTime(), () -> Times.text(now));
        }
      }
    }
    return Times.text(now);
  }

  public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
    return conditions != null
        && conditions.stream()
            .anyMatch(c -> type.equals(c.getType()) && "True".equals(c.getStatus()));
  }

  /** The message of a condition, or an empty text. */
  public static String message(@Nullable List<Condition> conditions, String type) {
    return word(conditions, type, Condition::getMessage);
  }

  /** The reason of a condition, or an empty text. */
  public static String reason(@Nullable List<Condition> conditions, String type) {
    return word(conditions, type, Condition::getReason);
  }

  private static String word(
      @Nullable List<Condition> conditions,
      String type,
      Function<Condition, @Nullable String> word) {
    return conditions == null
        ? ""
        : conditions.stream()
            .filter(c -> type.equals(c.getType()))
            .map(c -> Objects.requireNonNullElse(word.apply(c), ""))
            .findFirst()
            .orElse("");
  }
}
