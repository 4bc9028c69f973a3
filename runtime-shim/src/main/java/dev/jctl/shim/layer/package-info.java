/**
 * Image layers on disk, in overlayfs's form. Entry type: {@link dev.jctl.shim.layer.LayerStore}.
 * Depends on kernel, spec, io.
 */
@NullMarked
package dev.jctl.shim.layer;

import org.jspecify.annotations.NullMarked;
