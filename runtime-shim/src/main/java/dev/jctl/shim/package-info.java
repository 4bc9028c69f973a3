/**
 * What a controller may ask of the runtime. Entry type: {@link dev.jctl.shim.ContainerRuntime}; its
 * two forms are in-process and over a Unix socket. The only packages a controller may use are this
 * one and {@code dev.jctl.shim.spec}.
 */
@NullMarked
package dev.jctl.shim;

import org.jspecify.annotations.NullMarked;
