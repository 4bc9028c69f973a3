package dev.jctl.controller.probe;

import dev.jctl.shim.ContainerRuntime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Probes the containers it is told of, each at its own pace: one timer says when, a virtual thread
 * does it. A check that is slower than its period is not started a second time. Safe for many
 * threads.
 */
public final class Probes implements AutoCloseable {
  /** A container that runs and wants to be probed. */
  public record Target(
      String sandboxId,
      String containerId,
      Instant startedAt,
      boolean wasReady,
      List<ProbeSpec> specs) {
    public Target {
      specs = List.copyOf(specs);
    }
  }

  private static final class Running {
    final Target target;
    final Map<ProbeSpec.Kind, ProbeState> states = new EnumMap<>(ProbeSpec.Kind.class);
    final List<ScheduledFuture<?>> timers = new ArrayList<>();
    final Set<ProbeSpec.Kind> busy = java.util.EnumSet.noneOf(ProbeSpec.Kind.class);

    Running(Target target) {
      this.target = target;
    }
  }

  private static final long STARTING_MILLIS = 250;

  private final Checks checks;
  private final ScheduledExecutorService timer;
  private final InstantSource clock;
  private final Consumer<String> changed;
  private final Map<String, Running> byContainer = new HashMap<>();

  /** {@code changed} is told the sandbox in which a verdict changed. */
  public Probes(
      ContainerRuntime runtime,
      ScheduledExecutorService timer,
      InstantSource clock,
      Consumer<String> changed) {
    this.checks = new Checks(runtime);
    this.timer = timer;
    this.clock = clock;
    this.changed = changed;
  }

  /** From now on, exactly these containers of the sandbox are probed. */
  public synchronized void watch(String sandboxId, List<Target> targets) {
    Map<String, Target> wanted = new HashMap<>();
    targets.forEach(t -> wanted.put(t.containerId(), t));
    byContainer.values().removeIf(r -> outdated(r, sandboxId, wanted));
    for (Target target : wanted.values()) {
      if (!byContainer.containsKey(target.containerId())) {
        start(target);
      }
    }
  }

  private static boolean outdated(Running r, String sandboxId, Map<String, Target> wanted) {
    if (!r.target.sandboxId().equals(sandboxId)) {
      return false;
    }
    Target now = wanted.get(r.target.containerId());
    if (now != null && now.specs().equals(r.target.specs())) {
      return false;
    }
    r.timers.forEach(t -> t.cancel(false));
    return true;
  }

  private void start(Target target) {
    Running running = new Running(target);
    byContainer.put(target.containerId(), running);
    for (ProbeSpec spec : target.specs()) {
      running.states.put(spec.kind(), initial(target, spec));
      Instant first = target.startedAt().plus(spec.initialDelay());
      Duration delay = Duration.between(clock.instant(), first);
      running.timers.add(
          timer.scheduleAtFixedRate(
              () -> due(running, spec),
              Math.max(0, delay.toMillis()),
              spec.period().toMillis(),
              TimeUnit.MILLISECONDS));
    }
  }

  // A container that was ready before the controller was restarted does not flicker.
  private static ProbeState initial(Target target, ProbeSpec spec) {
    boolean passed = target.wasReady() && spec.kind() != ProbeSpec.Kind.LIVENESS;
    return passed ? new ProbeState(true, 0, "") : ProbeState.initial(spec.kind());
  }

  private void due(Running running, ProbeSpec spec) {
    synchronized (this) {
      if (!isTurn(running, spec) || !running.busy.add(spec.kind())) {
        return;
      }
    }
    Thread.ofVirtual()
        .name("probe-" + running.target.containerId())
        .start(() -> probe(running, spec));
  }

  // Until the startup probe has passed there are no others; then it is never done again.
  private static boolean isTurn(Running running, ProbeSpec spec) {
    ProbeState startup = running.states.get(ProbeSpec.Kind.STARTUP);
    boolean started = startup == null || startup.passing();
    return (spec.kind() == ProbeSpec.Kind.STARTUP) != started;
  }

  private void probe(Running running, ProbeSpec spec) {
    Target target = running.target;
    ProbeResult result =
        checks.run(target.sandboxId(), target.containerId(), spec.check(), spec.timeout());
    boolean different;
    synchronized (this) {
      running.busy.remove(spec.kind());
      ProbeVerdict before = verdict(running);
      running.states.computeIfPresent(spec.kind(), (k, state) -> state.after(spec, result));
      different =
          byContainer.get(target.containerId()) == running && !before.equals(verdict(running));
    }
    if (different) {
      changed.accept(target.sandboxId());
    } else if (isStarting(target, spec, result)) {
      again(running, spec);
    }
  }

  private synchronized void again(Running running, ProbeSpec spec) {
    if (byContainer.get(running.target.containerId()) == running) {
      running.timers.removeIf(ScheduledFuture::isDone);
      running.timers.add(
          timer.schedule(() -> due(running, spec), STARTING_MILLIS, TimeUnit.MILLISECONDS));
    }
  }

  // Most servers do not listen yet at the very first check; they need not wait a whole period.
  private boolean isStarting(Target target, ProbeSpec spec, ProbeResult result) {
    Instant firstPeriodEnd = target.startedAt().plus(spec.initialDelay()).plus(spec.period());
    return spec.kind() == ProbeSpec.Kind.READINESS
        && result instanceof ProbeResult.Failure
        && !timer.isShutdown()
        && clock.instant().isBefore(firstPeriodEnd);
  }

  /** {@link ProbeVerdict#FINE} for a container that is not probed. */
  public synchronized ProbeVerdict verdict(String containerId) {
    Running running = byContainer.get(containerId);
    return running == null ? ProbeVerdict.FINE : verdict(running);
  }

  private static ProbeVerdict verdict(Running running) {
    ProbeState startup = running.states.get(ProbeSpec.Kind.STARTUP);
    ProbeState readiness = running.states.get(ProbeSpec.Kind.READINESS);
    boolean started = startup == null || startup.passing();
    boolean ready = started && (readiness == null || readiness.passing());
    return new ProbeVerdict(started, ready, restart(running), message(startup, readiness));
  }

  private static String restart(Running running) {
    for (ProbeSpec spec : running.target.specs()) {
      ProbeState state = running.states.get(spec.kind());
      if (state == null || spec.kind() == ProbeSpec.Kind.READINESS) {
        continue;
      }
      if (state.exhausted(spec)) {
        String name = spec.kind() == ProbeSpec.Kind.LIVENESS ? "Liveness" : "Startup";
        return name + " probe failed: " + state.message();
      }
    }
    return "";
  }

  private static String message(@Nullable ProbeState startup, @Nullable ProbeState readiness) {
    if (startup != null && !startup.passing()) {
      return named("startup", startup);
    }
    return readiness != null && !readiness.passing() ? named("readiness", readiness) : "";
  }

  private static String named(String probe, ProbeState state) {
    return state.message().isEmpty() ? "" : probe + " probe: " + state.message();
  }

  @Override
  public synchronized void close() {
    byContainer.values().forEach(r -> r.timers.forEach(t -> t.cancel(false)));
    byContainer.clear();
  }
}
