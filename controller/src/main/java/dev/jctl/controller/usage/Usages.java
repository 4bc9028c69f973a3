package dev.jctl.controller.usage;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much is used now. A rate needs two looks: the one before when somebody asked a short while
 * ago, else one is made at once and the caller waits for the second.
 */
public final class Usages {
  private static final Logger LOG = LoggerFactory.getLogger(Usages.class);
  private static final Duration APART = Duration.ofMillis(500);
  private static final Duration OUTDATED = Duration.ofMinutes(2);
  private static final String MACHINE = "";

  private final ContainerRuntime runtime;

  /** By container id; guarded by this. */
  private final Map<String, Look> before = new HashMap<>();

  private record Look(long atNanos, long cpuNanos) {
    Duration age(long now) {
      return Duration.ofNanos(now - atNanos);
    }
  }

  /**
   * @param cpuNanos per second
   * @param memoryBytes working set
   * @param window that the rate is of
   */
  public record Rate(long cpuNanos, long memoryBytes, Duration window) {}

  public Usages(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** Of those that still run, in their order. */
  public Map<RunningContainer, Rate> of(List<RunningContainer> running)
      throws InterruptedException {
    Map<String, Rate> byId = rates(() -> byId(counters(running)));
    Map<RunningContainer, Rate> rates = new LinkedHashMap<>();
    for (RunningContainer container : running) {
      Rate rate = byId.get(container.id());
      if (rate != null) {
        rates.put(container, rate);
      }
    }
    return rates;
  }

  public Rate ofMachine() throws InterruptedException {
    return Objects.requireNonNull(
        rates(
                () ->
                    Map.of(
                        MACHINE,
                        new Observed.Usage(ProcStat.busyNanos(), ProcStat.usedMemory(), 0)))
            .get(MACHINE));
  }

  /** What those that still run have used since they began. */
  public Map<RunningContainer, Observed.Usage> counters(List<RunningContainer> running) {
    Map<RunningContainer, Observed.Usage> seen = new LinkedHashMap<>();
    for (RunningContainer container : running) {
      try {
        runtime.usage(container.id()).ifPresent(usage -> seen.put(container, usage));
      } catch (RuntimeFailure e) {
        LOG.debug("usage of {}: {}", container, e.getMessage()); // it has ended meanwhile
      }
    }
    return seen;
  }

  private static Map<String, Observed.Usage> byId(Map<RunningContainer, Observed.Usage> counters) {
    Map<String, Observed.Usage> byId = new HashMap<>();
    counters.forEach((container, usage) -> byId.put(container.id(), usage));
    return byId;
  }

  private synchronized Map<String, Rate> rates(Supplier<Map<String, Observed.Usage>> look)
      throws InterruptedException {
    Map<String, Observed.Usage> seen = look.get();
    if (!canCompare(seen.keySet())) {
      remember(seen);
      Thread.sleep(APART);
      seen = look.get();
    }
    long now = System.nanoTime();
    Map<String, Rate> rates = new HashMap<>();
    seen.forEach(
        (id, usage) -> {
          Look earlier = before.get(id);
          if (earlier != null) {
            rates.put(id, rate(earlier, usage, earlier.age(now)));
          }
        });
    remember(seen);
    return rates;
  }

  private static Rate rate(Look earlier, Observed.Usage usage, Duration window) {
    double seconds = window.toNanos() / 1e9;
    long cpu = Math.max(0, Math.round((usage.cpuNanos() - earlier.cpuNanos()) / seconds));
    return new Rate(cpu, usage.memoryBytes(), window);
  }

  private boolean canCompare(Set<String> ids) {
    long now = System.nanoTime();
    return ids.stream()
        .map(before::get)
        .allMatch(
            look ->
                look != null
                    && look.age(now).compareTo(APART) >= 0
                    && look.age(now).compareTo(OUTDATED) <= 0);
  }

  private void remember(Map<String, Observed.Usage> seen) {
    long now = System.nanoTime();
    before.values().removeIf(look -> look.age(now).compareTo(OUTDATED) > 0);
    seen.forEach((id, usage) -> before.put(id, new Look(now, usage.cpuNanos())));
  }
}
