package dev.jctl.shim.spec;

/**
 * A volume's place on the host.
 *
 * @param id unique in this instance, {@code [a-z0-9-.]{1,128}}
 * @param driver where the bytes are
 * @param sizeBytes limit; 0 for none. {@code LOCAL} keeps it where the file system of the data
 *     directory has project quotas
 */
public record VolumeSpec(String id, Driver driver, long sizeBytes) {
  public enum Driver {
    /** A directory below the data directory. */
    LOCAL,
    /** A tmpfs mounted below the run directory. */
    TMPFS,
    /** A file system in a file of its size, mounted below the run directory. */
    DISK
  }
}
