package dev.jctl.shim.log;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files behind one log: a raw spool for each output, the log itself, and the commit that ties
 * them together.
 *
 * <p>A batch is announced in the commit (up to which spool byte, at what time), then appended to
 * the log. After a kill at any point {@link #open} cuts the log to its final length and writes the
 * announced batch again from the spool, byte for byte the same. So a reader that follows the file
 * never sees a line change. A spool is cut to nothing only when a commit without a batch says that
 * all of it is final; an offset beyond a spool's end therefore means "cut, but not yet noted".
 *
 * <p>Not safe for several threads.
 */
final class LogJournal implements AutoCloseable {
  private static final int RAW_BYTES = 64 << 10;
  private static final int ENCODED_BYTES = 160 << 10;
  private static final long CUT_AT = 256 << 10;

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /**
   * @param maxBytes of a log before it is rotated
   * @param maxFiles that are kept, the current one included
   */
  record Limits(long maxBytes, int maxFiles) {}

  private static final class Spool {
    final FileChannel file;
    long size;
    long offset;

    Spool(FileChannel file, long size, long offset) {
      this.file = file;
      this.size = size;
      this.offset = offset;
    }
  }

  private final Path logFile;
  private final Limits limits;
  private final FileChannel commits;
  private final Map<OutputStreamName, Spool> spools = new EnumMap<>(OutputStreamName.class);
  private Buffers buffers;
  private FileChannel log;
  private Commit recorded;
  private long logLength;

  /** Scratch space, shared by all journals of one thread. */
  static final class Buffers {
    final ByteBuffer raw = ByteBuffer.allocateDirect(RAW_BYTES);
    final ByteBuffer encoded = ByteBuffer.allocateDirect(ENCODED_BYTES);
  }

  private LogJournal(
      Path directory,
      Path logFile,
      Limits limits,
      Buffers buffers,
      FileChannel commits,
      Commit recorded)
      throws IOException {
    this.logFile = logFile;
    this.limits = limits;
    this.buffers = buffers;
    this.commits = commits;
    this.recorded = recorded;
    for (OutputStreamName stream : OutputStreamName.values()) {
      spools.put(stream, openSpool(directory, stream, recorded.offset(stream)));
    }
    this.log = FileChannel.open(logFile, CREATE, READ, WRITE);
  }

  static Path spoolFile(Path directory, OutputStreamName stream) {
    return directory.resolve(stream.text() + ".spool");
  }

  private static Path commitFile(Path directory) {
    return directory.resolve("log.commit");
  }

  /** Makes the files of the directory before the log is known. */
  static void prepare(Path directory) throws IOException {
    Files.createFile(commitFile(directory));
    for (OutputStreamName stream : OutputStreamName.values()) {
      Files.createFile(spoolFile(directory, stream));
    }
  }

  /** Makes the files, or brings them to where they were left. */
  static LogJournal open(Path directory, Path logFile, Limits limits, Buffers buffers)
      throws IOException {
    Files.createDirectories(logFile.getParent());
    FileChannel commits = FileChannel.open(commitFile(directory), CREATE, READ, WRITE);
    ByteBuffer bytes = ByteBuffer.allocate(Commit.SIZE);
    commits.read(bytes, 0);
    Commit recorded = Commit.decode(bytes.flip()).orElseGet(Commit::empty);
    if (recorded.rotation() != 0) {
      recorded = finishRotation(logFile, recorded);
    }
    LogJournal journal = new LogJournal(directory, logFile, limits, buffers, commits, recorded);
    journal.recover();
    return journal;
  }

  private static Commit finishRotation(Path logFile, Commit recorded) throws IOException {
    Path rotated = rotatedFile(logFile, recorded.rotation());
    if (!Files.exists(rotated) && Files.exists(logFile)) {
      Files.move(logFile, rotated);
    }
    return recorded.withFreshLog();
  }

  private static Spool openSpool(Path directory, OutputStreamName stream, long offset)
      throws IOException {
    FileChannel file = FileChannel.open(spoolFile(directory, stream), CREATE, READ, WRITE);
    long size = file.size();
    return new Spool(file, size, offset > size ? 0 : offset);
  }

  private void recover() throws IOException {
    // shorter only when somebody else cut or deleted the log
    logLength = Math.min(recorded.logLength(), log.size());
    log.truncate(logLength);
    Commit.Batch batch = recorded.pending();
    if (batch != null) {
      // the shared ones belong to the event loop, and this may be another thread
      Buffers shared = buffers;
      buffers = new Buffers();
      Spool spool = spool(batch.stream());
      readRaw(spool, (int) (batch.end() - spool.offset));
      CriFraming.encode(
          buffers.raw, batch.stream(), batch.time(), batch.finished(), buffers.encoded.clear());
      append(batch, spool);
      buffers = shared;
    }
    settle();
  }

  private Spool spool(OutputStreamName stream) {
    Spool spool = spools.get(stream);
    if (spool == null) {
      throw new IllegalStateException("no spool for " + stream);
    }
    return spool;
  }

  /** Where the next byte of that output goes in its spool. */
  long spoolSize(OutputStreamName stream) {
    return spool(stream).size;
  }

  /** Puts bytes into the spool at {@code offset}, without counting them. */
  void put(OutputStreamName stream, ByteBuffer bytes, long offset) throws IOException {
    FileChannel file = spool(stream).file;
    for (long position = offset; bytes.hasRemaining(); ) {
      position += file.write(bytes, position);
    }
  }

  /** These many bytes were added to the spool. */
  void spooled(OutputStreamName stream, long count) {
    spool(stream).size += count;
  }

  /** The last {@code count} bytes of the spool, for those who listen along. */
  byte[] tail(OutputStreamName stream, int count) throws IOException {
    Spool spool = spool(stream);
    byte[] bytes = new byte[count];
    ByteBuffer target = ByteBuffer.wrap(bytes);
    while (target.hasRemaining()
        && spool.file.read(target, spool.size - count + target.position()) > 0) {}
    return bytes;
  }

  /**
   * Writes all lines that are complete; with {@code finished} the rest too.
   *
   * @throws IOException a full disk, mostly; the batch is tried again at the next call
   */
  void write(OutputStreamName stream, Instant now, boolean finished) throws IOException {
    Spool spool = spool(stream);
    while (spool.offset < spool.size) {
      readRaw(spool, (int) Math.min(RAW_BYTES, spool.size - spool.offset));
      boolean last = finished && spool.offset + buffers.raw.remaining() == spool.size;
      int count = CriFraming.encode(buffers.raw, stream, now, last, buffers.encoded.clear());
      if (count == 0) {
        break;
      }
      Commit.Batch batch = new Commit.Batch(stream, spool.offset + count, now, last);
      record(new Commit(logLength, stdoutOffset(), stderrOffset(), batch, 0));
      append(batch, spool);
      if (logLength >= limits.maxBytes()) {
        rotate(now);
      }
    }
    cut(spool);
  }

  private long stdoutOffset() {
    return spool(OutputStreamName.STDOUT).offset;
  }

  private long stderrOffset() {
    return spool(OutputStreamName.STDERR).offset;
  }

  private void readRaw(Spool spool, int count) throws IOException {
    ByteBuffer raw = buffers.raw.clear().limit(count);
    while (raw.hasRemaining() && spool.file.read(raw, spool.offset + raw.position()) > 0) {}
    raw.flip();
  }

  /** What was encoded goes behind what is final. */
  private void append(Commit.Batch batch, Spool spool) throws IOException {
    ByteBuffer out = buffers.encoded.flip();
    long position = logLength;
    while (out.hasRemaining()) {
      position += log.write(out, position);
    }
    logLength = position;
    spool.offset = batch.end();
  }

  private void record(Commit commit) throws IOException {
    ByteBuffer bytes = commit.encode();
    commits.write(bytes, 0);
    recorded = commit;
  }

  /** Says that all is final. */
  private void settle() throws IOException {
    record(new Commit(logLength, stdoutOffset(), stderrOffset(), null, 0));
  }

  private void cut(Spool spool) throws IOException {
    if (spool.offset == spool.size && spool.size >= CUT_AT) {
      settle();
      spool.file.truncate(0);
      spool.size = 0;
      spool.offset = 0;
      settle();
    }
  }

  /** Spool bytes before this are never read again. */
  long consumed(OutputStreamName stream) {
    return recorded.offset(stream);
  }

  // --- rotation

  private static Path rotatedFile(Path logFile, long second) {
    return logFile.resolveSibling(
        logFile.getFileName() + "." + STAMP.format(Instant.ofEpochSecond(second)));
  }

  private void rotate(Instant now) throws IOException {
    long second = now.getEpochSecond();
    while (Files.exists(rotatedFile(logFile, second))) {
      second++;
    }
    record(new Commit(logLength, stdoutOffset(), stderrOffset(), null, second));
    move(rotatedFile(logFile, second));
    log.close();
    log = FileChannel.open(logFile, CREATE, READ, WRITE);
    logLength = 0;
    settle();
    prune();
  }

  private void move(Path rotated) throws IOException {
    try {
      Files.move(logFile, rotated);
    } catch (NoSuchFileException deletedByOthers) {
      return;
    }
  }

  private void prune() throws IOException {
    String prefix = logFile.getFileName() + ".";
    try (Stream<Path> files = Files.list(logFile.getParent())) {
      List<Path> rotated =
          files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList();
      for (Path old : rotated.subList(0, Math.max(0, rotated.size() - limits.maxFiles() + 1))) {
        Files.deleteIfExists(old);
      }
    }
  }

  @Override
  public void close() throws IOException {
    settle();
    for (Spool spool : spools.values()) {
      spool.file.close();
    }
    log.close();
    commits.close();
  }
}
