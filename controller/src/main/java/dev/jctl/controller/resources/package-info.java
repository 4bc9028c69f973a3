/**
 * The typed store: objects as JSON trees under optimistic concurrency, with generation, finalizers,
 * owners and managed fields. Entry types: {@link dev.jctl.controller.resources.Resources}, {@link
 * dev.jctl.controller.resources.StoreResources}. Depends on admission, merge, manifests, store.
 */
@NullMarked
package dev.jctl.controller.resources;

import org.jspecify.annotations.NullMarked;
