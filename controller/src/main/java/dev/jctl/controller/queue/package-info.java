/**
 * A bounded, de-duplicating work queue and the loop that empties it. A request is only a key: the
 * reconciler looks at what is, never at what happened. Entry types: {@link
 * dev.jctl.controller.queue.ControlLoop}, {@link dev.jctl.controller.queue.Reconciler}. Depends on
 * resources.
 */
@NullMarked
package dev.jctl.controller.queue;

import org.jspecify.annotations.NullMarked;
