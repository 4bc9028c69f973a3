package dev.jctl.shim.kernel;

/** {@code struct timespec[2]} of utimensat(2). */
final class NativeTimes {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private NativeTimes() {}

  /** The same time of access and of modification. */
  static NativeMemory both(long nanosSinceEpoch) {
    NativeMemory times = NativeMemory.allocate(32);
    for (int i = 0; i < 32; i += 16) {
      times.putLong(i, Math.floorDiv(nanosSinceEpoch, NANOS_PER_SECOND));
      times.putLong(i + 8, Math.floorMod(nanosSinceEpoch, NANOS_PER_SECOND));
    }
    return times;
  }
}
