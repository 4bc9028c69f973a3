/**
 * The OCI command line, {@code bin/jshim}: bundles to containers without a daemon, with what is
 * known of them in files. Entry type: {@link dev.jctl.shim.command.JshimMain}. Depends on spec,
 * plan, exec, cgroup, observe, kernel.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md">runtime.md</a>
 */
@NullMarked
package dev.jctl.shim.command;

import org.jspecify.annotations.NullMarked;
