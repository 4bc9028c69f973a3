/**
 * Objects in memory, kept current by one store watch, and those who want to hear of changes. Entry
 * types: {@link dev.jctl.controller.watch.ResourceCache}, {@link
 * dev.jctl.controller.watch.StoreCache}. Depends on resources, store.
 */
@NullMarked
package dev.jctl.controller.watch;

import org.jspecify.annotations.NullMarked;
