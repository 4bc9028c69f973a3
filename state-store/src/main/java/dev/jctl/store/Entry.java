package dev.jctl.store;

/**
 * One value of a key. Treat {@code value} as immutable.
 *
 * @param createRevision when the key came to be (since its last deletion)
 * @param modRevision when this value was written
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are shared, not copied, on the hot path
public record Entry(Key key, byte[] value, long createRevision, long modRevision) {}
