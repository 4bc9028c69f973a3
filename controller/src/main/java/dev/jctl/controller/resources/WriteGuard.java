package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Sees what a write makes of an object before it is stored, and may refuse it. */
@FunctionalInterface
public interface WriteGuard {
  /** Lets everything through. */
  WriteGuard NONE = (ref, before, after) -> {};

  /**
   * @param before null when it is created
   * @throws ApiException to refuse
   */
  void check(ObjectRef ref, @Nullable ObjectNode before, ObjectNode after);
}
