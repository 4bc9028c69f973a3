package dev.jctl.shim.local;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.spec.LayerEntry;

/**
 * Changes of a container that goes on when they are closed.
 *
 * @param stillness may be ended more than once
 */
record StillChanges(ContainerChanges changes, Snapshots.Stillness stillness)
    implements ContainerChanges {
  @Override
  public boolean hasNext() {
    return changes.hasNext();
  }

  @Override
  public LayerEntry next() {
    return changes.next();
  }

  @Override
  public void close() {
    try (stillness) {
      changes.close();
    }
  }
}
