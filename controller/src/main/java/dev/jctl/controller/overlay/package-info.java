/**
 * From files to the objects that they say: variables, kustomizations, patches and other images.
 * Pure. Entry type: {@link dev.jctl.controller.overlay.Overlay}. Depends on merge, manifests.
 */
@NullMarked
package dev.jctl.controller.overlay;

import org.jspecify.annotations.NullMarked;
