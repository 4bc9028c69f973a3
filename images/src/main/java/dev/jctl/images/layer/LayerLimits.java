package dev.jctl.images.layer;

/**
 * How much a layer may ask for, so that a hostile one fails itself and nothing else.
 *
 * @param unpackedBytes of the archive, and of the files in it with their holes filled
 * @param headerBytes of all headers that belong to one entry
 */
record LayerLimits(int entries, long unpackedBytes, int headerBytes) {
  static final int PATH_BYTES = 4095;
  static final int NAME_BYTES = 255;
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_HEADER_BYTES = 1 << 20;
  private static final long MAX_RATIO = 1000;
  private static final long UNSUSPICIOUS_BYTES = 1L << 30;

  /** For a blob of this size. No compressor of real files comes near a ratio of 1000. */
  static LayerLimits of(long blobBytes) {
    long byRatio = blobBytes > Long.MAX_VALUE / MAX_RATIO ? Long.MAX_VALUE : blobBytes * MAX_RATIO;
    return new LayerLimits(MAX_ENTRIES, Math.max(UNSUSPICIOUS_BYTES, byRatio), MAX_HEADER_BYTES);
  }
}
