package dev.jctl.controller.pod;

import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.config.ProjectedTokens;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.probe.ProbeVerdict;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.Observed;
import io.fabric8.kubernetes.api.model.Container;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a change of a Pod will take: the planner itself is asked, about a machine that runs the Pod
 * as it was. What the Pod refers to is taken to be there and to stay the same. Pure.
 */
public final class PodForecast {
  private static final Instant WHENEVER = Instant.EPOCH;
  private static final Path NOWHERE = Path.of("/");

  private PodForecast() {}

  /** {@code fields}: those of the spec that force it. */
  public sealed interface Effect {
    List<String> fields();

    record None() implements Effect {
      @Override
      public List<String> fields() {
        return List.of();
      }
    }

    record InPlace(List<String> fields) implements Effect {
      public InPlace {
        fields = List.copyOf(fields);
      }
    }

    /** Its containers are made anew; addresses and volumes stay. */
    record Restart(List<String> fields) implements Effect {
      public Restart {
        fields = List.copyOf(fields);
      }
    }

    /** All of it is made anew. */
    record Recreate(List<String> fields) implements Effect {
      public Recreate {
        fields = List.copyOf(fields);
      }
    }
  }

  public static Effect of(StoredObject before, StoredObject after) {
    DesiredPod was = desired(before);
    DesiredPod wanted = desired(after);
    PodPlan plan = PodPlanner.plan(input(before, was, running(before, was), wanted));
    return switch (plan.change()) {
      case null -> new Effect.None();
      case PodPlan.Change.InPlace c -> new Effect.InPlace(c.fields());
      case PodPlan.Change.Recreated c ->
          replacesSandbox(before, was, wanted)
              ? new Effect.Recreate(c.fields())
              : new Effect.Restart(c.fields());
    };
  }

  /** Once what ran has ended, the planner says what comes in its place. */
  private static boolean replacesSandbox(StoredObject pod, DesiredPod was, DesiredPod wanted) {
    Observed.State ended = new Observed.State.Exited(0, 0, "Completed", "", WHENEVER, WHENEVER);
    return PodPlanner.plan(input(pod, was, observed(pod, was, ended), wanted)).actions().stream()
        .anyMatch(PodAction.RemoveSandbox.class::isInstance);
  }

  private static Observed.Sandbox running(StoredObject pod, DesiredPod was) {
    return observed(pod, was, new Observed.State.Running(1, WHENEVER, was.paused()));
  }

  private static Observed.Sandbox observed(StoredObject pod, DesiredPod was, Observed.State state) {
    List<Observed.Container> containers = new ArrayList<>();
    for (DesiredPod.DesiredContainer c : was.containers()) {
      Observed.State its =
          c.role() == ContainerRole.INIT
              ? new Observed.State.Exited(0, 0, "Completed", "", WHENEVER, WHENEVER)
              : state;
      containers.add(
          new Observed.Container(
              Parts.numbered(c.template(), pod.uid(), c.name(), 0, c.template().labels()),
              its,
              List.of()));
    }
    return new Observed.Sandbox(was.sandbox(), true, List.of(), containers);
  }

  private static PodPlanner.Input input(
      StoredObject pod, DesiredPod was, Observed.Sandbox sandbox, DesiredPod wanted) {
    Map<String, String> written = new HashMap<>();
    was.files().forEach(f -> written.put(f.volume().id(), f.hash()));
    return new PodPlanner.Input(
        pod.uid(),
        false,
        false,
        Optional.empty(),
        1,
        List.of(),
        List.of(),
        written,
        Set.of(),
        new Resolution.Resolved(wanted),
        Optional.of(sandbox),
        was.ports(),
        Set.of(),
        id -> ProbeVerdict.FINE,
        ToldConfig.NONE,
        Map.of(),
        WHENEVER);
  }

  private static DesiredPod desired(StoredObject object) {
    Resource.Pod pod = object.as(Resource.Pod.class);
    List<NetworkRef> networks = NetworkRefs.of(pod);
    List<Lease> leases =
        networks.stream().map(n -> new Lease(n.name(), addresses(n), n.mac())).toList();
    return DesiredPods.of(
        new DesiredPods.Input(
            object.ref(),
            object.uid(),
            pod,
            networks,
            leases,
            Set.of(),
            images(pod),
            Map.of(),
            Map.of(),
            FoundVolumes.NONE,
            ConfigData.NONE,
            ProjectedTokens.NONE,
            Map.of(),
            HostPaths.ALL,
            SeccompProfiles.NAMES,
            NOWHERE,
            "",
            "",
            new Machine(0, 0)));
  }

  private static List<String> addresses(NetworkRef network) {
    List<String> asked = network.staticIps();
    return (asked.isEmpty() ? List.of("0.0.0.0") : asked).stream().map(ip -> ip + "/24").toList();
  }

  /** What an image is called stands for what is in it. */
  private static Map<String, StoredImage> images(Resource.Pod pod) {
    Map<String, StoredImage> images = new HashMap<>();
    List<Container> containers = new ArrayList<>(DesiredPods.initContainers(pod.spec()));
    containers.addAll(pod.spec().getContainers());
    for (Container c : containers) {
      images.put(
          c.getName(),
          new StoredImage(c.getImage(), "", null, "linux", "", ImageConfig.EMPTY, List.of(), 0));
    }
    return images;
  }
}
