package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.command.Hooks.Hook;
import dev.jctl.shim.exec.BundleLauncher;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.exec.ListenerTaker;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.plan.Supported;
import dev.jctl.shim.spec.OciSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Runs hooks one after another, each with the container's state on its standard input. */
final class HookRunner {
  private static final Duration PAUSE = Duration.ofMillis(2);
  private static final int MOST_BYTES = 2_048;

  private HookRunner() {}

  /** Where this program runs; the first that fails ends it. */
  static void here(List<Hook> hooks, String state, BundleLauncher launcher) {
    hooks.forEach(
        hook ->
            run(
                hook,
                state,
                stdio ->
                    launcher.hostProgram(
                        hook.field(),
                        hook.path(),
                        hook.words(),
                        hook.env().orElseGet(HookRunner::ourEnvironment),
                        stdio)));
  }

  /**
   * Where this program runs; one that fails is told of, and the others are run all the same.
   *
   * @param complaints take a line for each that fails
   */
  static void allHere(
      List<Hook> hooks, String state, BundleLauncher launcher, Consumer<String> complaints) {
    for (Hook hook : hooks) {
      try {
        here(List.of(hook), state, launcher);
      } catch (RuntimeFailure | KernelException e) {
        complaints.accept(e.getMessage());
      }
    }
  }

  static List<String> ourEnvironment() {
    return System.getenv().entrySet().stream().map(v -> v.getKey() + "=" + v.getValue()).toList();
  }

  /**
   * In the namespaces of a container's process.
   *
   * @param environment of those that have none of their own
   */
  static void inside(
      List<Hook> hooks,
      String state,
      BundleLauncher launcher,
      int pid,
      OciSpec oci,
      String directory,
      List<String> environment) {
    hooks.forEach(
        hook ->
            run(
                hook,
                state,
                stdio ->
                    launcher.exec(
                        pid,
                        hook.field(),
                        withoutFilter(oci),
                        process(hook, directory, environment),
                        List.of(),
                        stdio,
                        0,
                        ListenerTaker.NOBODY)));
  }

  private static void run(
      Hook hook, String state, Function<Launcher.Stdio, Launcher.Launched> start) {
    int[] input = Kernel.pipe();
    int[] output = Kernel.pipe();
    Launcher.Launched launched;
    try {
      launched = start.apply(new Launcher.Stdio.Descriptors(input[0], output[1], output[1]));
    } catch (RuntimeException e) {
      Kernel.close(input[1]);
      Kernel.close(output[0]);
      throw e;
    } finally {
      Kernel.close(input[0]);
      Kernel.close(output[1]);
    }
    Thread.ofPlatform().daemon().start(() -> feed(input[1], state));
    CompletableFuture<String> words = new CompletableFuture<>();
    Thread.ofPlatform().daemon().start(() -> words.complete(words(output[0])));
    try {
      int status = end(hook, launched.pidfd()).code();
      if (status != 0) {
        // what it has left behind may hold its output open
        String said = words.completeOnTimeout("", 1, TimeUnit.SECONDS).join();
        throw failure(hook, "ended with status " + status + (said.isEmpty() ? "" : ": " + said));
      }
    } finally {
      Kernel.close(launched.pidfd());
    }
  }

  private static void feed(int input, String state) {
    try {
      Kernel.write(input, state.getBytes(StandardCharsets.UTF_8));
    } catch (KernelException notRead) {
      // a hook need not look at it
    } finally {
      Kernel.close(input);
    }
  }

  /** The beginning of what it says, in one line. */
  private static String words(int output) {
    byte[] buffer = new byte[MOST_BYTES];
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      int count = Transfer.read(output, buffer);
      while (count != 0) {
        all.write(buffer, 0, Math.clamp(count, 0, MOST_BYTES - Math.min(MOST_BYTES, all.size())));
        count = Transfer.read(output, buffer);
      }
    } finally {
      Kernel.close(output);
    }
    return all.toString(StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
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
  private static OciSpec.Process process(Hook hook, String directory, List<String> environment) {
    List<String> all = Supported.capabilities();
    return new OciSpec.Process(
        false,
        null,
        new OciSpec.User(0, 0, null, List.of()),
        hook.command(),
        hook.env().orElse(environment),
        directory,
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
