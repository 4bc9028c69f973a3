/**
 * Probes of running containers: when they are due, how they are done, what their results add up to.
 * Entry type: {@link dev.jctl.controller.probe.Probes}. Depends on shim.
 */
@NullMarked
package dev.jctl.controller.probe;

import org.jspecify.annotations.NullMarked;
