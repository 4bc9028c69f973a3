package dev.jctl.controller.pod;

import dev.jctl.controller.config.EnvSources;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.TerminationMessage;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A Pod's container with its image's configuration → OCI runtime spec. Pure. */
public final class OciSpecs {
  // runtime-spec config-linux.md, as filled in by all engines; /sys/dev/block by podman.
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/dev/block",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private OciSpecs() {}

  /**
   * @param terminationMessage if the container can say why it ends
   * @param memoryBytes of the machine
   */
  public record Input(
      PodSpec pod,
      Container container,
      ImageConfig image,
      String hostname,
      EnvSources sources,
      SeccompProfiles profiles,
      Optional<TerminationMessage> terminationMessage,
      long memoryBytes) {}

  public static OciSpec of(Input in) {
    SecurityContext security = in.container().getSecurityContext();
    boolean privileged = isPrivileged(security);
    boolean readOnly =
        security != null && Boolean.TRUE.equals(security.getReadOnlyRootFilesystem());
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root("rootfs", readOnly),
        process(in),
        in.hostname(),
        null,
        mounts(privileged),
        in.terminationMessage().map(TerminationMessage::annotations).orElse(Map.of()),
        linux(in, privileged));
  }

  private static OciSpec.Process process(Input in) {
    Container c = in.container();
    Environment env = Environment.of(in.image().env(), in.hostname(), c, in.sources());
    List<String> caps = Capabilities.of(c.getSecurityContext());
    return new OciSpec.Process(
        Boolean.TRUE.equals(c.getTty()),
        null,
        new OciSpec.User(0, 0, null, groups(in.pod().getSecurityContext())),
        arguments(c, in.image(), env),
        env.entries(),
        workingDir(c, in.image()),
        new OciSpec.Capabilities(caps, caps, List.of(), caps, List.of()),
        List.of(),
        noNewPrivileges(c.getSecurityContext()),
        Limits.oomScore(in.pod().getContainers(), c, in.memoryBytes()),
        null,
        null,
        appArmorProfile(in.pod().getSecurityContext(), c.getSecurityContext()),
        labels(in).map(SeLinuxLabels::process).orElse(null));
  }

  private static Optional<SeLinuxLabels> labels(Input in) {
    return SeLinuxLabels.of(in.pod().getSecurityContext(), in.container().getSecurityContext());
  }

  /**
   * In the words of the runtime, which knows what the machine has: null leaves it to it.
   *
   * @return null, {@code unconfined}, {@code runtime/default} or a profile's name
   */
  private static @Nullable String appArmorProfile(
      @Nullable PodSecurityContext pod, @Nullable SecurityContext container) {
    AppArmorProfile own = container == null ? null : container.getAppArmorProfile();
    AppArmorProfile profile = own == null && pod != null ? pod.getAppArmorProfile() : own;
    if (profile == null) {
      return isPrivileged(container) ? "unconfined" : null;
    }
    return switch (profile.getType()) {
      case "Localhost" -> profile.getLocalhostProfile();
      case "RuntimeDefault" -> "runtime/default";
      default -> "unconfined";
    };
  }

  /**
   * Kubernetes' rules: {@code command} replaces the entrypoint and, without {@code args}, also the
   * image's arguments.
   */
  static List<String> arguments(Container c, ImageConfig image, Environment env) {
    boolean hasCommand = c.getCommand() != null && !c.getCommand().isEmpty();
    boolean hasArgs = c.getArgs() != null && !c.getArgs().isEmpty();
    List<String> all =
        new ArrayList<>(hasCommand ? env.expandAll(c.getCommand()) : image.entrypoint());
    if (hasArgs) {
      all.addAll(env.expandAll(c.getArgs()));
    } else if (!hasCommand) {
      all.addAll(image.cmd());
    }
    return all;
  }

  private static String workingDir(Container c, ImageConfig image) {
    if (c.getWorkingDir() != null && !c.getWorkingDir().isEmpty()) {
      return c.getWorkingDir();
    }
    return image.workingDir().isEmpty() ? "/" : image.workingDir();
  }

  private static List<Integer> groups(@Nullable PodSecurityContext security) {
    List<Integer> groups = new ArrayList<>();
    if (security != null && security.getSupplementalGroups() != null) {
      security.getSupplementalGroups().forEach(g -> groups.add(g.intValue()));
    }
    if (security != null && security.getFsGroup() != null) {
      groups.add(security.getFsGroup().intValue());
    }
    return groups;
  }

  // Off only when it is asked for in so many words.
  private static boolean noNewPrivileges(@Nullable SecurityContext s) {
    return s == null || (!Boolean.TRUE.equals(s.getAllowPrivilegeEscalation()) && !isPrivileged(s));
  }

  private static boolean isPrivileged(@Nullable SecurityContext s) {
    return s != null && Boolean.TRUE.equals(s.getPrivileged());
  }

  /** {@code user[:group]} for the runtime to look up; null: root. */
  static @Nullable String user(
      @Nullable PodSecurityContext pod, @Nullable SecurityContext container, ImageConfig image) {
    Long uid = container == null ? null : container.getRunAsUser();
    Long gid = container == null ? null : container.getRunAsGroup();
    if (uid == null && pod != null) {
      uid = pod.getRunAsUser();
    }
    if (gid == null && pod != null) {
      gid = pod.getRunAsGroup();
    }
    String user = uid != null ? uid.toString() : image.user();
    if (gid != null) {
      int colon = user.indexOf(':');
      String name = colon < 0 ? user : user.substring(0, colon);
      return (name.isEmpty() ? "0" : name) + ":" + gid;
    }
    return user.isEmpty() ? null : alone(user, pod);
  }

  /** Without the groups that the image has its user in, where that is asked for. */
  private static String alone(String user, @Nullable PodSecurityContext pod) {
    boolean strict = pod != null && "Strict".equals(pod.getSupplementalGroupsPolicy());
    return strict && user.indexOf(':') < 0 ? user + ":" : user;
  }

  /** Whether it would run as root though {@code runAsNonRoot} forbids it; a name proves nothing. */
  static boolean isForbiddenRoot(
      @Nullable PodSecurityContext pod, @Nullable SecurityContext container, ImageConfig image) {
    Boolean own = container == null ? null : container.getRunAsNonRoot();
    Boolean wanted = (own == null && pod != null) ? pod.getRunAsNonRoot() : own;
    String user = user(pod, container, image);
    return Boolean.TRUE.equals(wanted) && (user == null || !user.matches("0*[1-9][0-9]*(:.*)?"));
  }

  private static List<OciSpec.Mount> mounts(boolean privileged) {
    String sysfs = privileged ? "rw" : "ro";
    return List.of(
        mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
        mount(
            "/dev", "tmpfs", "tmpfs", "nosuid", "noexec", "strictatime", "mode=755", "size=65536k"),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"),
        mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
        mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", sysfs),
        mount(
            "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", sysfs));
  }

  private static OciSpec.Mount mount(
      String destination, String type, String source, String... options) {
    return new OciSpec.Mount(destination, type, source, List.of(options));
  }

  private static OciSpec.Linux linux(Input in, boolean privileged) {
    return new OciSpec.Linux(
        namespaces(in.pod()),
        List.of(),
        List.of(),
        List.of(),
        null,
        Limits.of(in.container().getResources(), devices(privileged)),
        null,
        privileged ? null : seccomp(in),
        Map.of(),
        hidden(MASKED, in, privileged),
        hidden(READ_ONLY, in, privileged),
        Map.of(),
        null,
        labels(in).map(SeLinuxLabels::mount).orElse(null));
  }

  /** The runtime's own, unless another is asked for, or none in so many words. */
  private static OciSpec.@Nullable Seccomp seccomp(Input in) {
    SeccompProfile profile =
        seccompProfile(in.pod().getSecurityContext(), in.container().getSecurityContext());
    if (profile == null) {
      return OciSpec.Seccomp.RUNTIME_DEFAULT;
    }
    return switch (String.valueOf(profile.getType())) {
      case "Unconfined" -> null;
      case "Localhost" -> in.profiles().get(String.valueOf(profile.getLocalhostProfile()));
      default -> OciSpec.Seccomp.RUNTIME_DEFAULT;
    };
  }

  static @Nullable SeccompProfile seccompProfile(
      @Nullable PodSecurityContext pod, @Nullable SecurityContext container) {
    SeccompProfile own = container == null ? null : container.getSeccompProfile();
    return own == null && pod != null ? pod.getSeccompProfile() : own;
  }

  /** Only what is below {@code /proc} is for {@code procMount} to show. */
  private static List<String> hidden(List<String> paths, Input in, boolean privileged) {
    SecurityContext security = in.container().getSecurityContext();
    boolean unmasked = security != null && "Unmasked".equals(security.getProcMount());
    return privileged
        ? List.of()
        : paths.stream().filter(path -> !unmasked || !path.startsWith("/proc/")).toList();
  }

  private static List<OciSpec.Namespace> namespaces(PodSpec pod) {
    List<OciSpec.Namespace> namespaces = new ArrayList<>();
    addUnless(namespaces, "pid", pod.getHostPID());
    addUnless(namespaces, "network", pod.getHostNetwork());
    addUnless(namespaces, "ipc", pod.getHostIPC());
    addUnless(namespaces, "uts", false);
    addUnless(namespaces, "mount", false);
    addUnless(namespaces, "cgroup", false);
    return namespaces;
  }

  private static void addUnless(
      List<OciSpec.Namespace> namespaces, String type, @Nullable Boolean host) {
    if (!Boolean.TRUE.equals(host)) {
      namespaces.add(new OciSpec.Namespace(type, null));
    }
  }

  private static List<OciSpec.DeviceRule> devices(boolean privileged) {
    if (privileged) {
      return List.of(new OciSpec.DeviceRule(true, null, null, null, "rwm"));
    }
    List<OciSpec.DeviceRule> rules = new ArrayList<>();
    rules.add(new OciSpec.DeviceRule(false, null, null, null, "rwm"));
    rules.add(new OciSpec.DeviceRule(true, "c", null, null, "m"));
    rules.add(new OciSpec.DeviceRule(true, "b", null, null, "m"));
    // null, zero, full, random, urandom; tty, console, ptmx; pts
    for (long minor : new long[] {3, 5, 7, 8, 9}) {
      rules.add(new OciSpec.DeviceRule(true, "c", 1L, minor, "rwm"));
    }
    for (long minor : new long[] {0, 1, 2}) {
      rules.add(new OciSpec.DeviceRule(true, "c", 5L, minor, "rwm"));
    }
    rules.add(new OciSpec.DeviceRule(true, "c", 136L, null, "rwm"));
    return rules;
  }
}
