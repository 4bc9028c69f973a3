package dev.jctl.controller.pod;

import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.config.ConfigReferences;
import dev.jctl.controller.config.ConfigVolumes;
import dev.jctl.controller.config.EnvSources;
import dev.jctl.controller.config.ProjectedTokens;
import dev.jctl.controller.config.ResourceFields;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.config.VolumeFiles;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.network.SandboxPods;
import dev.jctl.controller.pod.DesiredPod.DesiredContainer;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.volume.VolumePlanner;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.HostNamespace;
import dev.jctl.shim.spec.VolumeFile;
import dev.jctl.shim.spec.VolumeSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.fabric8.kubernetes.api.model.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Pod and what it refers to → {@link DesiredPod}. Pure. */
final class DesiredPods {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int OWNER_ONLY = 0600;
  private static final OciSpec.Resources NO_LIMITS =
      new OciSpec.Resources(List.of(), null, null, null, Map.of());

  /**
   * @param networks as asked for, in order
   * @param leases one for each network
   * @param shared names of networks that share a device of the machine
   * @param images by container name
   * @param revisions of their Image objects, by container name
   * @param awaiting why containers, by name, cannot be started yet; what those are that run or ran
   *     is known all the same
   * @param volumes what its volumes are found to be
   * @param config of the ConfigMaps and Secrets that it refers to
   * @param tokens that its volumes ask for
   * @param variables that its containers have without asking for them
   * @param hostPaths what may be mounted of the machine
   * @param profiles those that it names
   * @param logs root of all log directories
   */
  record Input(
      ObjectRef ref,
      String uid,
      Resource.Pod pod,
      List<NetworkRef> networks,
      List<Lease> leases,
      Set<String> shared,
      Map<String, StoredImage> images,
      Map<String, String> revisions,
      Map<String, Waiting> awaiting,
      FoundVolumes volumes,
      ConfigData config,
      ProjectedTokens tokens,
      Map<String, String> variables,
      HostPaths hostPaths,
      SeccompProfiles profiles,
      Path logs,
      String nodeName,
      String hostIp,
      Machine machine) {
    /** Of networks with a bridge, on which the machine is. */
    List<Lease> bridged() {
      return leases.stream().filter(lease -> !shared.contains(lease.network())).toList();
    }
  }

  private final Input in;
  private final PodSpec spec;
  private final String hostname;
  private final Map<String, String> fields;
  private final ResourceFields resources;
  private final EnvSources sources;

  private DesiredPods(Input in) {
    this.in = in;
    this.spec = in.pod().spec();
    this.hostname = hostname(in);
    this.fields = fields(in);
    this.resources = new ResourceFields(spec, in.machine());
    this.sources =
        EnvSources.of(in.ref().namespace(), fields, in.config(), resources, in.variables());
  }

  static DesiredPod of(Input in) {
    DesiredPods builder = new DesiredPods(in);
    List<DesiredContainer> containers = new ArrayList<>();
    for (Container c : initContainers(builder.spec)) {
      boolean sidecar = "Always".equals(c.getRestartPolicy());
      containers.add(
          builder.container(c, sidecar ? ContainerRole.SIDECAR : ContainerRole.INIT, false));
    }
    boolean first = true;
    boolean whole = true;
    for (Container c : builder.spec.getContainers()) {
      if (in.images().containsKey(c.getName())) {
        containers.add(builder.container(c, ContainerRole.MAIN, first));
      } else {
        whole = false;
      }
      first = false;
    }
    for (Container c : EphemeralContainers.of(builder.spec)) {
      if (in.images().containsKey(c.getName()) && !in.awaiting().containsKey(c.getName())) {
        containers.add(builder.container(c, ContainerRole.EPHEMERAL, false));
      }
    }
    return new DesiredPod(
        builder.sandbox(),
        containers,
        RestartPolicy.of(builder.spec.getRestartPolicy()),
        PodPorts.of(in.pod(), in.uid(), in.bridged()),
        scratch(builder.spec, in.uid()),
        builder.files(),
        OnConfigChange.of(in.pod().metadata()),
        isSaid(in, Annotations.PAUSED),
        whole,
        in.awaiting(),
        in.tokens().renewal());
  }

  private static boolean isSaid(Input in, String annotation) {
    Map<String, String> annotations = in.pod().metadata().getAnnotations();
    return annotations != null && "true".equals(annotations.get(annotation));
  }

  static List<Container> initContainers(PodSpec spec) {
    return Objects.requireNonNullElse(spec.getInitContainers(), List.of());
  }

  static List<Volume> volumes(PodSpec spec) {
    return Objects.requireNonNullElse(spec.getVolumes(), List.of());
  }

  static String account(PodSpec spec) {
    return Objects.requireNonNullElse(spec.getServiceAccountName(), "default");
  }

  /** What is made for the Pod and goes with it, but for what is on servers. */
  static List<VolumeSpec> scratch(PodSpec spec, String uid) {
    List<VolumeSpec> dirs = new ArrayList<>();
    for (Volume v : volumes(spec)) {
      if (v.getEmptyDir() != null) {
        boolean memory = "Memory".equals(v.getEmptyDir().getMedium());
        Quantity size = v.getEmptyDir().getSizeLimit();
        dirs.add(
            new VolumeSpec(
                PodNames.volumeId(uid, v.getName()),
                memory ? VolumeSpec.Driver.TMPFS : VolumeSpec.Driver.LOCAL,
                size == null ? 0 : Quantity.getAmountInBytes(size).longValue()));
      }
      if (v.getNfs() != null) {
        dirs.add(
            new VolumeSpec(
                PodNames.volumeId(uid, v.getName()),
                VolumeSpec.Driver.NFS,
                0,
                VolumePlanner.nfs(v.getNfs().getServer(), v.getNfs().getPath(), null)));
      }
    }
    return dirs;
  }

  /** Ids of the volumes that live and die with the Pod. */
  static List<String> ownVolumes(PodSpec spec, String uid) {
    return volumes(spec).stream()
        .filter(v -> v.getEmptyDir() != null || v.getNfs() != null || ConfigVolumes.isOne(v))
        .map(v -> PodNames.volumeId(uid, v.getName()))
        .toList();
  }

  private List<VolumeFiles> files() {
    List<Volume> volumes = volumes(spec).stream().filter(ConfigVolumes::isOne).toList();
    return volumes.isEmpty() ? List.of() : files(volumes, fileFields());
  }

  private List<VolumeFiles> files(List<Volume> volumes, Map<String, String> fields) {
    ConfigVolumes.Sources from =
        new ConfigVolumes.Sources(
            in.ref().namespace(), fields, in.config(), resources, in.tokens(), tokenMode());
    List<VolumeFiles> all = new ArrayList<>();
    for (Volume v : volumes) {
      VolumeSpec volume = ConfigVolumes.spec(v, PodNames.volumeId(in.uid(), v.getName()));
      List<VolumeFile> files = ConfigVolumes.files(v, from);
      all.add(new VolumeFiles(volume, files, Hashes.of(files)));
    }
    return all;
  }

  /** Whose group may read them, nobody else may. */
  private @Nullable Integer tokenMode() {
    PodSecurityContext context = spec.getSecurityContext();
    return context == null || context.getFsGroup() == null ? null : OWNER_ONLY;
  }

  /** A file may have all labels or annotations, which no variable can. */
  private Map<String, String> fileFields() {
    Map<String, String> all = new HashMap<>(fields);
    all.put("metadata.labels", lines(in.pod().metadata().getLabels()));
    all.put("metadata.annotations", lines(in.pod().metadata().getAnnotations()));
    return all;
  }

  /** As kubelet writes them. */
  private static String lines(@Nullable Map<String, String> map) {
    return map == null
        ? ""
        : new TreeMap<>(map)
            .entrySet().stream()
                .map(e -> e.getKey() + "=\"" + escaped(e.getValue()) + "\"")
                .collect(Collectors.joining("\n"));
  }

  private static String hostname(Input in) {
    String asked = in.pod().spec().getHostname();
    String name = asked == null || asked.isEmpty() ? in.ref().name() : asked;
    return name.length() <= 63 ? name : name.substring(0, 63);
  }

  private static Map<String, String> fields(Input in) {
    Map<String, String> fields = new HashMap<>();
    fields.put("metadata.name", in.ref().name());
    fields.put("metadata.namespace", in.ref().namespace());
    fields.put("metadata.uid", in.uid());
    fields.put("spec.nodeName", in.nodeName());
    fields.put("spec.serviceAccountName", account(in.pod().spec()));
    fields.put("status.hostIP", in.hostIp());
    fields.put("status.hostIPs", in.hostIp());
    fields.put("status.podIP", podIp(in));
    fields.put("status.podIPs", String.join(",", ips(in)));
    keyed(fields, "metadata.labels", in.pod().metadata().getLabels());
    keyed(fields, "metadata.annotations", in.pod().metadata().getAnnotations());
    return fields;
  }

  private static void keyed(
      Map<String, String> fields, String path, @Nullable Map<String, String> map) {
    if (map != null) {
      map.forEach((k, v) -> fields.put(path + "['" + k + "']", v));
    }
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static List<String> ips(Input in) {
    return in.leases().stream().flatMap(l -> l.addresses().stream()).map(Lease::ip).toList();
  }

  private static String podIp(Input in) {
    List<String> ips = ips(in);
    if (!ips.isEmpty()) {
      return ips.getFirst();
    }
    return Boolean.TRUE.equals(in.pod().spec().getHostNetwork()) ? in.hostIp() : LOOPBACK;
  }

  // --- sandbox

  private SandboxSpec sandbox() {
    Map<String, String> labels = new HashMap<>(Parts.of(sandbox(Map.of())));
    labels.put(SandboxPods.NAMESPACE, in.ref().namespace());
    labels.put(SandboxPods.NAME, in.ref().name());
    return sandbox(labels);
  }

  private SandboxSpec sandbox(Map<String, String> labels) {
    return new SandboxSpec(
        in.uid(),
        hostname,
        hostNamespaces(),
        attachments(),
        DnsNames.dns(spec, in.ref().namespace(), !in.leases().isEmpty()),
        hosts(),
        sysctls(),
        NO_LIMITS,
        labels,
        PodUsers.of(spec, in.volumes()),
        Boolean.TRUE.equals(spec.getShareProcessNamespace()));
  }

  private Set<HostNamespace> hostNamespaces() {
    Set<HostNamespace> shared = new TreeSet<>();
    if (Boolean.TRUE.equals(spec.getHostNetwork())) {
      shared.add(HostNamespace.NETWORK);
    }
    if (Boolean.TRUE.equals(spec.getHostPID())) {
      shared.add(HostNamespace.PID);
    }
    if (Boolean.TRUE.equals(spec.getHostIPC())) {
      shared.add(HostNamespace.IPC);
    }
    return shared;
  }

  private List<SandboxSpec.NetworkAttachment> attachments() {
    List<SandboxSpec.NetworkAttachment> attachments = new ArrayList<>();
    for (int i = 0; i < in.leases().size(); i++) {
      Lease lease = in.leases().get(i);
      attachments.add(
          new SandboxSpec.NetworkAttachment(
              in.ref().namespace() + "." + lease.network(),
              "eth" + i,
              lease.addresses(),
              lease.mac(),
              DnsNames.of(in.ref().name(), in.ref().namespace(), aliases(i), spec, lease)));
    }
    return attachments;
  }

  private Map<String, List<String>> hosts() {
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    for (int i = 0; i < in.leases().size(); i++) {
      List<String> names = DnsNames.own(hostname, in.ref().namespace(), aliases(i), spec);
      in.leases().get(i).addresses().forEach(a -> hosts.put(Lease.ip(a), names));
    }
    for (HostAlias alias :
        Objects.requireNonNullElse(spec.getHostAliases(), List.<HostAlias>of())) {
      hosts.merge(alias.getIp(), List.copyOf(alias.getHostnames()), DesiredPods::joined);
    }
    return hosts;
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).distinct().toList();
  }

  private List<String> aliases(int network) {
    return Objects.requireNonNullElse(in.networks().get(network).aliases(), List.of());
  }

  private Map<String, String> sysctls() {
    Map<String, String> sysctls = new HashMap<>();
    if (spec.getSecurityContext() != null && spec.getSecurityContext().getSysctls() != null) {
      for (Sysctl s : spec.getSecurityContext().getSysctls()) {
        sysctls.put(s.getName(), s.getValue());
      }
    }
    return sysctls;
  }

  // --- containers

  private DesiredContainer container(Container c, ContainerRole role, boolean first) {
    StoredImage image = Objects.requireNonNull(in.images().get(c.getName()));
    ContainerSpec bare = bare(c, image, first, sources);
    // What is in a ConfigMap, and where the API is, is no part of the container: as with
    // Kubernetes, only the next start of it sees a change of its environment.
    ContainerSpec asked =
        ConfigReferences.has(c) || !in.variables().isEmpty()
            ? bare(c, image, first, EnvSources.named(in.ref().namespace(), fields))
            : bare;
    Map<String, String> labels = new HashMap<>(Parts.of(asked, image.imageId()));
    labels.put(PodNames.CONTAINER_NAME, c.getName());
    labels.put(PodNames.IMAGE_ID, image.imageId());
    labels.put(PodNames.IMAGE, c.getImage());
    labels.put(PodNames.IMAGE_REVISION, in.revisions().getOrDefault(c.getName(), ""));
    Set<ObjectRef> config = ConfigReferences.of(c, spec, in.ref().namespace());
    if (!config.isEmpty()) {
      labels.put(PodNames.CONFIG, in.config().digest(config));
    }
    return new DesiredContainer(
        c.getName(),
        role,
        Parts.labelled(bare, labels),
        ProbeSpecs.of(c, podIp(in)),
        role == ContainerRole.EPHEMERAL ? EphemeralContainers.target(spec, c.getName()) : "");
  }

  private ContainerSpec bare(Container c, StoredImage image, boolean first, EnvSources env) {
    return new ContainerSpec(
        "",
        in.uid(),
        layerIds(image),
        OciSpecs.of(
            new OciSpecs.Input(
                spec,
                c,
                image.config(),
                hostname,
                env,
                in.profiles(),
                TerminationMessages.of(in.pod(), c),
                in.machine().memoryBytes())),
        OciSpecs.user(spec.getSecurityContext(), c.getSecurityContext(), image.config()),
        VolumeMounts.of(in, c, Environment.of(image.config().env(), hostname, c, env)),
        logDirectory(c.getName()),
        0,
        Boolean.TRUE.equals(c.getStdin()),
        stopSignal(c, image, first),
        Map.of(),
        ConfigReferences.hasSecret(c),
        Boolean.TRUE.equals(c.getStdinOnce()),
        isSaid(in, Annotations.INIT),
        null);
  }

  static List<String> layerIds(StoredImage image) {
    return image.layers().stream().map(DesiredPods::layerId).toList();
  }

  private static String layerId(StoredImage.Layer layer) {
    return layer.diffId().substring(layer.diffId().indexOf(':') + 1);
  }

  private String logDirectory(String container) {
    return PodNames.podLogs(in.logs(), in.ref().namespace(), in.ref().name(), in.uid())
        .resolve(container)
        .toString();
  }

  private String stopSignal(Container c, StoredImage image, boolean first) {
    Map<String, String> annotations = in.pod().metadata().getAnnotations();
    if (first && annotations != null && annotations.containsKey(Annotations.STOP_SIGNAL)) {
      return annotations.getOrDefault(Annotations.STOP_SIGNAL, "");
    }
    if (c.getLifecycle() != null && c.getLifecycle().getStopSignal() != null) {
      return c.getLifecycle().getStopSignal();
    }
    return image.config().stopSignal().isEmpty() ? "SIGTERM" : image.config().stopSignal();
  }
}
