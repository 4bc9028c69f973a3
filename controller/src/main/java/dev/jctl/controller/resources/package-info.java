/**
 * The typed store: objects as JSON trees under optimistic concurrency, with generation, finalizers,
 * owners and managed fields. Entry type: {@link dev.jctl.controller.resources.Resources}. Depends
 * on admission, manifests, store.
 */
@NullMarked
package dev.jctl.controller.resources;

import org.jspecify.annotations.NullMarked;
