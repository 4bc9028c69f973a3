package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.config.ConfigReferences;
import dev.jctl.controller.config.ConfigVolumes;
import dev.jctl.controller.config.ProjectedToken;
import dev.jctl.controller.config.ProjectedTokens;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.network.Leases;
import dev.jctl.controller.pod.FoundVolumes.Claimed;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.MountedImages;
import dev.jctl.controller.queue.MountedImages.Mounted;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.volume.PodClaims;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.ImageNames;
import dev.jctl.manifests.model.ImageSpec;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.NetworkSpec;
import dev.jctl.manifests.model.NetworkStatus;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSpec;
import dev.jctl.manifests.model.VolumeStatus;
import dev.jctl.manifests.schema.Names;
import dev.jctl.shim.spec.OciSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.Volume;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  /**
   * An image that is asked for.
   *
   * @param container that runs it; of what a volume is to show no name that a container may have
   * @param restarts when that container is started again
   */
  private record Use(
      String container, String image, @Nullable String pullPolicy, RestartPolicy restarts) {
    private static final String VOLUMES = "volumes/";

    static Use of(Container c, RestartPolicy restarts) {
      return new Use(c.getName(), c.getImage(), c.getImagePullPolicy(), restarts);
    }

    static Use byVolume(String volume, String image, @Nullable String pullPolicy) {
      return new Use(VOLUMES + volume, image, pullPolicy, RestartPolicy.NEVER);
    }

    Optional<String> volume() {
      return container.startsWith(VOLUMES)
          ? Optional.of(container.substring(VOLUMES.length()))
          : Optional.empty();
    }

    boolean isAlways(ImageSpec named) {
      return ALWAYS.equals(pullPolicy)
          || (!ImageNames.isReference(image) && ALWAYS.equals(named.pullPolicy()));
    }

    boolean isDue(Attempt attempt, Instant now) {
      return attempt
          .exit()
          .filter(exit -> restarts.restartsAfter(exit.exitCode()))
          .filter(exit -> !RestartBackoff.due(attempt, exit).isAfter(now))
          .isPresent();
    }
  }

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
    dependents.set(object.ref(), pass.refs);
    return resolution;
  }

  private final class Pass {
    private final StoredObject object;
    private final Resource.Pod pod;
    private final Map<String, Attempt> existing;
    private final List<Lease> addresses;
    private final Instant now;
    private final Map<String, String> revisions = new HashMap<>();
    private final Map<String, Waiting> lookedUp = new HashMap<>();
    private final Set<ObjectRef> refs = new HashSet<>();
    private final List<Waiting> causes = new ArrayList<>();
    private final Map<String, OciSpec.Seccomp> profiles = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
    private final Map<String, StoredImage> volumeImages = new HashMap<>();
    private final MountedImages noted;
    private final Map<String, Mounted> mounted = new HashMap<>();
    private final Map<String, Claimed> claims = new HashMap<>();
    private HostPaths hostPaths = HostPaths.ALL;

    Pass(
        StoredObject object,
        Resource.Pod pod,
        Map<String, Attempt> existing,
        List<Lease> addresses,
        Instant now) {
      this.object = object;
      this.noted = MountedImages.of(object.tree());
      this.pod = pod;
      this.existing = existing;
      this.addresses = addresses;
      this.now = now;
    }

    Resolution resolve() {
      List<NetworkRef> networks;
      try {
        networks = NetworkRefs.of(pod);
      } catch (IllegalArgumentException e) {
        return new Resolution.Awaiting(
            List.of(new Waiting("InvalidNetworks", String.valueOf(e.getMessage()))));
      }
      awaitNode();
      List<Leases.Wanted> wanted = networks.stream().map(this::network).toList();
      refuseUnreachablePorts(networks);
      Map<String, StoredImage> stored = imagesOf(pod);
      volumes();
      ConfigData config = config();
      Map<String, Waiting> awaiting = ephemeral(stored, config);
      awaiting.putAll(lookedUp);
      ProjectedTokens projected = tokens();
      if (!causes.isEmpty()) {
        return new Resolution.Awaiting(causes);
      }
      return switch (leases.allocate(object, wanted, addresses)) {
        case Leases.Grant.Refused refused ->
            new Resolution.Awaiting(List.of(new Waiting(refused.reason(), refused.message())));
        case Leases.Grant.Granted granted -> {
          persist(granted.all());
          yield new Resolution.Resolved(
              desired(networks, granted.leases(), stored, awaiting, config, projected));
        }
      };
    }

    private DesiredPod desired(
        List<NetworkRef> networks,
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
              networks,
              granted,
              shared,
              stored,
              revisions,
              awaiting,
              new FoundVolumes(volumeImages, claims),
              config,
              projected,
              variables(),
              hostPaths,
              SeccompProfiles.of(profiles),
              place.logs(),
              place.nodeName(),
              place.hostIp(),
              place.machine()));
    }

    /** Finalizer, addresses, mounted images and node in one write, before anything is made. */
    private void persist(List<Lease> granted) {
      MountedImages mounts = new MountedImages(mounted);
      boolean written =
          Lease.of(object.tree()).equals(granted)
              && noted.equals(mounts)
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
      lookAt(node);
      boolean cordoned =
          existing.isEmpty()
              && cache
                  .find(node)
                  .filter(n -> n.tree().path("spec").path("unschedulable").asBoolean())
                  .isPresent();
      if (cordoned) {
        causes.add(
            new Waiting(
                "Unschedulable",
                "Node " + node.name() + " is cordoned; kubectl uncordon lets Pods start again"));
      }
    }

    // --- networks

    private Leases.Wanted network(NetworkRef wanted) {
      ObjectRef ref = ref(ResourceKind.NETWORK, wanted.name());
      lookAt(ref);
      Optional<StoredObject> found = cache.find(ref);
      NetworkStatus status = found.flatMap(o -> o.status(NetworkStatus.class)).orElse(null);
      List<String> subnets =
          status == null ? List.of() : Objects.requireNonNullElse(status.subnets(), List.of());
      if (found.isEmpty()) {
        noNetwork(ref);
      } else if (!usable(found.get(), status == null ? null : status.phase())
          || subnets.isEmpty()) {
        causes.add(
            new Waiting(
                "AwaitingNetwork",
                "Waits for Network "
                    + ref.name()
                    + detail(status == null ? null : status.conditions())));
      }
      Optional<NetworkSpec> spec = found.map(o -> o.as(Resource.Network.class).spec());
      spec.filter(s -> s.parent() != null).ifPresent(s -> shared.add(wanted.name()));
      return new Leases.Wanted(
          ref,
          subnets,
          status == null ? List.of() : Objects.requireNonNullElse(status.gateways(), List.of()),
          spec.map(NetworkSpec::ranges).orElse(List.of()),
          wanted.staticIps(),
          wanted.mac());
    }

    /** The machine does not reach those that share its devices, and so leads nobody there. */
    private void refuseUnreachablePorts(List<NetworkRef> networks) {
      boolean shares =
          !networks.isEmpty() && networks.stream().allMatch(n -> shared.contains(n.name()));
      if (shares && PodPorts.any(pod)) {
        causes.add(
            new Waiting(
                "PortsUnreachable",
                "published ports lead to a network with a bridge, and it is on none; add one, or"
                    + " publish nothing: on "
                    + networks.getFirst().name()
                    + " it is reached by its own address"));
      }
    }

    private void noNetwork(ObjectRef ref) {
      if (ref.name().equals(NetworkRefs.DEFAULT_NETWORK)) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("apiVersion", ResourceKind.NETWORK.apiVersion());
        tree.put("kind", ResourceKind.NETWORK.kind());
        tree.putObject("metadata").put("name", ref.name()).put("namespace", ref.namespace());
        tree.putObject("spec").put("driver", "bridge");
        writer.create(ref, tree);
      }
      causes.add(
          new Waiting(
              "AwaitingNetwork",
              "Network " + ref.name() + " does not exist in namespace " + ref.namespace()));
    }

    // What is going away is not begun with; what is there already goes on.
    private boolean usable(StoredObject dependency, @Nullable String phase) {
      return dependency.isDeleting()
          ? "Terminating".equals(phase) && !existing.isEmpty()
          : "Ready".equals(phase);
    }

    // --- images

    private Map<String, StoredImage> imagesOf(Resource.Pod pod) {
      Map<String, StoredImage> stored = new HashMap<>();
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
      pod.spec().getContainers().forEach(c -> resolve(c, restarts, stored));
      return stored;
    }

    private void resolve(Container c, RestartPolicy restarts, Map<String, StoredImage> stored) {
      seccomp(c);
      image(Use.of(c, restarts))
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
        int others = causes.size();
        resolve(c, RestartPolicy.NEVER, stored);
        tellMissing(ConfigReferences.ofEnvironment(c, object.ref().namespace()), config);
        List<Waiting> own = causes.subList(others, causes.size());
        if (!own.isEmpty()) {
          awaiting.put(c.getName(), own.getFirst());
          own.clear();
        }
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
        causes.add(
            new Waiting(
                "CreateContainerConfigError",
                "container "
                    + c.getName()
                    + ": seccomp profile "
                    + place.seccomp().resolve(path)
                    + ": "
                    + e.getMessage()));
      }
    }

    private void checkUser(Container c, StoredImage image) {
      if (OciSpecs.isForbiddenRoot(
          pod.spec().getSecurityContext(), c.getSecurityContext(), image.config())) {
        causes.add(
            new Waiting(
                "CreateContainerConfigError",
                "container "
                    + c.getName()
                    + " has runAsNonRoot but would run as root, or as a name whose number is not"
                    + " known; set securityContext.runAsUser"));
      }
    }

    private Optional<StoredImage> image(Use use) {
      ObjectRef named = ref(ResourceKind.IMAGE, use.image());
      lookAt(named);
      Optional<StoredObject> found = cache.find(named);
      if (found.isEmpty() && ImageNames.isReference(use.image())) {
        return ownedImage(use);
      }
      if (found.isEmpty()) {
        return inUse(
            use,
            "Image "
                + use.image()
                + " does not exist in namespace "
                + object.ref().namespace()
                + "; create it, or write a reference with a registry or tag");
      }
      return ready(use, found.get());
    }

    private Optional<StoredImage> ownedImage(Use use) {
      ObjectRef ref = ref(ResourceKind.IMAGE, ImageNames.of(use.image(), pullSecrets()));
      lookAt(ref);
      Optional<StoredObject> found = cache.find(ref);
      if (found.isEmpty()) {
        if (ALWAYS.equals(use.pullPolicy())) {
          // its first pull is the answer
          ask(use, ref);
        }
        writer.create(
            ref, OwnedImages.tree(ref, use.image(), use.pullPolicy(), pullSecrets(), object));
        return inUse(use, "Image " + use.image() + " is going to be pulled");
      }
      own(found.get());
      return ready(use, found.get());
    }

    private List<String> pullSecrets() {
      return Objects.requireNonNullElse(
              pod.spec().getImagePullSecrets(), List.<LocalObjectReference>of())
          .stream()
          .map(LocalObjectReference::getName)
          .toList();
    }

    private void own(StoredObject image) {
      ObjectNode owner = OwnedImages.owner(object);
      String uid = owner.path("uid").asText();
      if (OwnedImages.isOwnedByAny(image.tree())
          && !OwnerReferences.include(image.tree(), uid)
          && !image.isDeleting()) {
        writer.update(
            image,
            tree -> {
              if (!OwnerReferences.include(tree, uid)) {
                tree.withObject("/metadata").withArray("ownerReferences").add(owner);
              }
            });
      }
    }

    /** A tag is looked up again at each start, and what runs goes on as it is. */
    private Optional<StoredImage> ready(Use use, StoredObject image) {
      Resource.Image named = image.as(Resource.Image.class);
      String revision = revision(named);
      revisions.put(use.container(), revision);
      if (!use.isAlways(named.spec()) || image.isDeleting()) {
        return stored(use, image);
      }
      if (use.volume().isPresent()) {
        return mounted(use.volume().get(), use, image, revision);
      }
      Optional<Attempt> before = before(use);
      boolean starts = before.map(attempt -> use.isDue(attempt, now)).orElse(true);
      return starts
          ? lookedUp(use, image)
          : before
              .filter(attempt -> attempt.label(PodNames.IMAGE_REVISION).equals(revision))
              .flatMap(attempt -> images.find(attempt.label(PodNames.IMAGE_ID)))
              .or(() -> stored(use, image));
    }

    /** As a Pod is started, not each of its containers: all of them see the same. */
    private Optional<StoredImage> mounted(
        String volume, Use use, StoredObject image, String revision) {
      Mounted before = existing.isEmpty() ? null : noted.byVolume().get(volume);
      Optional<StoredImage> found =
          before == null
              ? lookedUp(use, image)
              : Optional.of(before)
                  .filter(mounted -> mounted.revision().equals(revision))
                  .flatMap(mounted -> images.find(mounted.imageId()))
                  .or(() -> stored(use, image));
      found
          .map(
              now ->
                  before != null && before.imageId().equals(now.imageId())
                      ? before
                      : new Mounted(now.imageId(), revision))
          .ifPresent(now -> mounted.put(volume, now));
      return found;
    }

    /** What its owner says of it: another spec, or another request to bring it in anew. */
    private static String revision(Resource.Image image) {
      Map<String, String> annotations = image.metadata().getAnnotations();
      String asked = annotations == null ? "" : annotations.getOrDefault(Annotations.PULL, "");
      return image.metadata().getGeneration() + " " + asked;
    }

    private Optional<StoredImage> lookedUp(Use use, StoredObject image) {
      Optional<String> answer = ask(use, image.ref());
      if (answer.isPresent()) {
        return images.find(answer.get()).or(() -> stored(use, image));
      }
      Waiting why = new Waiting("AwaitingImage", "Asks what " + use.image() + " is" + why(image));
      Optional<StoredImage> before = inUse(use);
      if (before.isPresent()) {
        lookedUp.put(use.container(), why);
      } else {
        causes.add(why);
      }
      return before;
    }

    private Optional<String> ask(Use use, ObjectRef image) {
      Attempt before = existing.get(use.container());
      return lookups.ask(
          image,
          new TagLookups.Asker(object.ref(), use.container()),
          object.uid() + " " + (before == null ? "" : before.id()));
    }

    private static String why(StoredObject image) {
      return image
          .status(ImageStatus.class)
          .map(
              status ->
                  Conditions.message(
                      status.conditions(), "Ready".equals(status.phase()) ? "UpToDate" : "Ready"))
          .filter(message -> !message.isEmpty())
          .map(message -> ": " + message)
          .orElse("");
    }

    private Optional<StoredImage> stored(Use use, StoredObject image) {
      ImageStatus status = image.status(ImageStatus.class).orElse(null);
      String imageId = status == null ? null : status.imageID();
      boolean ready = status != null && "Ready".equals(status.phase()) && !image.isDeleting();
      if (ready && imageId != null) {
        Optional<StoredImage> stored = images.find(imageId);
        if (stored.isPresent()) {
          return stored;
        }
      }
      return inUse(
          use,
          "Waits for Image "
              + image.ref().name()
              + detail(status == null ? null : status.conditions()));
    }

    private Optional<Attempt> before(Use use) {
      return Optional.ofNullable(existing.get(use.container()))
          .filter(
              attempt ->
                  attempt.label(PodNames.IMAGE).isEmpty()
                      || attempt.label(PodNames.IMAGE).equals(use.image()));
    }

    /** The image that the container was made of before, if there is one. */
    private Optional<StoredImage> inUse(Use use) {
      return before(use).flatMap(attempt -> images.find(attempt.label(PodNames.IMAGE_ID)));
    }

    private Optional<StoredImage> inUse(Use use, String otherwise) {
      Optional<StoredImage> stored = inUse(use);
      if (stored.isEmpty()) {
        causes.add(new Waiting("AwaitingImage", otherwise));
      }
      return stored;
    }

    // --- volumes

    private void volumes() {
      for (Volume v : DesiredPods.volumes(pod.spec())) {
        if (v.getNfs() != null) {
          refuseForeign(v);
        } else if (v.getPersistentVolumeClaim() != null) {
          claim(v, v.getPersistentVolumeClaim().getClaimName());
        } else if (v.getEphemeral() != null) {
          ephemeral(v);
        } else if (v.getImage() != null) {
          image(v, v.getImage().getReference(), v.getImage().getPullPolicy());
        } else if (v.getHostPath() != null) {
          hostPaths = HostPaths.read(place.hostPaths());
          hostPaths
              .refusal(v.getHostPath().getPath())
              .ifPresent(why -> causes.add(new Waiting("HostPathNotAllowed", why)));
        } else if (v.getEmptyDir() == null && !ConfigVolumes.isOne(v)) {
          causes.add(
              new Waiting(
                  "UnsupportedVolume",
                  "Volume "
                      + v.getName()
                      + " is of a kind that is not served; use persistentVolumeClaim, ephemeral,"
                      + " emptyDir, hostPath, image, nfs, configMap, secret, downwardAPI or projected"));
        }
      }
    }

    private void image(Volume volume, String image, @Nullable String pullPolicy) {
      image(Use.byVolume(volume.getName(), image, pullPolicy))
          .ifPresent(stored -> volumeImages.put(volume.getName(), stored));
    }

    /** Has its claim made; what another made of that name is not taken for it. */
    private void ephemeral(Volume v) {
      String name = PodClaims.ephemeral(object.ref().name(), v.getName());
      ObjectRef ref = ref(ResourceKind.PERSISTENT_VOLUME_CLAIM, name);
      Optional<StoredObject> found = cache.find(ref);
      if (!Names.isLabel(name)) {
        causes.add(
            new Waiting(
                "UnsupportedVolume",
                "PersistentVolumeClaim %s, of volume %s, cannot be made: its name may have 63 characters and no dots; rename the Pod or the volume"
                    .formatted(name, v.getName())));
      } else if (found.isEmpty()) {
        lookAt(ref);
        writer.create(ref, PodClaims.tree(ref, object, volumeTree(v.getName())));
        causes.add(
            new Waiting("AwaitingVolume", "PersistentVolumeClaim " + name + " is being made"));
      } else if (PodClaims.isOf(found, object)) {
        claim(v, name);
      } else {
        lookAt(ref);
        causes.add(
            new Waiting(
                "AwaitingVolume",
                "PersistentVolumeClaim %s was not made for this Pod, whose volume %s needs that name; delete it, or rename the volume"
                    .formatted(name, v.getName())));
      }
    }

    private JsonNode volumeTree(String name) {
      return object
          .tree()
          .at("/spec/volumes")
          .valueStream()
          .filter(volume -> volume.path("name").asText().equals(name))
          .findFirst()
          .orElseThrow();
    }

    private void claim(Volume mounted, String name) {
      ObjectRef asked = ref(ResourceKind.PERSISTENT_VOLUME_CLAIM, name);
      ObjectRef ref = PodClaims.volume(asked, cache);
      lookAt(asked);
      lookAt(ref);
      Optional<String> unbound = unbound(asked, ref);
      if (unbound.isPresent()) {
        causes.add(new Waiting("AwaitingVolume", unbound.get()));
        return;
      }
      Optional<StoredObject> found = cache.find(ref);
      if (found.isEmpty()) {
        causes.add(
            new Waiting(
                "AwaitingVolume",
                "Volume " + ref.name() + " does not exist in namespace " + ref.namespace()));
        return;
      }
      StoredObject volume = found.get();
      VolumeStatus status = volume.status(VolumeStatus.class).orElse(null);
      if (!usable(volume, status == null ? null : status.phase())) {
        causes.add(
            new Waiting(
                "AwaitingVolume",
                "Waits for Volume "
                    + ref.name()
                    + detail(status == null ? null : status.conditions())));
        return;
      }
      VolumeSpec spec = volume.as(Resource.Volume.class).spec();
      if (spec.image() != null) {
        image(mounted, spec.image(), null);
      }
      Claimed claimed = claimed(ref.name(), spec);
      claims.put(name, claimed);
      if (claimed.foreign()) {
        refuseForeign(mounted);
      }
      holders
          .refusal(object, ref, spec, cache)
          .ifPresent(why -> causes.add(new Waiting("VolumeInUse", why)));
    }

    /** Why a claim is none to be mounted; what mounts it already goes on. */
    private Optional<String> unbound(ObjectRef claim, ObjectRef volume) {
      if (!existing.isEmpty()) {
        return Optional.empty();
      }
      Optional<StoredObject> found = cache.find(claim);
      String named = "PersistentVolumeClaim " + claim.name();
      if (found.filter(StoredObject::isDeleting).isPresent()) {
        return Optional.of(named + " is being deleted");
      }
      // one of its own name is the Volume's, whatever the claim says
      return volume.name().equals(claim.name())
          ? cache.find(volume).filter(v -> PodClaims.isLeft(v, found)).map(v -> left(v, named))
          : found.map(StoredObject::tree).flatMap(tree -> pending(tree, named));
    }

    private static String left(StoredObject volume, String claim) {
      return "Waits for Volume %s to go, as the %s that it was made for did"
          .formatted(volume.ref().name(), claim);
    }

    private static Optional<String> pending(JsonNode claim, String named) {
      JsonNode status = claim.path("status");
      return status.path("phase").asText().equals("Bound")
          ? Optional.empty()
          : Optional.of(named + " is not bound: " + status.at("/conditions/0/message").asText());
    }

    private static Claimed claimed(String volume, VolumeSpec spec) {
      boolean foreign = "nfs".equals(spec.driver());
      return new Claimed(
          volume,
          VolumeAccess.of(spec).isReadOnly(),
          !"Empty".equals(spec.firstUse()) && !foreign,
          foreign);
    }

    /** What is on a server cannot be shown to users that the Pod has for itself. */
    private void refuseForeign(Volume volume) {
      if (Boolean.FALSE.equals(pod.spec().getHostUsers())) {
        causes.add(
            new Waiting(
                "UnsupportedVolume",
                "Volume "
                    + volume.getName()
                    + " is of nfs, which the kernel cannot show to users of the Pod's own; leave"
                    + " hostUsers out, or set it to true"));
      }
    }

    // --- ConfigMaps, Secrets and tokens

    private ConfigData config() {
      List<ConfigReferences.Reference> references =
          ConfigReferences.of(pod.spec(), object.ref().namespace());
      List<ConfigReferences.Reference> all = new ArrayList<>(references);
      EphemeralContainers.of(pod.spec())
          .forEach(c -> all.addAll(ConfigReferences.ofEnvironment(c, object.ref().namespace())));
      if (all.isEmpty()) {
        return ConfigData.NONE;
      }
      all.forEach(r -> lookAt(r.ref()));
      ConfigData data =
          new ConfigData(
              all.stream()
                  .map(ConfigReferences.Reference::ref)
                  .distinct()
                  .flatMap(ref -> cache.find(ref).stream())
                  .toList());
      tellMissing(references, data);
      return data;
    }

    private ProjectedTokens tokens() {
      Set<ProjectedToken> wanted = ProjectedToken.of(pod.spec());
      if (wanted.isEmpty()) {
        return ProjectedTokens.NONE;
      }
      ObjectRef ref = ref(ResourceKind.SERVICE_ACCOUNT, DesiredPods.account(pod.spec()));
      lookAt(ref);
      Optional<StoredObject> account = cache.find(ref);
      if (account.isEmpty()) {
        causes.add(
            new Waiting(
                "AwaitingServiceAccount",
                "ServiceAccount %s, of which a volume has a token, does not exist in namespace %s; create it, or name another in serviceAccountName"
                    .formatted(ref.name(), ref.namespace())));
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
          .forEach(message -> causes.add(new Waiting("CreateContainerConfigError", message)));
    }

    private void lookAt(ObjectRef ref) {
      refs.add(ref);
      dependents.add(object.ref(), ref);
    }

    private ObjectRef ref(ResourceKind kind, String name) {
      return new ObjectRef(kind, object.ref().namespace(), name);
    }
  }

  private static String detail(
      @Nullable List<io.fabric8.kubernetes.api.model.Condition> conditions) {
    String message = Conditions.message(conditions, "Ready");
    return message.isEmpty() ? " to be ready" : ": " + message;
  }
}
