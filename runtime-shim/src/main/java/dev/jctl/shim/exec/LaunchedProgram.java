package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.observe.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that is being set up, or is ready to be started. */
final class LaunchedProgram implements Launcher.Launched {
  private static final Logger LOG = LoggerFactory.getLogger(LaunchedProgram.class);

  private final RunningProgram program;
  private final int pid;
  private final int pidfd;
  private final long startTicks;
  private final @Nullable Integer oomScoreAdj;
  private boolean over;

  LaunchedProgram(RunningProgram program, @Nullable Integer oomScoreAdj) {
    this.program = program;
    this.pid = program.pid();
    this.pidfd = program.pidfd();
    // a zombie has it still, and nobody can have reaped it yet
    this.startTicks = ProcessStat.of(pid).map(ProcessStat::startTicks).orElse(0L);
    this.oomScoreAdj = oomScoreAdj;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public int pidfd() {
    return pidfd;
  }

  @Override
  public long startTicks() {
    return startTicks;
  }

  @Override
  public synchronized void awaitReady() {
    over = true;
    program.awaitReady();
    over = false;
  }

  @Override
  public synchronized void start() {
    if (over) {
      throw new IllegalStateException("process " + pid + " was started before, or is gone");
    }
    over = true;
    program.execute();
    adjustOomScore();
  }

  /** As long as it shared our memory, this would have been our own score as well. */
  private void adjustOomScore() {
    if (oomScoreAdj != null) {
      try {
        Files.writeString(
            Path.of("/proc", Integer.toString(pid), "oom_score_adj"), oomScoreAdj.toString());
      } catch (IOException e) {
        // to go below ours takes CAP_SYS_RESOURCE: like limits, it is what we may give then; and it
        // may have ended already
        LOG.debug("oom_score_adj {} of process {}: {}", oomScoreAdj, pid, e.getMessage());
      }
    }
  }

  /** For one that the caller cannot see before it runs. */
  void startOrEnd() {
    try {
      start();
    } catch (RuntimeException e) {
      try {
        Pidfd.awaitEnd(pidfd);
      } finally {
        Kernel.close(pidfd);
      }
      throw e;
    }
  }

  @Override
  public synchronized void abandon() {
    if (!over) {
      over = true;
      program.abandon();
    }
  }
}
