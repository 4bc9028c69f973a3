package dev.jctl.shim.spec;

import java.util.List;
import java.util.Map;
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
 *     in the root file system; null: {@code oci.process.user} as it is
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
 * @param processesOf id of the container of the same sandbox whose processes it sees, and with whose
 *     first process it ends, pid_namespaces(7); null: it has its own
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
        processesOf);
  }

  /**
   * @param source {@link Source.Volume} or {@link Source.HostPath}
   * @param destination absolute path inside
   * @param subPath relative path below the source, resolved beneath it; empty for all
   */
  public record VolumeMount(Source source, String destination, boolean readOnly, String subPath) {}

  public sealed interface Source {
    record Volume(String volumeId) implements Source {}

    record HostPath(String path) implements Source {}
  }
}
