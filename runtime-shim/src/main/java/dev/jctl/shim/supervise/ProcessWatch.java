package dev.jctl.shim.supervise;

import dev.jctl.shim.kernel.Epoll;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.observe.ProcessStat;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Waits for the end of one process, child of ours or not, and says how it ended. A child is reaped.
 * Of others the kernel tells it once they are reaped (6.15 and later), and /proc while they are
 * not.
 */
public final class ProcessWatch {
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int TRIES = 100;

  private final EventLoop loop;
  private final int pidfd;
  private final int pid;
  private final long startTicks;
  private final Consumer<Optional<ExitStatus>> ended;
  private int tries;

  private ProcessWatch(
      EventLoop loop, int pidfd, int pid, long startTicks, Consumer<Optional<ExitStatus>> ended) {
    this.loop = loop;
    this.pidfd = pidfd;
    this.pid = pid;
    this.startTicks = startTicks;
    this.ended = ended;
  }

  /**
   * @param pidfd stays the caller's, open until {@code ended} was called
   * @param ended in the loop's thread, once; empty when the status could not be learned
   */
  public static void start(
      EventLoop loop, int pidfd, int pid, long startTicks, Consumer<Optional<ExitStatus>> ended) {
    ProcessWatch watch = new ProcessWatch(loop, pidfd, pid, startTicks, ended);
    // in the loop's thread: the registration is known before it can fire
    loop.execute(watch::register);
  }

  private void register() {
    EventLoop.Registration[] own = new EventLoop.Registration[1];
    own[0] =
        loop.register(
            pidfd,
            Epoll.IN,
            events -> {
              own[0].cancel();
              learn();
            });
  }

  private void learn() {
    Optional<ExitStatus> status = status();
    if (status.isPresent() || ++tries > TRIES) {
      ended.accept(status);
    } else {
      loop.schedule(PAUSE, this::learn);
    }
  }

  private Optional<ExitStatus> status() {
    try {
      return Pidfd.reap(pidfd);
    } catch (KernelException notOurChild) {
      return Pidfd.exitInformation(pidfd).or(this::zombieStatus);
    }
  }

  /** Its parent has not reaped it yet. */
  private Optional<ExitStatus> zombieStatus() {
    return ProcessStat.of(pid)
        .filter(stat -> stat.state() == 'Z' && stat.startTicks() == startTicks)
        .map(stat -> ExitStatus.ofWaitStatus(stat.waitStatus()));
  }
}
