package dev.jctl.controller.queue;

import dev.jctl.controller.resources.ObjectRef;

/**
 * Brings the machine closer to what one object asks for. Called for one object by one thread at a
 * time; an exception means "again, after a back-off".
 */
@FunctionalInterface
public interface Reconciler {
  Outcome reconcile(ObjectRef ref) throws InterruptedException;
}
