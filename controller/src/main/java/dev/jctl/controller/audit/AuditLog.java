package dev.jctl.controller.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events in {@code audit.log} of a directory, a line each, mode 0600. When the file is full it
 * becomes {@code audit.log.1}, that one {@code .2}, and the last goes. Nobody waits for the disk:
 * what comes faster than it takes, beyond a bounded queue, is dropped and counted.
 */
public final class AuditLog implements AuditTrail, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final String NAME = "audit.log";
  private static final long END_WITHIN_MILLIS = 2000;

  /** What comes within that time is written at once. */
  private static final long TOGETHER_MILLIS = 20;

  private final Path file;
  private final Bounds bounds;
  private final BlockingQueue<AuditEvent> queue;
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private volatile boolean closed;
  private @Nullable FileChannel channel;
  private boolean failing;

  /**
   * @param queued events that wait to be written
   * @param bytes of a file
   * @param files in all
   */
  public record Bounds(int queued, long bytes, int files) {
    public static final Bounds DEFAULT = new Bounds(4096, 16 << 20, 5);
  }

  private AuditLog(Path file, Bounds bounds) {
    this.file = file;
    this.bounds = bounds;
    this.queue = new ArrayBlockingQueue<>(bounds.queued());
    this.writer = Thread.ofPlatform().daemon().name("audit").unstarted(this::run);
  }

  public static AuditLog start(Path directory, Bounds bounds) {
    AuditLog log = new AuditLog(directory.resolve(NAME), bounds);
    log.writer.start();
    return log;
  }

  @Override
  public void add(AuditEvent event) {
    if (event.matters() && !queue.offer(event)) {
      dropped.incrementAndGet();
    }
  }

  @Override
  public long dropped() {
    return dropped.get();
  }

  private void run() {
    List<AuditEvent> batch = new ArrayList<>();
    while (!closed || !queue.isEmpty()) {
      try {
        AuditEvent first = queue.poll(1, TimeUnit.SECONDS);
        if (first != null) {
          batch.add(first);
          awaitMore();
          queue.drainTo(batch);
          write(batch);
        }
      } catch (InterruptedException e) {
        closed = true; // and what is queued is still written
      }
      batch.clear();
    }
    closeFile();
  }

  /** To be woken for each of many events costs more than to write it. */
  private void awaitMore() {
    try {
      Thread.sleep(TOGETHER_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private void write(List<AuditEvent> batch) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(lines(batch).getBytes(StandardCharsets.UTF_8));
      FileChannel open = open();
      while (bytes.hasRemaining()) {
        open.write(bytes);
      }
      failing = false;
    } catch (IOException e) {
      dropped.addAndGet(batch.size());
      closeFile();
      if (!failing) {
        LOG.warn("cannot write {}, events are dropped: {}", file, e.toString());
        failing = true;
      }
    }
  }

  /**
   * As text, of which clients may have made half of a character: bytes are made with a mark there.
   */
  static String lines(List<AuditEvent> events) throws IOException {
    StringWriter lines = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(lines)) {
      json.setRootValueSeparator(null);
      for (AuditEvent event : events) {
        event.writeTo(json);
        json.writeRaw('\n');
      }
    }
    return lines.toString();
  }

  /** Also anew when somebody has moved or removed the file. */
  private FileChannel open() throws IOException {
    FileChannel open = channel;
    if (open != null && Files.exists(file) && open.size() < bounds.bytes()) {
      return open;
    }
    closeFile();
    if (Files.exists(file) && Files.size(file) >= bounds.bytes()) {
      rotate();
    }
    Files.createDirectories(file.getParent());
    open =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    channel = open;
    return open;
  }

  private void rotate() throws IOException {
    for (int i = bounds.files() - 1; i >= 1; i--) {
      Path from = i == 1 ? file : older(i - 1);
      if (Files.exists(from)) {
        Files.move(from, older(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path older(int age) {
    return file.resolveSibling(NAME + "." + age);
  }

  private void closeFile() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("cannot close {}: {}", file, e.toString());
      }
    }
  }

  /** Writes what is queued, for a bounded time. */
  @Override
  public void close() {
    closed = true;
    try {
      writer.join(END_WITHIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
