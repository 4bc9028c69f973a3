package dev.jctl.shim.spec;

import org.jspecify.annotations.Nullable;

/**
 * A volume's content as it was at one time.
 *
 * @param id unique in this instance, {@code [a-z0-9-.]{1,128}}
 * @param quiesce what keeps its users from writing meanwhile
 * @param archive a file on the machine that it becomes instead of a directory; absolute
 */
public record SnapshotSpec(String id, String volumeId, Quiesce quiesce, @Nullable String archive) {
  public enum Quiesce {
    NONE,
    /** Containers that mount it stand still while it is copied, but not while it is packed. */
    FREEZE
  }
}
