package dev.jctl.shim.kernel;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * Memory outside the heap, zeroed, freed when it is no longer referenced. Whoever passes its {@link
 * #address} on keeps it until the kernel has looked at it, by {@link #close} at the earliest: an
 * unused variable does not.
 */
public final class NativeMemory implements AutoCloseable {
  private final Pointer pointer;

  private NativeMemory(Pointer pointer) {
    this.pointer = pointer;
  }

  public static NativeMemory allocate(int bytes) {
    return new NativeMemory(Memory.allocateDirect(LibC.runtime(), bytes, true));
  }

  /** {@code text} in UTF-8 with a NUL behind it. */
  public static NativeMemory text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NativeMemory memory = allocate(bytes.length + 1);
    memory.pointer.put(0, bytes, 0, bytes.length);
    return memory;
  }

  public long address() {
    return pointer.address();
  }

  public Pointer pointer() {
    return pointer;
  }

  public void putLong(long offset, long value) {
    pointer.putLong(offset, value);
  }

  public void putInt(long offset, int value) {
    pointer.putInt(offset, value);
  }

  public void putBytes(long offset, byte[] bytes) {
    pointer.put(offset, bytes, 0, bytes.length);
  }

  public long getLong(long offset) {
    return pointer.getLong(offset);
  }

  public int getInt(long offset) {
    return pointer.getInt(offset);
  }

  public byte[] getBytes(long offset, int length) {
    byte[] bytes = new byte[length];
    pointer.get(offset, bytes, 0, length);
    return bytes;
  }

  /** Marks the end of its use. */
  @Override
  @SuppressWarnings("ReachabilityFenceUsage") // try-with-resources is the finally
  public void close() {
    Reference.reachabilityFence(this);
  }
}
