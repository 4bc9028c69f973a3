package dev.jctl.controller.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.jctl.controller.drift.PodDrift;
import dev.jctl.controller.namespace.NamespaceReconciler;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.pod.PodReconciler;
import dev.jctl.controller.queue.ControlLoop;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.Loops;
import dev.jctl.controller.queue.MountedImages;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.service.ApiService;
import dev.jctl.controller.service.ServiceReconciler;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.Source;
import dev.jctl.controller.volume.PodClaims;
import dev.jctl.controller.volume.VolumePlanner;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.controller.workload.Owners;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.RuntimeEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says whom a change concerns. Only enqueues keys. */
final class ChangeRouter implements ResourceCache.Listener {
  // Many Pods come and go together; those they use need not be told of each.
  private static final Duration TOGETHER = Duration.ofMillis(50);

  private static final Duration SHOWN_AFTER = Duration.ofSeconds(1);

  // A Pod changes several times while it starts; its Container shows the outcome.
  private static final Duration MIRRORED_AFTER = Duration.ofMillis(20);

  private static final Duration SET_SHOWN_AFTER = Duration.ofMillis(200);

  // Where a Pod is and its addresses are written by the one that would be told of them.
  private static final String ANNOTATIONS = "annotations";
  private static final Set<ResourceKind> FOLLOWED =
      EnumSet.of(ResourceKind.GIT_REPOSITORY, ResourceKind.MANIFEST_SOURCE);
  private static final Set<String> OWN_OF_SPEC = Set.of("nodeName");
  private static final Set<String> OWN_OF_METADATA =
      Set.of("resourceVersion", "managedFields", ANNOTATIONS);
  private static final Set<String> OWN_ANNOTATIONS =
      Set.of(Lease.ANNOTATION, MountedImages.ANNOTATION);

  private final ResourceCache cache;
  private final Loops loops;
  private final ControlLoop owners;
  private final Dependents dependents;
  private final Runnable contentFreed;
  private final Map<String, ObjectRef> podsByUid = new ConcurrentHashMap<>();

  /** {@code owners}: the loop of garbage collection; {@code contentFreed}: images may be unused. */
  ChangeRouter(
      ResourceCache cache,
      Loops loops,
      ControlLoop owners,
      Dependents dependents,
      Runnable contentFreed) {
    this.cache = cache;
    this.loops = loops;
    this.owners = owners;
    this.dependents = dependents;
    this.contentFreed = contentFreed;
  }

  @Override
  public void changed(@Nullable StoredObject before, @Nullable StoredObject after) {
    StoredObject object = Objects.requireNonNull(after == null ? before : after);
    ObjectRef ref = object.ref();
    boolean declared = before == null || after == null || !sameButStatus(before, after);
    if (declared) {
      loops.enqueue(ref);
    }
    switch (ref.kind()) {
      case POD -> podChanged(before, after, object);
      case VOLUME -> {
        dependencyChanged(before, after, ref);
        volumeChanged(object);
      }
      case IMAGE, NETWORK, NODE, SECRET -> dependencyChanged(before, after, ref);
      case CONFIG_MAP -> {
        dependencyChanged(before, after, ref);
        if (before != null && NamespaceReconciler.publishes(ref)) {
          loops.enqueue(namespaceOf(ref));
        }
      }
      case PERSISTENT_VOLUME_CLAIM -> {
        dependencyChanged(before, after, ref);
        claimChanged(after, object);
      }
      case VOLUME_SNAPSHOT -> snapshotChanged(object);
      case MANIFEST_SET -> setChanged(before, after, ref);
      case REPLICA_SET, JOB -> controllerOf(object).ifPresent(loops::enqueue);
      case CLUSTER_ROLE -> tellAggregating(ref);
      case SERVICE_ACCOUNT -> {
        dependencyChanged(before, after, ref);
        if (after == null) {
          loops.enqueue(namespaceOf(ref));
        }
      }
      case ENDPOINTS, ENDPOINT_SLICE -> endpointsChanged(object);
      case NAMESPACE -> tellPolicies();
      case GIT_REPOSITORY, MANIFEST_SOURCE -> driftPolicyChanged(before, after);
      case CONTAINER,
          DEPLOYMENT,
          CRON_JOB,
          EVENT,
          ROLE,
          ROLE_BINDING,
          CLUSTER_ROLE_BINDING,
          SERVICE,
          NETWORK_POLICY,
          LEASE -> {}
    }
    tellWaiting(before, after);
    if (declared) {
      source(object).ifPresent(repository -> loops.enqueueAfter(repository, SHOWN_AFTER));
    } else if (!conditions(before).equals(conditions(after))) {
      tellGate(object);
    }
    if (after != null && !drift(before).equals(drift(after))) {
      tellDrift(after);
    }
    tellSet(before, after, object);
    if (ref.kind() != ResourceKind.EVENT) {
      tellOwners(before, after, object);
    }
  }

  /** Status is written by the reconcilers themselves; it tells them nothing new. */
  private static boolean sameButStatus(StoredObject before, StoredObject after) {
    JsonNode was = before.tree().path("metadata");
    JsonNode is = after.tree().path("metadata");
    return sameBut(OWN_OF_SPEC, before.tree().path("spec"), after.tree().path("spec"))
        && sameBut(OWN_OF_METADATA, was, is)
        && sameBut(OWN_ANNOTATIONS, was.path(ANNOTATIONS), is.path(ANNOTATIONS));
  }

  private static boolean sameBut(Set<String> except, JsonNode before, JsonNode after) {
    for (Map.Entry<String, JsonNode> field : before.properties()) {
      if (!except.contains(field.getKey())
          && !field.getValue().equals(after.path(field.getKey()))) {
        return false;
      }
    }
    for (Map.Entry<String, JsonNode> field : after.properties()) {
      if (!except.contains(field.getKey()) && !before.has(field.getKey())) {
        return false;
      }
    }
    return true;
  }

  // --- Pods

  private void podChanged(
      @Nullable StoredObject before, @Nullable StoredObject after, StoredObject pod) {
    if (after == null) {
      podsByUid.remove(pod.uid());
      contentFreed.run();
    } else {
      podsByUid.put(pod.uid(), pod.ref());
    }
    boolean told = before != null || (after != null && after.tree().has("status"));
    for (JsonNode owner : pod.tree().path("metadata").path("ownerReferences")) {
      if (told && ResourceKind.CONTAINER.kind().equals(owner.path("kind").asText())) {
        loops.enqueueAfter(
            sibling(pod, ResourceKind.CONTAINER, owner.path("name").asText()), MIRRORED_AFTER);
      }
    }
    controllerOf(pod)
        .filter(owner -> owner.kind() != ResourceKind.CONTAINER)
        .ifPresentOrElse(
            owner -> loops.enqueueAfter(owner, MIRRORED_AFTER), () -> tellAdopting(before, after));
    List<Lease> had = before == null ? List.of() : Lease.of(before.tree());
    List<Lease> has = after == null ? List.of() : Lease.of(after.tree());
    if (!had.equals(has)) {
      had.forEach(l -> usageChanged(sibling(pod, ResourceKind.NETWORK, l.network())));
      has.forEach(l -> usageChanged(sibling(pod, ResourceKind.NETWORK, l.network())));
      if (ApiService.isFor(pod)) {
        loops.enqueue(ObjectRef.API_SERVICE);
      }
    }
    if (!had.equals(has) || !labels(before).equals(labels(after))) {
      tellPolicies();
    }
    servicesOf(before, after).forEach(loops::enqueue);
    PodClaims.of(pod, cache)
        .forEach(
            claim -> {
              usageChanged(PodClaims.volume(claim, cache));
              tellLeaving(claim);
            });
  }

  private static Optional<ObjectRef> controllerOf(StoredObject object) {
    return Owners.controllerOf(object.tree())
        .flatMap(
            owner ->
                ResourceKind.of(owner.path("apiVersion").asText(), owner.path("kind").asText())
                    .map(kind -> sibling(object, kind, owner.path("name").asText())));
  }

  /** A Pod that nobody owns may be one that a ReplicaSet selects, or was just let go by one. */
  private void tellAdopting(@Nullable StoredObject before, @Nullable StoredObject after) {
    if (before != null && after != null && !sameButStatus(before, after)) {
      controllerOf(before).ifPresent(loops::enqueue);
    }
    StoredObject pod = after != null ? after : before;
    if (pod == null || Owners.controllerOf(pod.tree()).isPresent()) {
      return;
    }
    for (StoredObject set : cache.list(ResourceKind.REPLICA_SET, pod.ref().namespace())) {
      if (LabelMatch.selects(
          set.tree().path("spec").path("selector"), pod.tree().path("metadata").path("labels"))) {
        loops.enqueueAfter(set.ref(), MIRRORED_AFTER);
      }
    }
  }

  /** It waits for its last user to go. */
  private void tellLeaving(ObjectRef claim) {
    cache
        .find(claim)
        .filter(StoredObject::isDeleting)
        .ifPresent(c -> loops.enqueueAfter(c.ref(), TOGETHER));
  }

  /** What waits for its last user to go is told soon; else it is only a status that shows users. */
  private void usageChanged(ObjectRef used) {
    boolean awaited = cache.find(used).map(StoredObject::isDeleting).orElse(true);
    loops.enqueueAfter(used, awaited ? TOGETHER : SHOWN_AFTER);
  }

  private static ObjectRef sibling(StoredObject object, ResourceKind kind, String name) {
    return new ObjectRef(kind, object.ref().namespace(), name);
  }

  // --- policies

  /** One looks at all of them. */
  private void tellPolicies() {
    cache.list(ResourceKind.NETWORK_POLICY, null).stream()
        .findFirst()
        .ifPresent(policy -> loops.enqueue(policy.ref()));
  }

  private static JsonNode labels(@Nullable StoredObject object) {
    return object == null
        ? MissingNode.getInstance()
        : object.tree().path("metadata").path("labels");
  }

  // --- Services

  /** Those that a Pod was or is behind, when what they tell of it has changed. */
  private List<ObjectRef> servicesOf(@Nullable StoredObject before, @Nullable StoredObject after) {
    if (before != null && after != null && asEndpoint(before).equals(asEndpoint(after))) {
      return List.of();
    }
    StoredObject pod = Objects.requireNonNull(after == null ? before : after);
    return cache.list(ResourceKind.SERVICE, pod.ref().namespace()).stream()
        .filter(
            service ->
                ServiceReconciler.selects(service, before)
                    || ServiceReconciler.selects(service, after))
        .map(StoredObject::ref)
        .toList();
  }

  private static List<Object> asEndpoint(StoredObject pod) {
    JsonNode status = pod.tree().path("status");
    List<JsonNode> ready = new ArrayList<>();
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        ready.add(condition.path("status"));
      }
    }
    return List.of(
        pod.isDeleting(),
        pod.tree().path("metadata").path("labels"),
        status.path("podIPs"),
        status.path("phase"),
        ready);
  }

  /** Their Service puts right what it wrote, or serves what users did. */
  private void endpointsChanged(StoredObject endpoints) {
    String service =
        endpoints.ref().kind() == ResourceKind.ENDPOINTS
            ? endpoints.ref().name()
            : endpoints.tree().at("/metadata/labels").path("kubernetes.io/service-name").asText("");
    if (!service.isEmpty()) {
      loops.enqueueAfter(sibling(endpoints, ResourceKind.SERVICE, service), TOGETHER);
    }
  }

  // --- what Pods refer to

  private void dependencyChanged(
      @Nullable StoredObject before, @Nullable StoredObject after, ObjectRef ref) {
    if (before == null || after == null || !essence(before).equals(essence(after))) {
      dependents.of(ref).forEach(loops::enqueue);
    }
    if (after == null && ref.kind() == ResourceKind.IMAGE) {
      contentFreed.run();
    }
    if (after == null && ref.kind() == ResourceKind.NETWORK) {
      // One that overlapped with it may be possible now.
      cache.list(ResourceKind.NETWORK, null).forEach(n -> loops.enqueue(n.ref()));
    }
  }

  /** What Pods decide on. */
  private static List<Object> essence(StoredObject object) {
    JsonNode status = object.tree().path("status");
    return List.of(
        object.isDeleting(),
        object.tree().at("/metadata/ownerReferences"),
        status.path("phase"),
        status.path("imageID"),
        status.path("followed").path("healthy"),
        status.path("subnets"),
        status.path("conditions").path(0).path("message"),
        object.tree().path("spec").path("unschedulable"),
        object.tree().path("data"),
        object.tree().path("binaryData"));
  }

  // --- snapshots

  /** Volumes that are to be filled from it may wait for it. */
  private void snapshotChanged(StoredObject snapshot) {
    fedBy(snapshot, "snapshot");
  }

  /** Volumes may be clones of what it is bound to; one that goes leaves it to another claim. */
  private void claimChanged(@Nullable StoredObject after, StoredObject claim) {
    fedBy(claim, "volume");
    if (after == null) {
      PodClaims.claims(PodClaims.volume(claim), cache).forEach(rival -> loops.enqueue(rival.ref()));
    }
  }

  private void volumeChanged(StoredObject volume) {
    fedBy(volume, "volume");
    PodClaims.claims(volume.ref(), cache).forEach(claim -> loops.enqueue(claim.ref()));
    cache.list(ResourceKind.VOLUME_SNAPSHOT, volume.ref().namespace()).stream()
        .filter(s -> s.tree().at("/spec/volume").asText().equals(volume.ref().name()))
        .filter(s -> !"Ready".equals(s.tree().at("/status/phase").asText()))
        .forEach(s -> loops.enqueue(s.ref()));
  }

  private void fedBy(StoredObject source, String field) {
    cache.list(ResourceKind.VOLUME, source.ref().namespace()).stream()
        .filter(
            v ->
                v.tree()
                    .path("spec")
                    .path("source")
                    .path(field)
                    .asText()
                    .equals(source.ref().name()))
        .filter(v -> !"Ready".equals(v.tree().at("/status/phase").asText()))
        .forEach(v -> loops.enqueue(v.ref()));
  }

  // --- repositories

  /** Those that wait for a condition of it may go on. */
  private void tellWaiting(@Nullable StoredObject before, @Nullable StoredObject after) {
    ObjectRef ref = Objects.requireNonNull(after == null ? before : after).ref();
    List<ObjectRef> waiting =
        dependents.of(ref).stream().filter(looker -> FOLLOWED.contains(looker.kind())).toList();
    if (!waiting.isEmpty() && !conditions(before).equals(conditions(after))) {
      waiting.forEach(loops::enqueue);
    }
  }

  private static JsonNode conditions(@Nullable StoredObject object) {
    return object == null
        ? MissingNode.getInstance()
        : object.tree().path("status").path("conditions");
  }

  /** One that waits for its objects, and what they own, to become Ready is told of each. */
  private void tellGate(StoredObject object) {
    Stream<StoredObject> owners =
        object
            .tree()
            .path("metadata")
            .path("ownerReferences")
            .valueStream()
            .flatMap(owner -> owner(object, owner).flatMap(cache::find).stream());
    Stream.concat(Stream.of(object), owners)
        .flatMap(o -> source(o).stream())
        .flatMap(repository -> cache.find(repository).stream())
        .filter(r -> r.tree().path("status").path("phase").asText().equals("Progressing"))
        .forEach(r -> loops.enqueueAfter(r.ref(), TOGETHER));
  }

  /** What was only reported of networks is repaired now, or the other way about. */
  private void driftPolicyChanged(@Nullable StoredObject before, @Nullable StoredObject after) {
    if (!driftPolicy(before).equals(driftPolicy(after))) {
      cache.list(ResourceKind.NETWORK, null).forEach(n -> loops.enqueue(n.ref()));
    }
  }

  private static String driftPolicy(@Nullable StoredObject source) {
    return source == null ? "" : source.tree().at("/spec/driftPolicy").asText();
  }

  /** Of what others changed on the machine. */
  private static List<Object> drift(@Nullable StoredObject object) {
    JsonNode status = object == null ? MissingNode.getInstance() : object.tree().path("status");
    return List.of(status.path("drift"), PodDrift.of(status));
  }

  /** The source or set of an object, or of what owns it, lists what became of it. */
  private void tellDrift(StoredObject object) {
    Source.of(object.tree())
        .flatMap(Source::ref)
        .ifPresentOrElse(
            source -> {
              loops.enqueueAfter(source, TOGETHER);
              if (FOLLOWED.contains(source.kind())) {
                loops.enqueueAfter(ManifestSets.recordOf(source), SET_SHOWN_AFTER);
              }
            },
            () -> controllerOf(object).flatMap(cache::find).ifPresent(this::tellDrift));
  }

  /** The repository that an object is from, which sees to it that it is as declared. */
  private static Optional<ObjectRef> source(StoredObject object) {
    return Source.of(object.tree())
        .flatMap(Source::ref)
        .filter(source -> FOLLOWED.contains(source.kind()));
  }

  /** A revision is recorded in the status by whoever applies it; its members may be as before. */
  private void setChanged(
      @Nullable StoredObject before, @Nullable StoredObject after, ObjectRef ref) {
    if (before != null && after != null && revision(before) != revision(after)) {
      loops.enqueue(ref);
    }
  }

  private static long revision(StoredObject set) {
    return set.tree().path("status").path("revision").asLong();
  }

  /** The set that an object is of shows how many are ready. */
  private void tellSet(
      @Nullable StoredObject before, @Nullable StoredObject after, StoredObject object) {
    Optional<ObjectRef> set =
        Source.of(object.tree())
            .flatMap(Source::ref)
            .map(ref -> FOLLOWED.contains(ref.kind()) ? ManifestSets.recordOf(ref) : ref)
            .filter(ref -> ref.kind() == ResourceKind.MANIFEST_SET);
    if (set.isPresent()
        && !Health.of(Optional.ofNullable(before)).equals(Health.of(Optional.ofNullable(after)))) {
      loops.enqueueAfter(set.get(), SET_SHOWN_AFTER);
    }
  }

  /** Those that have the rules of other ClusterRoles. */
  private void tellAggregating(ObjectRef changed) {
    cache.list(ResourceKind.CLUSTER_ROLE, null).stream()
        .filter(role -> role.tree().has("aggregationRule") && !role.ref().equals(changed))
        .forEach(role -> loops.enqueueAfter(role.ref(), TOGETHER));
  }

  // --- owners and namespaces

  private void tellOwners(
      @Nullable StoredObject before, @Nullable StoredObject after, StoredObject object) {
    boolean owned = object.tree().path("metadata").has("ownerReferences");
    if ((before == null && owned) || (after != null && after.isDeleting())) {
      owners.enqueue(object.ref());
    }
    if (after != null) {
      return;
    }
    cache.ownedBy(object.uid()).forEach(d -> owners.enqueue(d.ref()));
    for (JsonNode owner : object.tree().path("metadata").path("ownerReferences")) {
      owner(object, owner).ifPresent(owners::enqueue);
    }
    ObjectRef namespace = namespaceOf(object.ref());
    if (cache.find(namespace).map(StoredObject::isDeleting).orElse(false)) {
      loops.enqueue(namespace);
    }
  }

  private static ObjectRef namespaceOf(ObjectRef ref) {
    return new ObjectRef(ResourceKind.NAMESPACE, "", ref.namespace());
  }

  private static Optional<ObjectRef> owner(StoredObject object, JsonNode owner) {
    return ResourceKind.of(owner.path("apiVersion").asText(), owner.path("kind").asText())
        .map(
            kind ->
                new ObjectRef(
                    kind,
                    kind.namespaced() ? object.ref().namespace() : "",
                    owner.path("name").asText()));
  }

  // --- the runtime

  void happened(RuntimeEvent event) {
    switch (event) {
      case RuntimeEvent.ContainerChanged e -> podBySandbox(e.sandboxId()).ifPresent(loops::enqueue);
      case RuntimeEvent.SandboxChanged e -> podBySandbox(e.sandboxId()).ifPresent(loops::enqueue);
      case RuntimeEvent.VolumeChanged e -> volumeLost(e.volumeId());
      case RuntimeEvent.NetworksChanged e ->
          cache
              .list(ResourceKind.NETWORK, null)
              .forEach(n -> loops.enqueueAfter(n.ref(), TOGETHER));
      case RuntimeEvent.Resync e -> lookAtAll();
    }
  }

  /** One of a Volume object, or else of a Pod. */
  private void volumeLost(String volumeId) {
    PodReconciler.uidOfVolume(volumeId)
        .flatMap(this::podBySandbox)
        .or(() -> VolumePlanner.ref(volumeId))
        .ifPresent(loops::enqueue);
  }

  /** A sandbox has its Pod's uid for its id. */
  private Optional<ObjectRef> podBySandbox(String sandboxId) {
    return Optional.ofNullable(podsByUid.get(sandboxId));
  }

  void probed(String sandboxId) {
    podBySandbox(sandboxId).ifPresent(loops::enqueue);
  }

  private void lookAtAll() {
    for (ResourceKind kind : ResourceKind.values()) {
      cache.list(kind, null).forEach(o -> loops.enqueue(o.ref()));
    }
  }

  /** All that are to be looked at once within that time, evenly. */
  void lookWithin(Duration time, Predicate<StoredObject> toBeLookedAt) {
    for (ResourceKind kind : ResourceKind.values()) {
      List<StoredObject> objects = cache.list(kind, null).stream().filter(toBeLookedAt).toList();
      for (int i = 0; i < objects.size(); i++) {
        loops.enqueueAfter(
            objects.get(i).ref(), time.multipliedBy(i + 1L).dividedBy(objects.size()));
      }
    }
  }
}
