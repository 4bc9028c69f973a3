package dev.jctl.store;

/**
 * @param blockCacheBytes memory for blocks read from disk
 * @param writeBufferBytes memory for writes not yet in a table file
 * @param watchBufferEvents newest events kept in memory for watches; older ones are read from disk
 */
public record StoreOptions(long blockCacheBytes, long writeBufferBytes, int watchBufferEvents) {
  public static final StoreOptions DEFAULT = new StoreOptions(16L << 20, 8L << 20, 1024);
}
