package dev.jctl.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/** The open database and its column families. */
final class Tables implements AutoCloseable {
  private static final List<String> FAMILIES = List.of("default", "current", "history", "log");

  final RocksDB db;

  /** Marks of the store itself. */
  final ColumnFamilyHandle meta;

  final ColumnFamilyHandle current;
  final ColumnFamilyHandle history;
  final ColumnFamilyHandle log;
  private final List<AutoCloseable> resources;

  private Tables(RocksDB db, List<ColumnFamilyHandle> handles, List<AutoCloseable> resources) {
    this.db = db;
    this.meta = handles.get(0);
    this.current = handles.get(1);
    this.history = handles.get(2);
    this.log = handles.get(3);
    this.resources = resources;
  }

  /**
   * Verifies an existing database read-only first, so that a damaged one is left as it was found.
   */
  static Tables open(Path directory, StoreOptions options) {
    Path path = directory.resolve("db");
    if (Files.exists(path.resolve("CURRENT"))) {
      try (Tables tables = open(path, options, Mode.READ)) {
        tables.db.verifyChecksum();
      } catch (RocksDBException e) {
        throw failure(path, e);
      }
    }
    return open(path, options, Mode.WRITE);
  }

  /** Writes nothing, so that it succeeds on a full disk; writes then fail. */
  static Tables openReadOnly(Path directory, StoreOptions options) {
    return open(directory.resolve("db"), options, Mode.READ);
  }

  private enum Mode {
    READ,
    WRITE
  }

  private static Tables open(Path path, StoreOptions options, Mode mode) {
    RocksDB.loadLibrary();
    List<AutoCloseable> resources = new ArrayList<>();
    try {
      Files.createDirectories(path);
      Cache cache = keep(resources, new LRUCache(options.blockCacheBytes()));
      WriteBufferManager buffers =
          keep(resources, new WriteBufferManager(2 * options.writeBufferBytes(), cache));
      ColumnFamilyOptions family = keep(resources, familyOptions(options, cache));
      DBOptions database = keep(resources, databaseOptions(buffers));
      List<ColumnFamilyDescriptor> descriptors =
          FAMILIES.stream()
              .map(f -> new ColumnFamilyDescriptor(f.getBytes(StandardCharsets.UTF_8), family))
              .toList();
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db =
          switch (mode) {
            case READ -> RocksDB.openReadOnly(database, path.toString(), descriptors, handles);
            case WRITE -> RocksDB.open(database, path.toString(), descriptors, handles);
          };
      return new Tables(db, handles, resources);
    } catch (RocksDBException e) {
      closeAll(resources);
      throw failure(path, e);
    } catch (IOException e) {
      closeAll(resources);
      throw new StoreException("store " + path + " cannot be made: " + e, e);
    }
  }

  private static ColumnFamilyOptions familyOptions(StoreOptions options, Cache cache) {
    return new ColumnFamilyOptions()
        .setWriteBufferSize(options.writeBufferBytes())
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
  }

  private static DBOptions databaseOptions(WriteBufferManager buffers) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        // Point-in-time recovery, the default, would drop acknowledged writes behind a damaged
        // record in silence.
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setWriteBufferManager(buffers)
        .setMaxBackgroundJobs(2)
        .setMaxTotalWalSize(32L << 20)
        .setKeepLogFileNum(2)
        .setMaxOpenFiles(256)
        .setStatsDumpPeriodSec(0);
  }

  private static StoreException failure(Path path, RocksDBException e) {
    String words = e.getMessage() == null ? e.toString() : e.getMessage();
    if (words.contains("lock")) {
      return new StoreException(
          "store " + path + " is in use by another process (" + words + ")", e);
    }
    if (words.contains("No space left")) {
      return new StoreException("store " + path + ": the disk is full (" + words + ")", e);
    }
    return new StoreException(
        "store "
            + path
            + " is damaged or cannot be read ("
            + words
            + "). Nothing was changed. Restore a backup, or use another data directory",
        e);
  }

  private static <T extends AutoCloseable> T keep(List<AutoCloseable> resources, T resource) {
    resources.add(resource);
    return resource;
  }

  private static void closeAll(List<AutoCloseable> resources) {
    for (AutoCloseable r : resources.reversed()) {
      try {
        r.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    for (ColumnFamilyHandle h : List.of(meta, current, history, log)) {
      h.close();
    }
    db.close();
    closeAll(resources);
  }
}
