package dev.jctl.controller.pod;

import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.config.ConfigReferences;
import dev.jctl.controller.config.ProjectedToken;
import dev.jctl.controller.config.ProjectedTokens;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.network.Leases;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.MountedImages;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.OciSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds what a Pod refers to, makes what is made on demand (the default network, Images of
 * references), and takes addresses for it, which are on disk when this returns.
 */
final class PodResolver {
  /**
   * Where the Pod runs, for its environment and its logs.
   *
   * @param api where its containers reach the API; empty where they cannot
   * @param hostPaths file of {@link HostPaths}
   * @param seccomp directory of {@link SeccompProfiles}
   */
  record Place(
      Path logs,
      String nodeName,
      String hostIp,
      Machine machine,
      Optional<ApiAddress> api,
      Path hostPaths,
      Path seccomp) {}

  private static final String ALWAYS = "Always";

  private final ResourceCache cache;
  private final StoredImages images;
  private final Leases leases;
  private final Dependents dependents;
  private final TagLookups lookups;
  private final PodTokens tokens;
  private final ObjectWriter writer;
  private final VolumeHolders holders = new VolumeHolders();
  private final Consumer<StoredObject> addressed;
  private final Place place;

  PodResolver(
      ResourceCache cache,
      ImageStore images,
      Leases leases,
      Dependents dependents,
      TagLookups lookups,
      PodTokens tokens,
      ObjectWriter writer,
      Consumer<StoredObject> addressed,
      Place place) {
    this.cache = cache;
    this.images = new StoredImages(images);
    this.leases = leases;
    this.dependents = dependents;
    this.lookups = lookups;
    this.tokens = tokens;
    this.writer = writer;
    this.addressed = addressed;
    this.place = place;
  }

  /**
   * @param pod {@code object} decoded
   * @param existing containers there are, by name; what runs needs no Ready Image.
   * @param addresses of its sandbox
   */
  Resolution resolve(
      StoredObject object,
      Resource.Pod pod,
      Map<String, Attempt> existing,
      List<Lease> addresses,
      Instant now) {
    Pass pass = new Pass(object, pod, existing, addresses, now);
    Resolution resolution = pass.resolve();
    pass.lookup.end();
    return resolution;
  }

  private final class Pass {
    private final StoredObject object;
    private final Resource.Pod pod;
    private final Map<String, Attempt> existing;
    private final List<Lease> addresses;
    private final Instant now;
    private final PodLookup lookup;
    private final NetworkLookup networks;
    private final ImageLookup images;
    private final VolumeLookup volumes;
    private final Map<String, OciSpec.Seccomp> profiles = new HashMap<>();

    Pass(
        StoredObject object,
        Resource.Pod pod,
        Map<String, Attempt> existing,
        List<Lease> addresses,
        Instant now) {
      this.object = object;
      this.pod = pod;
      this.existing = existing;
      this.addresses = addresses;
      this.now = now;
      lookup = new PodLookup(cache, dependents, object, pod, existing);
      networks = new NetworkLookup(lookup, writer);
      images = new ImageLookup(lookup, PodResolver.this.images, lookups, writer, now);
      volumes = new VolumeLookup(lookup, images, holders, cache, writer, place.hostPaths());
    }

    Resolution resolve() {
      List<NetworkRef> named;
      try {
        named = NetworkRefs.of(pod);
      } catch (IllegalArgumentException e) {
        return new Resolution.Awaiting(
            List.of(new Waiting("InvalidNetworks", String.valueOf(e.getMessage()))));
      }
      awaitNode();
      List<Leases.Wanted> wanted = networks.find(named);
      Map<String, StoredImage> stored = new HashMap<>();
      initContainers(stored);
      Map<String, Waiting> held = mainContainers(stored);
      volumes.find();
      ConfigData config = config();
      Map<String, Waiting> awaiting = ephemeral(stored, config);
      awaiting.putAll(held);
      awaiting.putAll(images.lookedUp());
      ProjectedTokens projected = tokens();
      List<Waiting> causes = lookup.causes();
      if (!causes.isEmpty()) {
        return new Resolution.Awaiting(causes);
      }
      return switch (leases.allocate(object, wanted, addresses)) {
        case Leases.Grant.Refused refused ->
            new Resolution.Awaiting(List.of(new Waiting(refused.reason(), refused.message())));
        case Leases.Grant.Granted granted -> {
          persist(granted.all());
          yield new Resolution.Resolved(
              desired(named, granted.leases(), stored, awaiting, config, projected));
        }
      };
    }

    private DesiredPod desired(
        List<NetworkRef> named,
        List<Lease> granted,
        Map<String, StoredImage> stored,
        Map<String, Waiting> awaiting,
        ConfigData config,
        ProjectedTokens projected) {
      return DesiredPods.of(
          new DesiredPods.Input(
              object.ref(),
              object.uid(),
              pod,
              named,
              granted,
              networks.shared(),
              stored,
              images.revisions(),
              awaiting,
              volumes.found(),
              config,
              projected,
              variables(),
              volumes.hostPaths(),
              SeccompProfiles.of(profiles),
              place.logs(),
              place.nodeName(),
              place.hostIp(),
              place.machine()));
    }

    /** Finalizer, addresses, mounted images and node in one write, before anything is made. */
    private void persist(List<Lease> granted) {
      MountedImages mounts = images.mounted();
      boolean written =
          Lease.of(object.tree()).equals(granted)
              && MountedImages.of(object.tree()).equals(mounts)
              && ObjectWriter.hasFinalizer(object.tree(), Finalizers.POD)
              && object.tree().path("spec").hasNonNull("nodeName");
      if (written) {
        return;
      }
      try {
        addressed.accept(
            writer.update(
                object,
                tree -> {
                  ObjectWriter.addFinalizer(tree, Finalizers.POD);
                  tree.withObject("/metadata")
                      .withObject("annotations")
                      .put(Lease.ANNOTATION, Lease.text(granted));
                  mounts.write(tree);
                  tree.withObject("/spec").put("nodeName", place.nodeName());
                }));
      } catch (RuntimeException e) {
        if (Lease.of(object.tree()).isEmpty()) {
          leases.release(object.uid());
        }
        throw e;
      }
    }

    /** What runs goes on. */
    private void awaitNode() {
      ObjectRef node = new ObjectRef(ResourceKind.NODE, "", place.nodeName());
      boolean cordoned =
          lookup
              .find(node)
              .filter(n -> n.tree().path("spec").path("unschedulable").asBoolean())
              .isPresent();
      if (cordoned && existing.isEmpty()) {
        lookup.await(
            "Unschedulable",
            "Node " + node.name() + " is cordoned; kubectl uncordon lets Pods start again");
      }
    }

    private void initContainers(Map<String, StoredImage> stored) {
      RestartPolicy restarts = RestartPolicy.of(pod.spec().getRestartPolicy());
      DesiredPods.initContainers(pod.spec())
          .forEach(
              c ->
                  resolve(
                      c,
                      ALWAYS.equals(c.getRestartPolicy())
                          ? RestartPolicy.ALWAYS
                          : restarts.ofInitContainers(),
                      stored));
    }

    /**
     * What keeps one of them from being started keeps no other: by name. What keeps all of them is
     * what the Pod waits for.
     */
    private Map<String, Waiting> mainContainers(Map<String, StoredImage> stored) {
      RestartPolicy restarts = RestartPolicy.of(pod.spec().getRestartPolicy());
      Map<String, Waiting> held = new LinkedHashMap<>();
      List<Container> all = pod.spec().getContainers();
      for (Container c : all) {
        lookup
            .apart(() -> resolve(c, restarts, stored))
            .ifPresent(own -> held.put(c.getName(), own));
      }
      if (held.size() == all.size()) {
        held.values().forEach(lookup::await);
      }
      return held;
    }

    private void resolve(Container c, RestartPolicy restarts, Map<String, StoredImage> stored) {
      seccomp(c);
      images
          .find(ImageLookup.Use.of(c, restarts))
          .ifPresent(
              image -> {
                stored.put(c.getName(), image);
                checkUser(c, image);
              });
    }

    /** What keeps one of them from being started keeps nothing else: by name. */
    private Map<String, Waiting> ephemeral(Map<String, StoredImage> stored, ConfigData config) {
      Map<String, Waiting> awaiting = new HashMap<>();
      for (Container c : EphemeralContainers.of(pod.spec())) {
        lookup
            .apart(
                () -> {
                  resolve(c, RestartPolicy.NEVER, stored);
                  tellMissing(ConfigReferences.ofEnvironment(c, object.ref().namespace()), config);
                })
            .ifPresent(own -> awaiting.put(c.getName(), own));
      }
      return awaiting;
    }

    private void seccomp(Container c) {
      SeccompProfile profile =
          OciSpecs.seccompProfile(pod.spec().getSecurityContext(), c.getSecurityContext());
      String path = profile == null ? null : profile.getLocalhostProfile();
      if (profile == null || path == null || !"Localhost".equals(profile.getType())) {
        return;
      }
      try {
        profiles.put(path, SeccompProfiles.read(place.seccomp(), path));
      } catch (IllegalArgumentException e) {
        lookup.await(
            "CreateContainerConfigError",
            "container "
                + c.getName()
                + ": seccomp profile "
                + place.seccomp().resolve(path)
                + ": "
                + e.getMessage());
      }
    }

    private void checkUser(Container c, StoredImage image) {
      if (OciSpecs.isForbiddenRoot(
          pod.spec().getSecurityContext(), c.getSecurityContext(), image.config())) {
        lookup.await(
            "CreateContainerConfigError",
            "container "
                + c.getName()
                + " has runAsNonRoot but would run as root, or as a name whose number is not"
                + " known; set securityContext.runAsUser");
      }
    }

    private ConfigData config() {
      List<ConfigReferences.Reference> references =
          ConfigReferences.of(pod.spec(), object.ref().namespace());
      List<ConfigReferences.Reference> all = new ArrayList<>(references);
      EphemeralContainers.of(pod.spec())
          .forEach(c -> all.addAll(ConfigReferences.ofEnvironment(c, object.ref().namespace())));
      if (all.isEmpty()) {
        return ConfigData.NONE;
      }
      ConfigData data =
          new ConfigData(
              all.stream()
                  .map(ConfigReferences.Reference::ref)
                  .distinct()
                  .flatMap(ref -> lookup.find(ref).stream())
                  .toList());
      tellMissing(references, data);
      return data;
    }

    private ProjectedTokens tokens() {
      Set<ProjectedToken> wanted = ProjectedToken.of(pod.spec());
      if (wanted.isEmpty()) {
        return ProjectedTokens.NONE;
      }
      ObjectRef ref = lookup.ref(ResourceKind.SERVICE_ACCOUNT, DesiredPods.account(pod.spec()));
      Optional<StoredObject> account = lookup.find(ref);
      if (account.isEmpty()) {
        lookup.await(
            "AwaitingServiceAccount",
            "ServiceAccount %s, of which a volume has a token, does not exist in namespace %s; create it, or name another in serviceAccountName"
                .formatted(ref.name(), ref.namespace()));
        return ProjectedTokens.NONE;
      }
      return tokens.of(object, account.get(), wanted, now);
    }

    /** Of those that have a token, how they reach the API. */
    private Map<String, String> variables() {
      return place
          .api()
          .filter(api -> ProjectedToken.isForApi(object.tree().path("spec")))
          .map(
              api ->
                  Boolean.TRUE.equals(pod.spec().getHostNetwork())
                      ? api.variablesOfMachine()
                      : api.variables())
          .orElse(Map.of());
    }

    private void tellMissing(List<ConfigReferences.Reference> references, ConfigData data) {
      references.stream()
          .flatMap(r -> r.missing(data).stream())
          .distinct()
          .forEach(message -> lookup.await("CreateContainerConfigError", message));
    }
  }
}
