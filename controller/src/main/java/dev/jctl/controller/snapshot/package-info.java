/**
 * Snapshots of volumes, kept here or written to archives. Entry type: {@link
 * dev.jctl.controller.snapshot.SnapshotReconciler}. Depends on queue, status, event, resources,
 * watch, volume, probe, shim.
 */
@NullMarked
package dev.jctl.controller.snapshot;

import org.jspecify.annotations.NullMarked;
