/**
 * One thread that waits for everything: output, ends of processes, timers; and what a process does
 * when it has nothing to do. Entry types: {@link dev.jctl.shim.supervise.EventLoop}, {@link
 * dev.jctl.shim.supervise.IdleHeap}, which controllers have as well. Depends on kernel and observe.
 */
@NullMarked
package dev.jctl.shim.supervise;

import org.jspecify.annotations.NullMarked;
