/**
 * One thread that waits for everything: output, ends of processes, timers. Entry type: {@link
 * dev.jctl.shim.supervise.EventLoop}. Depends on kernel and observe.
 */
@NullMarked
package dev.jctl.shim.supervise;

import org.jspecify.annotations.NullMarked;
