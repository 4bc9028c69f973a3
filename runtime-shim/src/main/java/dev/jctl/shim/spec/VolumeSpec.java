package dev.jctl.shim.spec;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A volume's place on the host.
 *
 * @param id unique in this instance, {@code [a-z0-9-.]{1,128}}
 * @param driver where the bytes are
 * @param sizeBytes limit; 0 for none. {@code LOCAL} keeps it where the file system of the data
 *     directory has project quotas
 * @param backend of {@code NFS} and {@code PLUGIN}: who keeps the bytes
 * @param origin what it was filled from at first, in the caller's words; empty for nothing, null
 *     where that is not known
 */
public record VolumeSpec(
    String id, Driver driver, long sizeBytes, @Nullable Backend backend, @Nullable String origin) {
  public VolumeSpec(String id, Driver driver, long sizeBytes) {
    this(id, driver, sizeBytes, null);
  }

  public VolumeSpec(String id, Driver driver, long sizeBytes, @Nullable Backend backend) {
    this(id, driver, sizeBytes, backend, null);
  }

  public enum Driver {
    /** A directory below the data directory. */
    LOCAL,
    /** A tmpfs mounted below the run directory. */
    TMPFS,
    /** A file system in a file of its size, mounted below the run directory. */
    DISK,
    /** A directory of a server, mounted below the run directory. */
    NFS,
    /** What a process of its own mounts below the run directory. */
    PLUGIN
  }

  /** Somebody who may be slow to answer, or not answer at all. */
  public sealed interface Backend {
    /**
     * @param options as of mount.nfs(8), with commas between
     */
    record Nfs(String server, String path, String options) implements Backend {}

    /**
     * @param parameters what it is told when a volume is made
     */
    record Plugin(String name, Map<String, String> parameters) implements Backend {
      public Plugin {
        parameters = new TreeMap<>(Lists.copy(parameters));
      }
    }
  }
}
