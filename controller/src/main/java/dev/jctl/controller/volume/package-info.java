/**
 * Volumes: where they are, who uses them, what becomes of their content. Entry type: {@link
 * dev.jctl.controller.volume.VolumeReconciler}. Depends on queue, status, event, resources, watch,
 * shim.
 */
@NullMarked
package dev.jctl.controller.volume;

import org.jspecify.annotations.NullMarked;
