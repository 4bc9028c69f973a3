package dev.jctl.shim.spec;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the runtime sees in the kernel and on disk, at the time of asking; never what it remembers
 * having asked for.
 */
public final class Observed {
  private Observed() {}

  /**
   * @param networks what is attached now, compared with what was asked for
   * @param spec as it was created
   */
  public record Sandbox(
      SandboxSpec spec,
      boolean namespacesPresent,
      List<Attachment> networks,
      List<Container> containers) {
    public Sandbox {
      networks = Lists.copy(networks);
      containers = Lists.copy(containers);
    }
  }

  /**
   * @param drift what differs from the attachment's spec, in words ({@code "veth missing"}); empty
   *     when all is well
   */
  public record Attachment(
      String networkId,
      String interfaceName,
      List<String> addresses,
      @Nullable String mac,
      List<String> drift) {
    public Attachment {
      addresses = Lists.copy(addresses);
      drift = Lists.copy(drift);
    }
  }

  /**
   * @param spec as it was created, with later {@link
   *     dev.jctl.shim.ContainerRuntime#updateResources} folded in
   * @param missingMounts destinations of {@code spec.volumes} that are no longer mounted inside
   */
  public record Container(ContainerSpec spec, State state, List<String> missingMounts) {
    public Container {
      missingMounts = Lists.copy(missingMounts);
    }
  }

  public sealed interface State {
    record Created() implements State {}

    /**
     * @param pid in the runtime's PID namespace
     * @param paused none of its processes runs until it is resumed
     */
    record Running(int pid, Instant startedAt, boolean paused) implements State {
      public Running(int pid, Instant startedAt) {
        this(pid, startedAt, false);
      }
    }

    /**
     * @param exitCode 0..255; 128 + signal when ended by a signal; -1 when it could not be learned
     * @param signal 0 when not ended by one
     * @param reason {@code Completed}, {@code Error}, {@code OOMKilled}, {@code ExitCodeUnknown},
     *     {@code StartError}
     * @param message for StartError: what failed, on what, why; else its {@link
     *     TerminationMessage}, of at most 4096 bytes
     */
    record Exited(
        int exitCode,
        int signal,
        String reason,
        String message,
        @Nullable Instant startedAt,
        Instant finishedAt)
        implements State {
      public Exited saying(String other) {
        return new Exited(exitCode, signal, reason, other, startedAt, finishedAt);
      }
    }
  }

  /**
   * @param drift what differs from the spec, in words; empty when all is well
   * @param repaired what differed, and was put right because something else needed it; until the
   *     network is ensured the next time
   */
  public record Network(
      NetworkSpec spec, String device, List<String> drift, List<String> repaired) {
    public Network {
      drift = Lists.copy(drift);
      repaired = Lists.copy(repaired);
    }

    /** What differs or did: all that is to be told. */
    public List<String> changed() {
      return Lists.join(repaired, drift);
    }
  }

  /**
   * The published ports and the tables that carry them. {@code drift} and {@code repaired} as
   * above, the latter until ports are repaired the next time.
   */
  public record Ports(List<PortSpec> ports, List<String> drift, List<String> repaired) {
    public Ports {
      ports = Lists.copy(ports);
      drift = Lists.copy(drift);
      repaired = Lists.copy(repaired);
    }

    /** What differs or did: all that is to be told. */
    public List<String> changed() {
      return Lists.join(repaired, drift);
    }
  }

  /**
   * @param path on the host
   * @param repaired whether it had been unmounted as the runtime started, which has put that right
   */
  public record Volume(VolumeSpec spec, String path, boolean present, boolean repaired) {}

  /**
   * @param limitBytes 0 for none
   * @param limit who keeps it
   */
  public record VolumeUsage(long usedBytes, long limitBytes, Limit limit) {
    public enum Limit {
      /** A quota of the file system that it is on. */
      QUOTA,
      /** It is a file system of its own. */
      FILE_SYSTEM,
      /** The plug-in that keeps it. */
      PLUGIN,
      /** Nobody: it can be exceeded. */
      MEASURED
    }
  }

  /**
   * @param takenAt RFC 3339
   * @param sizeBytes of all files, before they were packed
   */
  public record Snapshot(SnapshotSpec spec, String takenAt, long sizeBytes) {}

  /**
   * CPU time in nanoseconds since start; memory in bytes now (working set, without inactive file
   * cache).
   *
   * @param pressure by resource: {@code cpu}, {@code memory}, {@code io}; those that the kernel
   *     tells of
   */
  public record Usage(long cpuNanos, long memoryBytes, long pids, Map<String, Pressure> pressure) {
    public Usage(long cpuNanos, long memoryBytes, long pids) {
      this(cpuNanos, memoryBytes, pids, Map.of());
    }

    public Usage {
      pressure = Lists.copy(pressure);
    }
  }

  /**
   * Time in microseconds in which processes waited for one resource, since it was begun to count.
   *
   * @param waitingMicros some of them
   * @param stalledMicros all that had something to do
   * @see <a href="https://docs.kernel.org/accounting/psi.html">Pressure Stall Information</a>
   */
  public record Pressure(long waitingMicros, long stalledMicros) {
    /** From a file of the kernel. */
    public static Pressure parse(String text) {
      return new Pressure(total(text, "some "), total(text, "full "));
    }

    private static long total(String text, String kind) {
      return text.lines()
          .filter(line -> line.startsWith(kind))
          .map(line -> line.substring(line.indexOf("total=") + "total=".length()).strip())
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElse(0);
    }
  }

  /**
   * @param instance names this instance's kernel objects
   * @param cgroups {@code v1}, {@code v2} or {@code hybrid}
   * @param warnings what the host lacks, in words
   */
  public record Host(
      String instance,
      String bootId,
      String kernel,
      String cgroups,
      Map<String, String> features,
      List<String> warnings) {
    public Host {
      features = Lists.copy(features);
      warnings = Lists.copy(warnings);
    }
  }
}
