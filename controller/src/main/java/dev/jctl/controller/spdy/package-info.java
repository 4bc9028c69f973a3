/**
 * The server's side of SPDY/3.1, which Kubernetes' clients still forward ports with. Entry type:
 * {@link dev.jctl.controller.spdy.SpdyConnection}. Depends on nothing else.
 */
@NullMarked
package dev.jctl.controller.spdy;

import org.jspecify.annotations.NullMarked;
