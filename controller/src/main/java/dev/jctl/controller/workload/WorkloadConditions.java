package dev.jctl.controller.workload;

import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.WorkloadCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions of kinds in apps and batch. Pure. */
public final class WorkloadConditions {
  private WorkloadConditions() {}

  /** What is seen now. */
  public record Seen(String type, String status, String reason, String message) {}

  public static Optional<WorkloadCondition> find(
      @Nullable List<WorkloadCondition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(c -> c.type().equals(type)).findFirst();
  }

  /**
   * The list with what is seen of one type; {@code lastUpdateTime} moves on with reason or message.
   */
  public static List<WorkloadCondition> with(
      @Nullable List<WorkloadCondition> before, Seen seen, Instant now) {
    Optional<WorkloadCondition> old = find(before, seen.type());
    boolean told =
        old.filter(c -> seen.reason().equals(c.reason()) && seen.message().equals(c.message()))
            .isPresent();
    return with(before, seen, told ? old.get().lastUpdateTime() : Times.text(now), now);
  }

  /** As {@link #with(List, Seen, Instant)}, with a time of its own for {@code lastUpdateTime}. */
  public static List<WorkloadCondition> with(
      @Nullable List<WorkloadCondition> before, Seen seen, @Nullable String updated, Instant now) {
    Optional<WorkloadCondition> old = find(before, seen.type());
    boolean same = old.filter(c -> c.status().equals(seen.status())).isPresent();
    WorkloadCondition condition =
        new WorkloadCondition(
            seen.type(),
            seen.status(),
            seen.reason(),
            seen.message(),
            updated,
            null,
            same ? old.get().lastTransitionTime() : Times.text(now));
    List<WorkloadCondition> conditions = new ArrayList<>(before == null ? List.of() : before);
    conditions.removeIf(c -> c.type().equals(seen.type()));
    conditions.add(condition);
    return List.copyOf(conditions);
  }
}
