package dev.jctl.controller.pod;

import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.probe.Checks;
import dev.jctl.controller.probe.ProbeResult;
import dev.jctl.controller.probe.ProbeSpec;
import dev.jctl.controller.probe.ProbeVerdict;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Hooks {@code postStart} and {@code preStop} of containers, as the kubelet carries them out: the
 * one right after the process was started, neither before nor after the process's own beginning;
 * the other before it is asked to end, within the grace period. Each at least once, seldom more
 * often; a {@code postStart} that was under way when the controller died is not begun anew.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/">Container
 *     lifecycle hooks</a>
 */
final class LifecycleHooks {
  /** A {@code postStart} has no limit of its own; who waits for ever would keep its thread. */
  private static final Duration LONGEST = Duration.ofDays(1);

  /** What is left to a container whose hook has used the grace period up. */
  private static final Duration LEAST_GRACE = Duration.ofSeconds(2);

  private static final ProbeVerdict STARTING =
      new ProbeVerdict(false, false, "", "its postStart hook is under way");

  private final ContainerRuntime runtime;
  private final Checks checks;
  private final EventRecorder events;
  private final Set<String> starting = ConcurrentHashMap.newKeySet();

  LifecycleHooks(ContainerRuntime runtime, EventRecorder events) {
    this.runtime = runtime;
    this.checks = new Checks(runtime);
    this.events = events;
  }

  /** That of the probes, but not before {@code postStart} has ended. */
  ProbeVerdict verdict(String containerId, Function<String, ProbeVerdict> probes) {
    return starting.contains(containerId) ? STARTING : probes.apply(containerId);
  }

  /**
   * To be called when it was started: its {@code postStart} runs in the background.
   *
   * @param failed told when the container must be killed for it
   * @param ended told in any case, afterwards
   */
  void started(
      StoredObject pod, String container, String containerId, Runnable failed, Runnable ended) {
    Optional<LifecycleHandler> hook = lifecycle(pod, container).map(Lifecycle::getPostStart);
    if (hook.isEmpty() || !starting.add(containerId)) {
      return;
    }
    Thread.ofVirtual()
        .name("post-start-" + containerId)
        .start(
            () -> {
              try {
                if (!succeeds(pod, "PostStart", container, containerId, hook.get(), LONGEST)) {
                  failed.run();
                }
              } finally {
                starting.remove(containerId);
                ended.run();
              }
            });
  }

  /**
   * Runs {@code preStop}, if there is one, within the grace period.
   *
   * @return what is left of it
   */
  Duration beforeStop(StoredObject pod, String containerId, Duration grace) {
    String container =
        runtime
            .container(containerId)
            .map(Attempt::new)
            .filter(Attempt::isRunning)
            .map(Attempt::name)
            .orElse("");
    Optional<LifecycleHandler> hook = lifecycle(pod, container).map(Lifecycle::getPreStop);
    if (hook.isEmpty() || !grace.isPositive()) {
      return grace;
    }
    long began = System.nanoTime();
    succeeds(pod, "PreStop", container, containerId, hook.get(), grace);
    Duration left = grace.minusNanos(System.nanoTime() - began);
    return left.compareTo(LEAST_GRACE) < 0 ? LEAST_GRACE : left;
  }

  private static Optional<Lifecycle> lifecycle(StoredObject pod, String container) {
    return find(pod, container).map(Container::getLifecycle);
  }

  private static Optional<Container> find(StoredObject pod, String container) {
    PodSpec spec = pod.as(Resource.Pod.class).spec();
    return Stream.concat(spec.getContainers().stream(), spec.getInitContainers().stream())
        .filter(c -> container.equals(c.getName()))
        .findFirst();
  }

  private boolean succeeds(
      StoredObject pod,
      String kind,
      String container,
      String containerId,
      LifecycleHandler hook,
      Duration limit) {
    ProbeResult result = run(pod, container, containerId, hook, limit);
    if (result instanceof ProbeResult.Failure(String message)) {
      events.warning(
          pod,
          "Failed" + kind + "Hook",
          "%s hook of container %s failed: %s".formatted(kind, container, message));
      return false;
    }
    return true;
  }

  private ProbeResult run(
      StoredObject pod,
      String container,
      String containerId,
      LifecycleHandler hook,
      Duration limit) {
    if (hook.getSleep() != null) {
      return sleep(Duration.ofSeconds(hook.getSleep().getSeconds()), limit);
    }
    Optional<ProbeSpec.Check> check =
        find(pod, container).flatMap(c -> ProbeSpecs.of(hook, c, address(pod)));
    return check.isEmpty()
        ? new ProbeResult.Failure("it is none of exec, httpGet and sleep")
        : checks.run(pod.uid(), containerId, check.get(), limit);
  }

  /** Of its first network; of one in the host's, that of the loopback. */
  private String address(StoredObject pod) {
    return runtime.sandbox(pod.uid()).map(Observed.Sandbox::spec).stream()
        .flatMap(s -> s.networks().stream())
        .flatMap(n -> n.addresses().stream())
        .map(Lease::ip)
        .findFirst()
        .orElse("127.0.0.1");
  }

  private static ProbeResult sleep(Duration time, Duration limit) {
    try {
      Thread.sleep(time.compareTo(limit) < 0 ? time : limit);
      return time.compareTo(limit) <= 0
          ? new ProbeResult.Success()
          : new ProbeResult.Failure("the grace period has ended before it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ProbeResult.Failure("interrupted");
    }
  }
}
