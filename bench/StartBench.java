import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.rpc.RpcClient;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Times a container of {@code /bin/true}: ours over the shim's socket (one call for sandbox and container), then each peer's {@code run} on a
 * bundle with the same namespaces, in turn, so that noise meets all alike. The cost of spawning a process from this program is measured
 * too, and ratios are given with and without it. Runs that are not counted come first: the two JVMs of ours compile what they use, as they
 * have in an engine that has been at work.
 *
 * <p>Arguments: shim socket, busybox, runs, scratch directory, then {@code name=command...} of each peer, one argument each.
 */
static final int WARM_UP = 100;

/** Before each run, of whom ever: what the kernel still takes down of the one before is not counted against the next. */
static final Duration PAUSE = Duration.ofMillis(30);

void main(String[] args) throws Exception {
  int runs = Integer.parseInt(args[2]);
  List<Peer> peers = Arrays.stream(args).skip(4).map(Peer::parse).toList();
  try (ContainerRuntime runtime = new RpcClient(Path.of(args[0]))) {
    var ours = new Ours(runtime, Path.of(args[1]), Path.of(args[3]), SandboxSpec.Users.HOST);
    var mapped = new Ours(runtime, Path.of(args[1]), Path.of(args[3]), SandboxSpec.Users.OWN_WHERE_POSSIBLE);
    ours.prepare();
    mapped.listen();
    Timings exec = new Timings("ours: start to exec"), exit = new Timings("ours: start to exit");
    Timings mappedExit = new Timings("  with users of its own: start to exit");
    Timings spawn = new Timings("spawn of /bin/true");
    List<Timings> others = peers.stream().map(p -> new Timings(p.name() + " run")).toList();
    for (int i = 0; i < WARM_UP; i++) {
      ours.run(i);
      mapped.run(i);
    }
    for (int i = -3; i < runs; i++) {
      Thread.sleep(PAUSE);
      long[] t = ours.run(i + WARM_UP + 3);
      exec.add(i, t[0]);
      exit.add(i, t[1]);
      Thread.sleep(PAUSE);
      mappedExit.add(i, mapped.run(i + WARM_UP + 3)[1]);
      spawn.add(i, spawn(List.of("/bin/true")));
      for (int p = 0; p < peers.size(); p++) {
        Thread.sleep(PAUSE);
        others.get(p).add(i, spawn(peers.get(p).command(i + 3)));
      }
    }
    ours.remove();
    report(List.of(exec, exit), List.of(mappedExit), spawn, others);
  }
}

record Peer(String name, List<String> words) {
  static Peer parse(String text) {
    int at = text.indexOf('=');
    return new Peer(text.substring(0, at), List.of(text.substring(at + 1).split(" ")));
  }

  List<String> command(int run) {
    return words.stream().map(w -> w.replace("%i", "jctl-bench-" + run)).toList();
  }
}

static long spawn(List<String> command) throws Exception {
  long start = System.nanoTime();
  Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.PIPE).start();
  String output = new String(process.getInputStream().readAllBytes());
  if (process.waitFor() != 0) {
    throw new IOException(command + ": " + output);
  }
  return System.nanoTime() - start;
}

/** The container under test. */
static final class Ours {
  private final ContainerRuntime runtime;
  private final Path busybox;
  private final Path scratch;
  private final SandboxSpec.Users users;
  private final BlockingQueue<String> exits = new LinkedBlockingQueue<>();

  Ours(ContainerRuntime runtime, Path busybox, Path scratch, SandboxSpec.Users users) {
    this.users = users;
    this.runtime = runtime;
    this.busybox = busybox;
    this.scratch = scratch;
  }

  void prepare() throws IOException {
    var attributes = new LayerEntry.Attributes(0755, 0, 0, 0, Map.of());
    try (var content = Files.newInputStream(busybox)) {
      runtime.unpackLayer(
          "bench",
          List.<LayerEntry>of(
                  new LayerEntry.Directory("bin", attributes),
                  new LayerEntry.Directory("dev", attributes),
                  new LayerEntry.Directory("proc", attributes),
                  new LayerEntry.Directory("sys", attributes),
                  new LayerEntry.File("bin/busybox", attributes, Files.size(busybox), content),
                  new LayerEntry.Symlink("bin/true", attributes, "busybox"))
              .iterator());
    }
    listen();
  }

  void listen() {
    runtime.subscribe(
        event -> {
          if (event instanceof RuntimeEvent.ContainerChanged(String _, String id, Observed.State.Exited _)) {
            exits.add(id);
          }
        });
  }

  /** Nanoseconds until the container's exec, and until its exit is known here. */
  long[] run(int i) throws InterruptedException {
    String id = "bench-" + users.name().toLowerCase().charAt(0) + i;
    long start = System.nanoTime();
    runtime
        .runFirst(
            new SandboxSpec(id, id, Set.of(), List.of(), SandboxSpec.Dns.OF_HOST, Map.of(), Map.of(), null, Map.of(), users, false),
            new ContainerSpec(id, id, List.of("bench"), spec(), null, List.of(), scratch.resolve(id).toString(), 0, false, "SIGTERM", Map.of(), false))
        .ifPresent(
            failure -> {
              throw failure;
            });
    long exec = System.nanoTime() - start;
    for (String ended = ""; !id.equals(ended); ) {
      ended = exits.poll(30, TimeUnit.SECONDS);
      if (ended == null) {
        throw new IllegalStateException("no end of " + runtime.container(id));
      }
    }
    long exit = System.nanoTime() - start;
    if (((Observed.State.Exited) runtime.container(id).orElseThrow().state()).exitCode() != 0) {
      throw new IllegalStateException("/bin/true failed: " + runtime.container(id));
    }
    runtime.removeSandbox(id);
    runtime.removeLogs(scratch.resolve(id).toString());
    return new long[] {exec, exit};
  }

  void remove() {
    runtime.removeLayer("bench");
  }

  private static OciSpec spec() {
    List<String> caps = List.of("CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_CHOWN");
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root("", false),
        new OciSpec.Process(
            false, null, new OciSpec.User(0, 0, null, List.of()), List.of("/bin/true"), List.of("PATH=/bin"), "/",
            new OciSpec.Capabilities(caps, caps, List.of(), caps, List.of()), List.of(), true, null),
        null,
        null,
        List.of(
            new OciSpec.Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
            new OciSpec.Mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
            new OciSpec.Mount("/dev/pts", "devpts", "devpts", List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620")),
            new OciSpec.Mount("/dev/shm", "tmpfs", "shm", List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")),
            new OciSpec.Mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")),
            new OciSpec.Mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"))),
        Map.of(),
        new OciSpec.Linux(
            List.of(
                new OciSpec.Namespace("pid", null),
                new OciSpec.Namespace("mount", null),
                new OciSpec.Namespace("cgroup", null),
                new OciSpec.Namespace("network", null),
                new OciSpec.Namespace("ipc", null),
                new OciSpec.Namespace("uts", null)),
            List.of(), List.of(), List.of(), null,
            new OciSpec.Resources(List.of(), null, null, new OciSpec.Pids(1024), Map.of()),
            null, null, Map.of(),
            List.of("/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"),
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")));
  }
}

/** Nanoseconds of each counted run. */
record Timings(String name, List<Long> all) {
  Timings(String name) {
    this(name, new ArrayList<>());
  }

  void add(int run, long nanos) {
    if (run >= 0) {
      all.add(nanos);
    }
  }

  double ms(double quantile) {
    return all.stream().sorted().skip((long) (quantile * (all.size() - 1))).findFirst().orElse(0L) / 1e6;
  }
}

static void report(List<Timings> ours, List<Timings> parts, Timings spawn, List<Timings> others) {
  IO.println("n = %d".formatted(spawn.all().size()));
  IO.println("%-24s %8s %8s   %s".formatted("", "p50 ms", "p95 ms", "ratio to the peer's p50 (to that less the spawn)"));
  for (Timings t : ours) {
    String ratios =
        String.join(
            "  ",
            others.stream()
                .map(o -> "%s %.3f (%.3f)".formatted(o.name(), t.ms(0.5) / o.ms(0.5), t.ms(0.5) / (o.ms(0.5) - spawn.ms(0.5))))
                .toList());
    IO.println("%-24s %8.2f %8.2f   %s".formatted(t.name(), t.ms(0.5), t.ms(0.95), ratios));
  }
  for (List<Timings> group : List.of(parts, others, List.of(spawn))) {
    for (Timings t : group) {
      IO.println("%-24s %8.2f %8.2f".formatted(t.name(), t.ms(0.5), t.ms(0.95)));
    }
  }
}
