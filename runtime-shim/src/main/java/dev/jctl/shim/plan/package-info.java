/**
 * Pure: an OCI runtime spec becomes a syscall program. Entry type: {@link
 * dev.jctl.shim.plan.LaunchPlanner}. Depends on spec.
 */
@NullMarked
package dev.jctl.shim.plan;

import org.jspecify.annotations.NullMarked;
