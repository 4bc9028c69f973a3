/**
 * Images: brought into the store, unpacked for the runtime, and swept away when nothing reaches
 * them; and chosen anew, where a policy says so. Entry type: {@link
 * dev.jctl.controller.image.ImageReconciler}. Depends on build, sets, queue, status, event,
 * resources, watch, images, shim.
 */
@NullMarked
package dev.jctl.controller.image;

import org.jspecify.annotations.NullMarked;
