package dev.jctl.controller.network;

import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.drift.DriftPolicy;
import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Keeps the kernel's bridges as the Network objects say. */
public final class NetworkReconciler implements Reconciler {
  private static final String DEVICE = "status.device";

  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final Leases leases;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;
  private final DriftPolicy policy;
  private final DriftNotes notes;
  private final RulesRepair rules;
  // Subnets of networks that are planned but perhaps not yet seen in the cache.
  private final Map<ObjectRef, List<Cidr>> claims = new HashMap<>();
  private final List<Cidr> refused = new CopyOnWriteArrayList<>();

  public NetworkReconciler(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      Leases leases,
      DriftNotes notes,
      Consumer<ObjectRef> noted,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.runtime = runtime;
    this.leases = leases;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
    this.policy = new DriftPolicy(resources);
    this.notes = notes;
    this.rules = new RulesRepair(cache, runtime, policy, notes, noted, events, clock);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.NETWORK);
    if (!object.isDeleting()) {
      rules.look();
    }
    return carryOut(object, plan(object));
  }

  /** One at a time, so that two networks never choose the same subnet. */
  private synchronized NetworkAction plan(StoredObject object) {
    Resource.Network network = object.as(Resource.Network.class);
    NetworkAction action =
        NetworkPlanner.plan(
            new NetworkPlanner.Input(
                object.ref(),
                network,
                object.isDeleting(),
                others(object.ref()),
                List.copyOf(refused),
                HostRoutes.read(),
                leases.attached(object.ref()),
                policy.isReported(object),
                observed(object.ref())));
    switch (action) {
      case NetworkAction.Keep keep -> claim(object.ref(), keep.spec());
      case NetworkAction.Ensure ensure -> claim(object.ref(), ensure.spec());
      case NetworkAction.Report report -> claim(object.ref(), report.spec());
      case NetworkAction.Refuse refuse -> claims.remove(object.ref());
      case NetworkAction.AwaitPods await -> {}
      case NetworkAction.Remove remove -> {}
    }
    return action;
  }

  private void claim(ObjectRef ref, NetworkSpec spec) {
    claims.put(ref, AddressPool.parseAll(spec.subnets()));
  }

  private Map<ObjectRef, List<Cidr>> others(ObjectRef ref) {
    Map<ObjectRef, List<Cidr>> others = new HashMap<>();
    for (StoredObject o : cache.list(ResourceKind.NETWORK, null)) {
      var status = o.as(Resource.Network.class).status();
      if (status != null && status.subnets() != null) {
        others.put(o.ref(), AddressPool.parseAll(status.subnets()));
      }
    }
    others.putAll(claims);
    others.remove(ref);
    return others;
  }

  private Optional<Observed.Network> observed(ObjectRef ref) {
    String id = NetworkPlanner.id(ref);
    return runtime.networks().stream().filter(n -> n.spec().id().equals(id)).findFirst();
  }

  private Outcome carryOut(StoredObject object, NetworkAction action) {
    return switch (action) {
      case NetworkAction.Keep keep -> ready(object, keep.spec(), List.of());
      case NetworkAction.Ensure ensure -> ensure(object, ensure);
      case NetworkAction.Report report -> {
        Drift drift = Drifts.reported(DEVICE, report.drift(), clock.instant());
        yield ready(object, report.spec(), List.of(drift));
      }
      case NetworkAction.Refuse refuse ->
          refuse(object, refuse.reason(), refuse.message(), kept(object));
      case NetworkAction.AwaitPods await -> {
        writer.status(object, view(object, kept(object)).awaitingPods(await.pods()));
        yield Outcome.DONE;
      }
      case NetworkAction.Remove remove -> remove(object, remove.networkId());
    };
  }

  private Outcome ensure(StoredObject object, NetworkAction.Ensure ensure) {
    try {
      runtime.ensureNetwork(ensure.spec());
    } catch (RuntimeFailure e) {
      return failed(object, ensure.spec(), e);
    }
    return ensure.drift().isEmpty()
        ? ready(object, ensure.spec(), List.of())
        : ready(object, ensure.spec(), List.of(repaired(object, ensure.drift())));
  }

  private Drift repaired(StoredObject object, List<String> what) {
    Drift drift = Drifts.repaired(DEVICE, what, clock.instant());
    events.warning(object, "Repaired", "Repaired what had changed: " + drift.message());
    return drift;
  }

  /** What there is of it stays as it was, while what is asked for cannot be had. */
  private List<Drift> kept(StoredObject object) {
    return drifted(object).map(there -> kept(object, there)).stream().toList();
  }

  private Optional<Observed.Network> drifted(StoredObject object) {
    return observed(object.ref()).filter(there -> !there.changed().isEmpty());
  }

  private Drift kept(StoredObject object, Observed.Network there) {
    if (!policy.isReported(object) || there.drift().isEmpty()) {
      try {
        runtime.ensureNetwork(there.spec());
        return repaired(object, there.changed());
      } catch (RuntimeFailure e) {
        events.warning(object, reason(e), String.valueOf(e.getMessage()));
      }
    }
    return Drifts.reported(DEVICE, there.changed(), clock.instant());
  }

  private Outcome failed(StoredObject object, NetworkSpec spec, RuntimeFailure e) {
    synchronized (this) {
      claims.remove(object.ref());
    }
    List<String> asked = object.as(Resource.Network.class).spec().subnets();
    boolean taken = e.reason() == RuntimeFailure.Reason.SUBNET_TAKEN;
    if (taken && (asked == null || asked.isEmpty())) {
      refused.addAll(AddressPool.parseAll(spec.subnets()));
      return carryOut(object, plan(object));
    }
    List<Drift> found =
        drifted(object)
            .filter(there -> there.spec().equals(spec))
            .map(there -> List.of(Drifts.reported(DEVICE, there.changed(), clock.instant())))
            .orElseGet(() -> kept(object));
    refuse(object, reason(e), String.valueOf(e.getMessage()), found);
    return new Outcome.Retry();
  }

  private static String reason(RuntimeFailure e) {
    return switch (e.reason()) {
      case SUBNET_TAKEN -> "SubnetTaken";
      case NOT_FOUND -> "ParentMissing";
      case ALREADY_EXISTS -> "DeviceNameTaken";
      case UNSUPPORTED -> "KernelModuleMissing";
      default -> "RuntimeError";
    };
  }

  private Outcome refuse(StoredObject object, String reason, String message, List<Drift> found) {
    writer.status(object, view(object, found).failed(reason, message, observed(object.ref())));
    events.warning(object, reason, message);
    return Outcome.DONE;
  }

  private Outcome ready(StoredObject object, NetworkSpec spec, List<Drift> found) {
    String device = observed(object.ref()).map(Observed.Network::device).orElse("");
    writer.status(object, view(object, found).ready(spec, device));
    return Outcome.DONE;
  }

  private Outcome remove(StoredObject object, String networkId) {
    try {
      runtime.removeNetwork(networkId);
    } catch (RuntimeFailure e) {
      if (e.reason() == RuntimeFailure.Reason.IN_USE) {
        return new Outcome.Retry();
      }
      throw e;
    }
    synchronized (this) {
      claims.remove(object.ref());
    }
    notes.forget(object.uid());
    writer.dropFinalizer(object, Finalizers.NETWORK);
    return Outcome.DONE;
  }

  private NetworkStatusView view(StoredObject object, List<Drift> found) {
    return new NetworkStatusView(
        object.as(Resource.Network.class),
        leases.attached(object.ref()),
        Stream.concat(found.stream(), notes.of(object.uid()).stream()).toList(),
        clock.instant());
  }
}
