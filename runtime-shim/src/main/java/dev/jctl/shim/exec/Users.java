package dev.jctl.shim.exec;

import java.nio.file.Path;

/**
 * A user namespace that is held at a path.
 *
 * @param first who its root is outside; the next {@link #COUNT} ids are its others'
 */
public record Users(Path namespace, int first) {
  /** As many as Kubernetes gives each Pod, and as there are in images. */
  public static final int COUNT = 1 << 16;
}
