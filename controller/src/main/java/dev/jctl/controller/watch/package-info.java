/**
 * Objects in memory, kept current by one store watch, and those who want to hear of changes. Entry
 * type: {@link dev.jctl.controller.watch.ResourceCache}. Depends on resources.
 */
@NullMarked
package dev.jctl.controller.watch;

import org.jspecify.annotations.NullMarked;
