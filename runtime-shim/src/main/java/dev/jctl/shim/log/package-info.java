/**
 * From a container's output to log files in CRI format, each byte exactly once even when this
 * process is killed at any instant. Entry type: {@link dev.jctl.shim.log.LogPump}. Depends on
 * kernel and supervise.
 */
@NullMarked
package dev.jctl.shim.log;

import org.jspecify.annotations.NullMarked;
