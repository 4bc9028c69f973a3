package dev.jctl.controller.pod;

import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.probe.ProbeVerdict;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One Pod on a machine in memory: plans are carried out at once, time stands still by itself. */
final class PodLife {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  final FakeRuntime runtime = new FakeRuntime(() -> now);
  private final Map<String, Integer> attempts = new HashMap<>();
  DesiredPod desired;
  private final Map<String, String> written = new HashMap<>();
  final Set<String> lost = new HashSet<>();
  private ToldConfig told = ToldConfig.NONE;
  Optional<String> eviction = Optional.empty();
  boolean terminal;
  boolean deleting;
  boolean released;

  PodLife(DesiredPod desired) {
    this.desired = desired;
    prepare(desired);
  }

  /** What other reconcilers see to. */
  private void prepare(DesiredPod pod) {
    pod.sandbox()
        .networks()
        .forEach(
            n ->
                runtime.ensureNetwork(
                    new NetworkSpec(n.networkId(), List.of(), List.of(), false, 0)));
    for (DesiredPod.DesiredContainer c : pod.containers()) {
      c.template()
          .layers()
          .forEach(l -> runtime.unpackLayer(l, Collections.<LayerEntry>emptyIterator()));
      for (ContainerSpec.VolumeMount mount : c.template().volumes()) {
        if (mount.source() instanceof ContainerSpec.Source.Volume v
            && !v.volumeId().startsWith("pod-")) {
          runtime.ensureVolume(new VolumeSpec(v.volumeId(), VolumeSpec.Driver.LOCAL, 0));
        }
      }
    }
  }

  void change(DesiredPod to) {
    desired = to;
    prepare(to);
  }

  void moveOn(Duration by) {
    now = now.plus(by);
  }

  List<Observed.Container> containers() {
    return runtime.containers();
  }

  PodPlan plan() {
    Optional<Observed.Sandbox> sandbox = runtime.sandbox(Pods.UID);
    List<PortSpec> published =
        runtime.ports().ports().stream().filter(p -> p.sandboxId().equals(Pods.UID)).toList();
    return PodPlanner.plan(
        new PodPlanner.Input(
            Pods.UID,
            deleting,
            terminal,
            eviction,
            30,
            desired.emptyDirs().stream().map(VolumeSpec::id).toList(),
            desired.emptyDirs(),
            written,
            lost,
            new Resolution.Resolved(desired),
            sandbox,
            published,
            Set.of(),
            id -> ProbeVerdict.FINE,
            told,
            attempts,
            now));
  }

  /** Carries out plans until one is empty, and returns all that was done. */
  List<PodAction> settle() {
    List<PodAction> done = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      PodPlan plan = plan();
      if (plan.actions().isEmpty() || released) {
        return done;
      }
      for (PodAction action : plan.actions()) {
        done.add(action);
        if (!execute(action)) {
          break;
        }
      }
      runtime
          .containers()
          .forEach(c -> attempts.merge(new Attempt(c).name(), c.spec().attempt(), Math::max));
    }
    throw new AssertionError("does not settle: " + plan().actions());
  }

  private boolean execute(PodAction action) {
    switch (action) {
      case PodAction.WriteFiles a -> {
        runtime.ensureVolume(a.content().volume());
        written.put(a.content().volume().id(), a.content().hash());
      }
      case PodAction.EnsureEmptyDir a -> runtime.ensureVolume(a.volume());
      case PodAction.RepairEmptyDir a -> {
        runtime.ensureVolume(a.volume());
        lost.remove(a.volume().id());
      }
      case PodAction.CreateSandbox a -> runtime.createSandbox(a.spec());
      case PodAction.UpdateSandbox a -> runtime.updateSandbox(a.spec());
      case PodAction.RepairSandbox a -> runtime.repairSandbox(a.sandboxId());
      case PodAction.RemoveSandbox a -> runtime.removeSandbox(a.sandboxId());
      case PodAction.PublishPorts a -> runtime.publishPorts(a.sandboxId(), a.ports());
      case PodAction.RunContainer a -> {
        return started(() -> runtime.runContainer(a.spec()));
      }
      case PodAction.StartContainer a -> {
        return started(() -> runtime.startContainer(a.containerId()));
      }
      case PodAction.StopContainers a ->
          a.containerIds().forEach(id -> runtime.stopContainer(id, Duration.ZERO));
      case PodAction.PauseContainer a -> runtime.pauseContainer(a.containerId());
      case PodAction.ResumeContainer a -> runtime.resumeContainer(a.containerId());
      case PodAction.RemoveContainer a -> runtime.removeContainer(a.containerId());
      case PodAction.UpdateResources a -> runtime.updateResources(a.containerId(), a.resources());
      case PodAction.TellConfig a -> {
        runtime.signalContainer(a.containerId(), a.signal().number());
        told = new ToldConfig(Map.of(a.name(), a.containerId() + " " + a.digest()));
      }
      case PodAction.RepairMounts a -> runtime.repairMounts(a.containerId());
      case PodAction.RemoveLeftovers a -> a.volumeIds().forEach(runtime::removeVolume);
      case PodAction.Vacate a -> {
        runtime.removeSandbox(a.sandboxId());
        a.volumeIds().forEach(runtime::removeVolume);
      }
      case PodAction.Release a -> released = true;
    }
    return true;
  }

  private static boolean started(Runnable start) {
    try {
      start.run();
      return true;
    } catch (RuntimeFailure e) {
      return false;
    }
  }

  List<String> running() {
    return containers().stream()
        .filter(c -> c.state() instanceof Observed.State.Running)
        .map(c -> c.spec().id())
        .toList();
  }
}
