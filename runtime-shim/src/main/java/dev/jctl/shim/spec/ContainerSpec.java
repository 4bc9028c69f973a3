package dev.jctl.shim.spec;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One container to be made in a sandbox.
 *
 * @param id unique in this instance, {@code [a-z0-9-]{1,63}}, never used again
 * @param sandboxId joined for network, IPC and UTS (and PID when {@code sharePid})
 * @param layers unpacked layers of the root file system, lowest first
 * @param oci all of the rest. {@code root.path}, the paths of joined namespaces and {@code
 *     linux.cgroupsPath} are filled in by the runtime; the sandbox's {@code /etc/hosts}, {@code
 *     hostname} and {@code resolv.conf} are added to the mounts
 * @param user as in an image's configuration: {@code name[:group]} or {@code uid[:gid]}, looked up
 *     in the root file system, {@code name:} without the groups that name it as a member; null:
 *     {@code oci.process.user} as it is
 * @param volumes bind mounts of volumes, added to {@code oci.mounts} in order
 * @param logDirectory where {@code N.log} in CRI format is written ({@code N} is {@code attempt});
 *     absolute
 * @param attempt restart count, which names the log file
 * @param stdin keep a standard input open that attach can write to
 * @param stopSignal name or number, {@code SIGTERM}
 * @param labels kept for the owner
 * @param confidential its command and environment hold secrets, and are on no disk for its sake
 * @param stdinOnce its standard input ends with that of the first attach that writes to it, or with
 *     this runtime
 * @param init its command is the child of a first process that hands signals on and reaps whoever
 *     has no other parent
 * @param processesOf id of the container of the same sandbox whose processes it sees, and with
 *     whose first process it ends, pid_namespaces(7); null: it has its own
 */
public record ContainerSpec(
    String id,
    String sandboxId,
    List<String> layers,
    OciSpec oci,
    @Nullable String user,
    List<VolumeMount> volumes,
    String logDirectory,
    int attempt,
    boolean stdin,
    String stopSignal,
    Map<String, String> labels,
    boolean confidential,
    boolean stdinOnce,
    boolean init,
    @Nullable String processesOf) {
  /** With processes and an input of its own. */
  public ContainerSpec(
      String id,
      String sandboxId,
      List<String> layers,
      OciSpec oci,
      @Nullable String user,
      List<VolumeMount> volumes,
      String logDirectory,
      int attempt,
      boolean stdin,
      String stopSignal,
      Map<String, String> labels,
      boolean confidential) {
    this(
        id,
        sandboxId,
        layers,
        oci,
        user,
        volumes,
        logDirectory,
        attempt,
        stdin,
        stopSignal,
        labels,
        confidential,
        false,
        false,
        null);
  }

  public ContainerSpec {
    layers = Lists.copy(layers);
    volumes = Lists.copy(volumes);
    labels = Lists.copy(labels);
  }

  public ContainerSpec withOci(OciSpec other) {
    return new ContainerSpec(
        id,
        sandboxId,
        layers,
        other,
        user,
        volumes,
        logDirectory,
        attempt,
        stdin,
        stopSignal,
        labels,
        confidential,
        stdinOnce,
        init,
        processesOf);
  }

  /**
   * @param destination absolute path inside
   * @param readOnly what is mounted beneath is only with {@link Manner#readOnlyBeneath}
   * @param subPath relative path below the source, resolved beneath it; empty for all
   * @param manner null, as in what older ones left on disk: {@link Manner#PLAIN}
   */
  public record VolumeMount(
      Source source,
      String destination,
      boolean readOnly,
      String subPath,
      @Nullable Manner manner) {
    public VolumeMount(Source source, String destination, boolean readOnly, String subPath) {
      this(source, destination, readOnly, subPath, Manner.PLAIN);
    }

    public VolumeMount {
      manner = manner == null ? Manner.PLAIN : manner;
    }

    @Override
    public Manner manner() {
      return manner == null ? Manner.PLAIN : manner;
    }
  }

  public sealed interface Source {
    record Volume(String volumeId) implements Source {}

    /**
     * @param kind what is there or is made, as Kubernetes calls it ({@code DirectoryOrCreate});
     *     null: anything that is there
     */
    record HostPath(String path, @Nullable String kind) implements Source {
      public HostPath(String path) {
        this(path, null);
      }
    }

    /** A tree of unpacked layers, lowest first; always read-only, and nothing in it is run. */
    record Image(List<String> layers) implements Source {
      public Image {
        layers = Lists.copy(layers);
      }
    }
  }

  /** Ids of the layers that it is made of or mounts. */
  public Stream<String> usedLayers() {
    return Stream.concat(
        layers.stream(),
        volumes.stream()
            .flatMap(
                mount ->
                    mount.source() instanceof Source.Image(var more)
                        ? more.stream()
                        : Stream.empty()));
  }

  /**
   * @param propagation of what is mounted beneath later
   * @param readOnlyBeneath a read-only mount is so with all that is mounted beneath
   * @param seeded a volume in which nothing is gets what the image has at the destination
   * @param group to which what is in a volume is made to belong before it is mounted
   */
  public record Manner(
      @Nullable Propagation propagation,
      boolean readOnlyBeneath,
      boolean seeded,
      @Nullable SharedGroup group) {
    public static final Manner PLAIN = new Manner(Propagation.NONE, false, false, null);
  }

  public enum Propagation {
    NONE,
    /** What the machine mounts is seen inside. */
    FROM_HOST,
    /** And what is mounted inside is seen on the machine. */
    BOTH
  }

  /**
   * @param onlyIfRootDiffers nothing is looked at where the volume's own directory is as it should
   *     be
   */
  public record SharedGroup(int gid, boolean onlyIfRootDiffers) {}
}
