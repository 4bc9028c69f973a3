/**
 * Byte streams between threads, whole directories, and programs of the machine. Entry types: {@link
 * dev.jctl.shim.io.ByteQueue}, {@link dev.jctl.shim.io.Trees}, {@link dev.jctl.shim.io.Tool}.
 * Depends on the JDK and on the contract's failures only.
 */
@NullMarked
package dev.jctl.shim.io;

import org.jspecify.annotations.NullMarked;
