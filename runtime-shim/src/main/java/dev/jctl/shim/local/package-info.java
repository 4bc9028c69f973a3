/**
 * The runtime in this process: state on disk, lives of sandboxes and containers, adoption. Entry
 * types: {@link dev.jctl.shim.local.LocalRuntime}, and {@link dev.jctl.shim.local.ShimMain} which
 * serves it. Depends on everything else in this module; nothing depends on it.
 */
@NullMarked
package dev.jctl.shim.local;

import org.jspecify.annotations.NullMarked;
