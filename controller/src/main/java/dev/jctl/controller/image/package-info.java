/**
 * Images: brought into the store, unpacked for the runtime, and swept away when nothing reaches
 * them. Entry type: {@link dev.jctl.controller.image.ImageReconciler}. Depends on queue, status,
 * event, resources, watch, images, shim.
 */
@NullMarked
package dev.jctl.controller.image;

import org.jspecify.annotations.NullMarked;
