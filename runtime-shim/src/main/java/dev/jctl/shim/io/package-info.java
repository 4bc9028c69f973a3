/**
 * Byte streams between threads, and whole directories. Entry types: {@link
 * dev.jctl.shim.io.ByteQueue}, {@link dev.jctl.shim.io.Trees}. Depends on the JDK only.
 */
@NullMarked
package dev.jctl.shim.io;

import org.jspecify.annotations.NullMarked;
