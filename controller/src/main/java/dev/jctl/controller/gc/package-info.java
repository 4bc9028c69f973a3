/**
 * Garbage collection by owner references, as Kubernetes does it: background, foreground, orphan.
 * Entry type: {@link dev.jctl.controller.gc.OwnerReconciler}. Depends on queue, status, resources,
 * watch.
 */
@NullMarked
package dev.jctl.controller.gc;

import org.jspecify.annotations.NullMarked;
