/**
 * Revisioned keys and values: get, list, transaction, watch, compact. Knows bytes, keys and
 * revisions; not kinds. Entry type: {@link dev.jctl.store.Store}; everything else that is not a
 * value of its interface is package-private. Depends on RocksDB.
 */
@NullMarked
package dev.jctl.store;

import org.jspecify.annotations.NullMarked;
