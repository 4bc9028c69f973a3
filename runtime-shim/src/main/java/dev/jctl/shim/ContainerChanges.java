package dev.jctl.shim;

import dev.jctl.shim.spec.LayerEntry;
import java.util.Iterator;

/**
 * The entries of a layer on their way out. A file's content is read before the next entry is asked
 * for. Close when done.
 */
public interface ContainerChanges extends Iterator<LayerEntry>, AutoCloseable {
  @Override
  void close();
}
