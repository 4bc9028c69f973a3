/**
 * Limits, accounting and killing of groups of processes, as files below roots given by the caller.
 * Entry type: {@link dev.jctl.shim.cgroup.Cgroups}. Depends on spec.
 */
@NullMarked
package dev.jctl.shim.cgroup;

import org.jspecify.annotations.NullMarked;
