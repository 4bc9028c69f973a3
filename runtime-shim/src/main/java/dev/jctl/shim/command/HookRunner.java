package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.command.Hooks.Hook;
import dev.jctl.shim.exec.BundleLauncher;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.exec.ListenerTaker;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.plan.Supported;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs hooks one after another, each with the container's state on its standard input. */
final class HookRunner {
  private static final Duration PAUSE = Duration.ofMillis(2);

  private HookRunner() {}

  /** Where this program runs; the first that fails ends it. */
  static void here(List<Hook> hooks, String state) {
    for (Hook hook : hooks) {
      try {
        here(hook, state);
      } catch (IOException e) {
        throw failure(hook, String.valueOf(e.getMessage()));
      }
    }
  }

  private static void here(Hook hook, String state) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(hook.command())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Map<String, String> environment = builder.environment();
    environment.clear();
    for (String variable : hook.env()) {
      int equals = variable.indexOf('=');
      environment.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    Process process = builder.start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(state.getBytes(StandardCharsets.UTF_8));
    } catch (IOException notRead) {
      // a hook need not look at it
    }
    try {
      Optional<Duration> timeout = hook.timeout();
      if (timeout.isPresent() && !process.waitFor(timeout.get())) {
        throw timedOut(hook);
      }
      int status = process.waitFor();
      if (status != 0) {
        throw failure(hook, "ended with status " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(hook, "interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  /** In the namespaces of a container's process. */
  static void inside(
      List<Hook> hooks, String state, BundleLauncher launcher, int pid, OciSpec oci) {
    hooks.forEach(hook -> inside(hook, state, launcher, pid, oci));
  }

  private static void inside(
      Hook hook, String state, BundleLauncher launcher, int pid, OciSpec oci) {
    int[] pipe = Kernel.pipe();
    Launcher.Launched launched;
    try {
      Kernel.write(pipe[1], state.getBytes(StandardCharsets.UTF_8));
      launched =
          launcher.exec(
              pid,
              hook.field(),
              withoutFilter(oci),
              process(hook),
              List.of(),
              new Launcher.Stdio.Descriptors(pipe[0], 2, 2),
              0,
              ListenerTaker.NOBODY);
    } finally {
      Kernel.close(pipe[0]);
      Kernel.close(pipe[1]);
    }
    try {
      int status = end(hook, launched.pidfd()).code();
      if (status != 0) {
        throw failure(hook, "ended with status " + status);
      }
    } finally {
      Kernel.close(launched.pidfd());
    }
  }

  private static ExitStatus end(Hook hook, int pidfd) {
    Optional<Duration> timeout = hook.timeout();
    if (timeout.isEmpty()) {
      return Pidfd.awaitEnd(pidfd);
    }
    long deadline = System.nanoTime() + timeout.get().toNanos();
    Optional<ExitStatus> status = Pidfd.reap(pidfd);
    while (status.isEmpty()) {
      if (System.nanoTime() > deadline) {
        Kernel.pidfdSendSignal(pidfd, Signals.SIGKILL);
        Pidfd.awaitEnd(pidfd);
        throw timedOut(hook);
      }
      pause();
      status = Pidfd.reap(pidfd);
    }
    return status.get();
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** With all that this program may do. */
  private static OciSpec.Process process(Hook hook) {
    List<String> all = Supported.capabilities();
    return new OciSpec.Process(
        false,
        null,
        new OciSpec.User(0, 0, null, List.of()),
        hook.command(),
        hook.env(),
        "/",
        new OciSpec.Capabilities(all, all, List.of(), all, List.of()),
        List.of(),
        false,
        null);
  }

  private static OciSpec withoutFilter(OciSpec oci) {
    OciSpec.Linux linux = oci.linux();
    return new OciSpec(
        oci.ociVersion(),
        oci.root(),
        oci.process(),
        null,
        null,
        List.of(),
        Map.of(),
        new OciSpec.Linux(
            linux.namespaces(),
            linux.uidMappings(),
            linux.gidMappings(),
            List.of(),
            null,
            null,
            null,
            null,
            Map.of(),
            List.of(),
            List.of()));
  }

  private static RuntimeFailure timedOut(Hook hook) {
    String seconds = hook.timeout().map(t -> t.toSeconds() + " s").orElse("");
    return new RuntimeFailure(
        Reason.TIMEOUT,
        hook.field() + " (" + hook.path() + "): did not end within " + seconds + ", its timeout");
  }

  private static RuntimeFailure failure(Hook hook, String what) {
    return new RuntimeFailure(Reason.INVALID, hook.field() + " (" + hook.path() + "): " + what);
  }
}
