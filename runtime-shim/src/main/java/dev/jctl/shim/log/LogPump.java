package dev.jctl.shim.log;

import dev.jctl.shim.kernel.Epoll;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.supervise.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one container's output to its log. Runs in the event loop's thread. When the disk is full
 * nothing is lost: output stays in the FIFO, and the container waits once that is full.
 */
public final class LogPump {
  private static final Logger LOG = LoggerFactory.getLogger(LogPump.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final long PUNCH_AT = 8 << 20;

  /** Bounds one turn, so that a container that never stops writing does not hold up the others. */
  private static final int ROUNDS = 8;

  private static final LogJournal.Limits LIMITS = new LogJournal.Limits(10 << 20, 5);

  /** Gets output as it comes; must not block. */
  public interface Listener {
    /** False: wants no more. */
    boolean output(OutputStreamName stream, byte[] bytes);

    /** No more will come. */
    void end();
  }

  /** Where output comes from; the descriptor does not block and belongs to the pump. */
  public sealed interface Source {
    int fd();

    OutputStreamName stream();

    /** Read with splice, which a kill cannot tear. */
    record Fifo(int fd, OutputStreamName stream) implements Source {}

    /** A terminal's master, which does not outlive this process anyway. */
    record Terminal(int fd) implements Source {
      @Override
      public OutputStreamName stream() {
        return OutputStreamName.STDOUT;
      }
    }
  }

  /** Scratch space and clock that all pumps of one event loop share. */
  public static final class Shared {
    private final EventLoop loop;
    private final InstantSource clock;
    private final LogJournal.Buffers buffers = new LogJournal.Buffers();
    private final byte[] terminal = new byte[16 << 10];

    public Shared(EventLoop loop, InstantSource clock) {
      this.loop = loop;
      this.clock = clock;
    }
  }

  private final class Intake {
    final Source source;
    final int spool;
    long punched;
    EventLoop.@Nullable Registration registration;
    boolean ended;

    Intake(Source source, Path directory) {
      this.source = source;
      String file = LogJournal.spoolFile(directory, source.stream()).toString();
      this.spool = Kernel.open(file, Kernel.O_WRONLY, 0);
    }

    void listen() {
      if (registration == null && !ended) {
        registration =
            shared.loop.register(source.fd(), Epoll.IN, events -> guarded(() -> pump(ROUNDS)));
      }
    }

    void silence() {
      if (registration != null) {
        registration.cancel();
        registration = null;
      }
    }

    /** Takes what is there, at most so many times a pipe's content. */
    void pump(int rounds) throws IOException {
      long count = 1;
      for (int round = 0; round < rounds && count > 0; round++) {
        count = take();
      }
      if (count == 0) {
        // no writer is left: readiness would be reported forever
        ended = true;
        silence();
      }
      journal.write(source.stream(), shared.clock.instant(), false);
      punch();
    }

    long take() throws IOException {
      long offset = journal.spoolSize(source.stream());
      long count =
          switch (source) {
            case Source.Fifo fifo -> Transfer.splice(fifo.fd(), spool, offset);
            case Source.Terminal terminal -> copy(terminal.fd(), offset);
          };
      if (count > 0) {
        journal.spooled(source.stream(), count);
        tell(source.stream(), (int) count);
      }
      return count;
    }

    private int copy(int terminal, long offset) throws IOException {
      int count = Transfer.read(terminal, shared.terminal);
      if (count > 0) {
        journal.put(source.stream(), ByteBuffer.wrap(shared.terminal, 0, count), offset);
      }
      return count;
    }

    private void punch() {
      long consumed = journal.consumed(source.stream());
      if (consumed < punched) {
        punched = 0; // the spool was cut to nothing in the meantime
      }
      if (consumed - punched >= PUNCH_AT) {
        Transfer.punchHole(spool, consumed);
        punched = consumed;
      }
    }

    void close() {
      silence();
      Kernel.close(spool);
      Kernel.close(source.fd());
    }
  }

  private final Shared shared;
  private final LogJournal journal;
  private final List<Intake> intakes = new ArrayList<>();
  private final Set<Listener> listeners = new CopyOnWriteArraySet<>();
  private final Path logFile;
  private boolean finished;

  private LogPump(Shared shared, LogJournal journal, Path logFile) {
    this.shared = shared;
    this.journal = journal;
    this.logFile = logFile;
  }

  /** Makes what {@link #start} needs in that directory, before it is known whose it is. */
  public static void prepare(Path directory) {
    try {
      LogJournal.prepare(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("prepare " + directory, e);
    }
  }

  /**
   * Brings the log to where it was left, and waits for output from now on.
   *
   * @param directory of the spools
   * @throws IOException when a file cannot be opened; the sources are closed then
   */
  public static LogPump start(Shared shared, Path directory, Path logFile, List<Source> sources)
      throws IOException {
    try {
      LogJournal journal = LogJournal.open(directory, logFile, LIMITS, shared.buffers);
      LogPump pump = new LogPump(shared, journal, logFile);
      sources.forEach(source -> pump.intakes.add(pump.new Intake(source, directory)));
      shared.loop.execute(() -> pump.intakes.forEach(Intake::listen));
      return pump;
    } catch (IOException | RuntimeException e) {
      sources.forEach(source -> Kernel.close(source.fd()));
      throw e;
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  /** What fails here (a full disk) is tried again later; until then nobody listens. */
  private void guarded(Work work) {
    try {
      work.run();
    } catch (IOException | KernelException e) {
      LOG.warn("log {}: {}; trying again", logFile, e.getMessage());
      intakes.forEach(Intake::silence);
      shared.loop.schedule(RETRY, () -> guarded(this::resume));
    }
  }

  private void resume() throws IOException {
    if (finished) {
      return;
    }
    for (Intake intake : intakes) {
      intake.pump(ROUNDS);
    }
    intakes.forEach(Intake::listen);
  }

  private void tell(OutputStreamName stream, int count) throws IOException {
    if (listeners.isEmpty()) {
      return;
    }
    byte[] bytes = journal.tail(stream, count);
    listeners.removeIf(listener -> !listener.output(stream, bytes));
  }

  public void addListener(Listener listener) {
    shared.loop.execute(
        () -> {
          if (finished) {
            listener.end();
          } else {
            listeners.add(listener);
          }
        });
  }

  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  /**
   * After the last writer has gone: takes all that is left, and ends the log. In the loop's thread;
   * then {@link #close}. When the disk is full, what cannot be written stays in the spools.
   */
  public void finish() {
    if (finished) {
      return;
    }
    finished = true;
    try {
      for (Intake intake : intakes) {
        intake.pump(Integer.MAX_VALUE);
        journal.write(intake.source.stream(), shared.clock.instant(), true);
      }
    } catch (IOException | KernelException e) {
      LOG.warn("end of log {}: {}", logFile, e.getMessage());
    }
    listeners.forEach(Listener::end);
  }

  /** Stops listening and keeps all for who comes next. In the loop's thread. */
  public void suspend() {
    if (!finished) {
      finished = true;
      listeners.forEach(Listener::end);
      close();
    }
  }

  /** In the loop's thread, once. */
  public void close() {
    intakes.forEach(Intake::close);
    try {
      journal.close();
    } catch (IOException e) {
      LOG.warn("close log {}: {}", logFile, e.getMessage());
    }
  }
}
