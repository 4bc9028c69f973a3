package dev.jctl.shim.spec;

/**
 * A volume's place on the host.
 *
 * @param id unique in this instance, {@code [a-z0-9-.]{1,128}}
 * @param driver where the bytes are
 * @param sizeBytes limit; 0 for none. {@code LOCAL} keeps no limit by itself
 */
public record VolumeSpec(String id, Driver driver, long sizeBytes) {
  public enum Driver {
    /** A directory below the data directory. */
    LOCAL,
    /** A tmpfs mounted below the run directory. */
    TMPFS
  }
}
