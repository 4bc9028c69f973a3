package dev.jctl.shim.kernel;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;

/** Memory outside the heap, from its making until {@link #close}. */
public final class NativeMemory implements AutoCloseable {
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private final long address;

  private NativeMemory(long bytes, boolean zeroed) {
    // no block is empty, so that each has an address
    this.address = MEMORY.allocateMemory(Math.max(1, bytes), zeroed);
    if (address == 0) {
      throw new KernelException("malloc of " + bytes + " bytes", Errno.ENOMEM.number());
    }
  }

  /** Zeroed. */
  public static NativeMemory allocate(int bytes) {
    return new NativeMemory(bytes, true);
  }

  /** For what the kernel fills. */
  static NativeMemory unfilled(int bytes) {
    return new NativeMemory(bytes, false);
  }

  /** A copy of the first {@code count}. */
  static NativeMemory of(byte[] bytes, int count) {
    NativeMemory memory = new NativeMemory(count, false);
    MEMORY.putByteArray(memory.address, bytes, 0, count);
    return memory;
  }

  /** {@code text} in UTF-8 with a NUL behind it. */
  public static NativeMemory text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NativeMemory memory = new NativeMemory(bytes.length + 1L, false);
    MEMORY.putByteArray(memory.address, bytes, 0, bytes.length);
    MEMORY.putByte(memory.address + bytes.length, (byte) 0);
    return memory;
  }

  public long address() {
    return address;
  }

  public void putLong(long offset, long value) {
    MEMORY.putLong(address + offset, value);
  }

  public void putInt(long offset, int value) {
    MEMORY.putInt(address + offset, value);
  }

  public void putBytes(long offset, byte[] bytes) {
    MEMORY.putByteArray(address + offset, bytes, 0, bytes.length);
  }

  /** At the beginning. */
  void putBytes(byte[] bytes, int offset, int count) {
    MEMORY.putByteArray(address, bytes, offset, count);
  }

  public long getLong(long offset) {
    return MEMORY.getLong(address + offset);
  }

  public int getInt(long offset) {
    return MEMORY.getInt(address + offset);
  }

  public byte[] getBytes(long offset, int length) {
    byte[] bytes = new byte[length];
    MEMORY.getByteArray(address + offset, bytes, 0, length);
    return bytes;
  }

  /**
   * @param count none when it is negative, as a failed call's result
   */
  void copyTo(byte[] bytes, int count) {
    if (count > 0) {
      MEMORY.getByteArray(address, bytes, 0, count);
    }
  }

  void copyTo(int[] numbers) {
    MEMORY.getIntArray(address, numbers, 0, numbers.length);
  }

  /** For one that threads share and nobody closes. */
  NativeMemory freedWhenUnreachable() {
    long freed = address;
    Unreachable.CLEANER.register(this, () -> MEMORY.freeMemory(freed));
    return this;
  }

  /** Made when it is first needed: it is a thread. */
  private static final class Unreachable {
    static final Cleaner CLEANER = Cleaner.create();
  }

  /** It is freed; nobody, nor the kernel, may look at it any more. */
  @Override
  public void close() {
    MEMORY.freeMemory(address);
  }
}
