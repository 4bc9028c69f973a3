/**
 * Byte streams between threads. Entry type: {@link dev.jctl.shim.io.ByteQueue}. Depends on the JDK
 * only.
 */
@NullMarked
package dev.jctl.shim.io;

import org.jspecify.annotations.NullMarked;
