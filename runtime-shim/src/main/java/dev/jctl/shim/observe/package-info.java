/**
 * {@code /proc} as values. Entry type: {@link dev.jctl.shim.observe.ProcessStat}. Depends on the
 * JDK only.
 */
@NullMarked
package dev.jctl.shim.observe;

import org.jspecify.annotations.NullMarked;
