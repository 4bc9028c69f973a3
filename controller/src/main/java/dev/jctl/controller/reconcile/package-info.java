/**
 * Wires the reconcilers of all kinds to the cache, the runtime and the image store. Entry type:
 * {@link dev.jctl.controller.reconcile.Reconcilers}. Depends on every kind's package, queue, event,
 * resources, watch.
 */
@NullMarked
package dev.jctl.controller.reconcile;

import org.jspecify.annotations.NullMarked;
