package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.network.Exposures;
import dev.jctl.controller.network.SandboxPods;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.Exposure;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gives Services their addresses, and keeps the runtime and the endpoints' objects as they say. */
public final class ServiceReconciler implements Reconciler {
  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final EventRecorder events;
  private final InstantSource clock;
  private final Optional<ApiAddress> api;
  private final ObjectWriter writer;
  private final ServiceAddresses addresses;

  // guarded by this: what the runtime has; null when that is not known
  private @Nullable Map<String, dev.jctl.shim.spec.ServiceSpec> served;
  // guarded by this: the API's, as for everybody
  private dev.jctl.shim.spec.@Nullable ServiceSpec apiForAll;
  // guarded by this: Pods that have just got addresses and are perhaps not yet seen in the cache
  private final Map<ObjectRef, StoredObject> addressed = new HashMap<>();

  /**
   * @param api where the Service {@code kubernetes} leads; empty for none
   */
  public ServiceReconciler(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      EventRecorder events,
      InstantSource clock,
      Optional<ApiAddress> api) {
    this.resources = resources;
    this.cache = cache;
    this.runtime = runtime;
    this.events = events;
    this.clock = clock;
    this.api = api;
    this.writer = new ObjectWriter(resources);
    this.addresses = new ServiceAddresses(cache, runtime);
  }

  /** Whether the Pod, if there is one, is behind the Service. */
  public static boolean selects(StoredObject service, @Nullable StoredObject pod) {
    return pod != null && Backends.selects(service.tree(), pod.tree());
  }

  /** The Pod has got its addresses: it reaches the API before anything of it runs, if it may. */
  public synchronized void addressed(StoredObject pod) {
    if (apiForAll != null && ApiService.isFor(pod)) {
      addressed.put(pod.ref(), pod);
      serveApi(apiForAll);
    }
  }

  /** The runtime may have lost what it was told. */
  public synchronized void resync() {
    served = null;
  }

  /** Takes Services out of the runtime that went while nobody looked. */
  public void sweep() {
    for (dev.jctl.shim.spec.ServiceSpec service : runtime.services()) {
      String[] parts = service.id().split("\\.", 2);
      ObjectRef ref = new ObjectRef(ResourceKind.SERVICE, parts[0], parts[1]);
      if (resources.find(ref).isEmpty()) {
        remove(ref);
      }
    }
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = isApi(ref) ? kept(ref) : resources.find(ref);
    if (found.isEmpty() || found.get().isDeleting()) {
      remove(ref);
      return Outcome.DONE;
    }
    return switch (addresses.allocate(found.get())) {
      case Allocation.Result.Refused refused -> {
        remove(ref);
        tell(found.get(), refused.reason(), refused.message());
        yield Outcome.DONE;
      }
      case Allocation.Result.Allocated complete -> serve(withSpec(found.get(), complete.spec()));
    };
  }

  private Outcome serve(StoredObject service) {
    ServiceSpec spec = service.as(Resource.Service.class).spec();
    List<Backend> backends = Backends.reachable(spec, behind(service, spec));
    EndpointTrees trees = new EndpointTrees(service, spec);
    boolean isDeclared = !isApi(service.ref()) && !Backends.hasSelector(spec);
    slices(service.ref(), isDeclared ? Map.of() : trees.slices(backends));
    if (!isDeclared) {
      ObjectRef endpoints = sibling(service.ref(), ResourceKind.ENDPOINTS, service.ref().name());
      put(endpoints, trees.endpoints(backends), List.of("subsets"));
    }
    dev.jctl.shim.spec.ServiceSpec wanted =
        RuntimeServices.of(service.ref(), spec, backends, exposure(service));
    try {
      List<String> taken = isApi(service.ref()) ? serveApi(wanted) : ensure(wanted);
      if (!taken.isEmpty()) {
        tell(service, Allocation.NODE_PORT_TAKEN, message(taken));
        return new Outcome.Retry();
      }
    } catch (RuntimeFailure e) {
      if (e.reason() == Reason.UNAVAILABLE) {
        throw e;
      }
      boolean unsupported = e.reason() == Reason.UNSUPPORTED;
      String reason = unsupported ? "KernelModuleMissing" : "RuntimeError";
      tell(service, reason, String.valueOf(e.getMessage()));
      return new Outcome.Retry();
    }
    writer.status(service, view(service).serving(spec, backends));
    return Outcome.DONE;
  }

  private void tell(StoredObject service, String reason, String message) {
    events.warning(service, reason, message);
    writer.status(service, view(service).refused(reason, message));
  }

  private String message(List<String> taken) {
    return SandboxPods.named(runtime, String.join("; ", taken))
        + "; choose another node port, or free this one; until then the rest of it leads to its"
        + " endpoints";
  }

  private ServiceStatusView view(StoredObject service) {
    return new ServiceStatusView(service.as(Resource.Service.class), clock.instant());
  }

  private static ObjectRef sibling(ObjectRef service, ResourceKind kind, String name) {
    return new ObjectRef(kind, service.namespace(), name);
  }

  /** What cannot be read is reached by nobody else; admission has refused it already. */
  private static Exposure exposure(StoredObject service) {
    try {
      return Exposures.parse(
          service.tree().at("/metadata/annotations").path(Annotations.EXPOSE).asText(""));
    } catch (IllegalArgumentException e) {
      return Exposure.LOCALHOST;
    }
  }

  private boolean isApi(ObjectRef ref) {
    return api.isPresent() && ref.equals(ObjectRef.API_SERVICE);
  }

  /** Made when it is not there, and put back when others changed it. */
  private Optional<StoredObject> kept(ObjectRef ref) {
    ApiAddress address = api.orElseThrow();
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      writer.create(ref, ApiService.tree(address));
      return resources.find(ref);
    }
    return found.map(
        service ->
            service.isDeleting() || ApiService.isAsWanted(service.tree().path("spec"), address)
                ? service
                : writer.update(service, tree -> tree.set("spec", ApiService.spec(address))));
  }

  /** Only while there is somebody who may reach it: rules for nobody are not made. */
  private synchronized List<String> serveApi(dev.jctl.shim.spec.ServiceSpec forAll) {
    apiForAll = forAll;
    addressed.values().removeIf(pod -> isSeen(pod));
    List<String> clients =
        ApiService.clients(
            Stream.concat(
                cache.list(ResourceKind.POD, null).stream(), addressed.values().stream()));
    if (!clients.isEmpty()) {
      return ensure(forAll.onlyFor(clients));
    }
    withdraw(forAll.id());
    return List.of();
  }

  /** Or its successor of the same name, or that it has gone. */
  private boolean isSeen(StoredObject pod) {
    return cache.find(pod.ref()).map(seen -> seen.revision() >= pod.revision()).orElse(true);
  }

  private void withdraw(String id) {
    if (known().containsKey(id)) {
      runtime.removeService(id);
      known().remove(id);
    }
  }

  private StoredObject withSpec(StoredObject service, ObjectNode spec) {
    if (spec.equals(service.tree().path("spec"))) {
      return service;
    }
    return writer.update(service, tree -> tree.set("spec", spec));
  }

  /** In words, node ports that others have. */
  private synchronized List<String> ensure(dev.jctl.shim.spec.ServiceSpec wanted) {
    Map<String, dev.jctl.shim.spec.ServiceSpec> known = known();
    if (wanted.equals(known.get(wanted.id()))) {
      return List.of();
    }
    List<String> taken = runtime.ensureService(wanted);
    if (taken.isEmpty()) {
      known.put(wanted.id(), wanted);
    } else {
      known.remove(wanted.id());
    }
    return taken;
  }

  private synchronized void remove(ObjectRef ref) {
    addresses.release(ref);
    String id = RuntimeServices.id(ref);
    runtime.removeService(id);
    known().remove(id);
  }

  private Map<String, dev.jctl.shim.spec.ServiceSpec> known() {
    Map<String, dev.jctl.shim.spec.ServiceSpec> known = served;
    if (known == null) {
      known = new HashMap<>();
      for (dev.jctl.shim.spec.ServiceSpec service : runtime.services()) {
        known.put(service.id(), service);
      }
      served = known;
    }
    return known;
  }

  private List<Backend> behind(StoredObject service, ServiceSpec spec) {
    if (isApi(service.ref())) {
      return List.of(ApiService.backend(api.orElseThrow()));
    }
    return Backends.hasSelector(spec) ? selected(service, spec) : declared(service.ref());
  }

  private List<Backend> selected(StoredObject service, ServiceSpec spec) {
    return Backends.ofPods(service, spec, cache.list(ResourceKind.POD, service.ref().namespace()));
  }

  private List<Backend> declared(ObjectRef service) {
    List<StoredObject> slices = slicesOf(service);
    slices.removeIf(slice -> label(slice, EndpointTrees.MANAGED_BY).equals(EndpointTrees.MANAGER));
    return Backends.declared(
        slices, cache.find(sibling(service, ResourceKind.ENDPOINTS, service.name())));
  }

  private List<StoredObject> slicesOf(ObjectRef service) {
    List<StoredObject> slices = new ArrayList<>();
    for (StoredObject slice : cache.list(ResourceKind.ENDPOINT_SLICE, service.namespace())) {
      if (label(slice, EndpointTrees.SERVICE_NAME).equals(service.name())) {
        slices.add(slice);
      }
    }
    return slices;
  }

  private static String label(StoredObject object, String key) {
    return object.tree().at("/metadata/labels").path(key).asText("");
  }

  private void slices(ObjectRef service, Map<ObjectRef, ObjectNode> wanted) {
    wanted.forEach((ref, tree) -> put(ref, tree, List.of("endpoints", "ports")));
    Set<ObjectRef> unwanted = new HashSet<>();
    for (StoredObject slice : slicesOf(service)) {
      if (label(slice, EndpointTrees.MANAGED_BY).equals(EndpointTrees.MANAGER)
          && !wanted.containsKey(slice.ref())
          && unwanted.add(slice.ref())) {
        writer.delete(slice, Resources.DeleteOptions.DEFAULT);
      }
    }
  }

  /** Made, or made equal in these fields and its labels. */
  private void put(ObjectRef ref, ObjectNode wanted, List<String> fields) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      writer.create(ref, wanted);
      return;
    }
    boolean same =
        fields.stream().allMatch(f -> wanted.path(f).equals(found.get().tree().path(f)))
            && wanted.at("/metadata/labels").equals(found.get().tree().at("/metadata/labels"));
    if (!same && !found.get().isDeleting()) {
      writer.update(
          found.get(),
          tree -> {
            for (String field : fields) {
              tree.remove(field);
              if (wanted.has(field)) {
                tree.set(field, wanted.path(field));
              }
            }
            tree.withObject("/metadata").set("labels", wanted.at("/metadata/labels"));
            tree.withObject("/metadata")
                .set("ownerReferences", wanted.at("/metadata/ownerReferences"));
          });
    }
  }
}
