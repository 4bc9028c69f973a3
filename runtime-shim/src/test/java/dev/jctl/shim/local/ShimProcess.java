package dev.jctl.shim.local;

import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.rpc.RpcClient;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shim as users run it: a process of its own, in a network namespace of its own, that can be
 * killed and started again on the same directories. Everything is gone when it is closed.
 */
final class ShimProcess implements AutoCloseable {
  static final Path BUSYBOX = Path.of("/bin/busybox");
  static final OciSpec.Resources NO_LIMITS = limits(null, null);
  private static final String LAYER = "busybox";

  private static final List<OciSpec.Mount> MOUNTS =
      List.of(
          new OciSpec.Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
          new OciSpec.Mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "mode=755")),
          new OciSpec.Mount(
              "/dev/pts", "devpts", "devpts", List.of("newinstance", "ptmxmode=0666")));

  private static final List<String> CAPS = List.of("CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW");

  private final Path directory;
  final Path data;
  final Path run;
  private final RpcClient client;
  private Process process;

  ShimProcess(Path directory) throws IOException {
    this.directory = directory;
    data = directory.resolve("data");
    run = directory.resolve("run");
    client = new RpcClient(run.resolve("shim.sock"));
    process = launch();
    unpackBusybox();
  }

  private Process launch() throws IOException {
    List<String> command =
        List.of(
            "unshare",
            "--net",
            "sh",
            "-c",
            BUSYBOX + " ip link set lo up && exec \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ShimMain.class.getName(),
            "--data-dir",
            data.toString(),
            "--run-dir",
            run.toString());
    Process started =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log()).start();
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(60))
        .until(() -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IllegalStateException("the shim ended: " + Files.readString(log().toPath()));
    }
    return started;
  }

  private java.io.File log() {
    return directory.resolve("shim.log").toFile();
  }

  private boolean answers() {
    try {
      client.host();
      return true;
    } catch (dev.jctl.shim.RuntimeFailure e) {
      return false;
    }
  }

  private void unpackBusybox() throws IOException {
    LayerEntry.Attributes attributes = new LayerEntry.Attributes(0755, 0, 0, 0, Map.of());
    List<LayerEntry> entries = new ArrayList<>();
    entries.add(new LayerEntry.Directory("bin", attributes));
    try (var content = Files.newInputStream(BUSYBOX)) {
      entries.add(new LayerEntry.File("bin/busybox", attributes, Files.size(BUSYBOX), content));
      for (String name : List.of("sh", "cat", "sleep", "tail", "stty", "true")) {
        entries.add(new LayerEntry.Symlink("bin/" + name, attributes, "busybox"));
      }
      entries.add(
          new LayerEntry.File(
              "bin/text", attributes, 4, new java.io.ByteArrayInputStream(new byte[4])));
      client.unpackLayer(LAYER, entries.iterator());
    }
  }

  RpcClient client() {
    return client;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM; returns its exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    return process.waitFor();
  }

  void startAgain() throws IOException {
    process = launch();
  }

  // --- what it makes

  static SandboxSpec sandbox(String id, SandboxSpec.NetworkAttachment... networks) {
    return new SandboxSpec(
        id,
        id,
        Set.of(),
        List.of(networks),
        SandboxSpec.Dns.OF_HOST,
        Map.of(),
        Map.of(),
        NO_LIMITS,
        Map.of());
  }

  Path logDirectory(String containerId) {
    return data.resolve("logs").resolve(containerId);
  }

  Path log(String containerId) {
    return logDirectory(containerId).resolve("0.log");
  }

  ContainerSpec container(String id, String sandboxId, OciSpec oci) {
    return container(id, sandboxId, oci, List.of());
  }

  ContainerSpec container(
      String id, String sandboxId, OciSpec oci, List<ContainerSpec.VolumeMount> volumes) {
    return new ContainerSpec(
        id,
        sandboxId,
        List.of(LAYER),
        oci,
        null,
        volumes,
        logDirectory(id).toString(),
        0,
        true,
        "SIGTERM",
        Map.of(),
        false);
  }

  static OciSpec.Process process(boolean terminal, String... args) {
    return new OciSpec.Process(
        terminal,
        null,
        new OciSpec.User(0, 0, null, List.of()),
        List.of(args),
        List.of("PATH=/bin"),
        "/",
        new OciSpec.Capabilities(CAPS, CAPS, List.of(), CAPS, List.of()),
        List.of(),
        true,
        null);
  }

  static OciSpec shell(String script) {
    return oci(process(false, "sh", "-c", script), NO_LIMITS);
  }

  static OciSpec.Resources limits(OciSpec.@Nullable Memory memory, OciSpec.@Nullable Pids pids) {
    return new OciSpec.Resources(List.of(), memory, null, pids, Map.of());
  }

  static OciSpec oci(OciSpec.Process process, OciSpec.Resources resources) {
    return oci(process, resources, List.of(), null);
  }

  /** With more mounts than the usual, and a filter. */
  static OciSpec oci(
      OciSpec.Process process,
      OciSpec.Resources resources,
      List<OciSpec.Mount> more,
      OciSpec.@Nullable Seccomp seccomp) {
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root("", false),
        process,
        null,
        null,
        Stream.concat(MOUNTS.stream(), more.stream()).toList(),
        Map.of(),
        new OciSpec.Linux(
            Stream.of("pid", "mount", "network", "ipc", "uts", "cgroup")
                .map(type -> new OciSpec.Namespace(type, null))
                .toList(),
            List.of(),
            List.of(),
            List.of(),
            null,
            resources,
            null,
            seccomp,
            Map.of(),
            List.of("/proc/kcore"),
            List.of("/proc/sys")));
  }

  // --- what is there of it

  static CgroupLayout cgroups() throws IOException {
    return CgroupLayout.parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
  }

  String parentGroup() throws IOException {
    return "jctl-" + Files.readString(data.resolve("instance")).strip();
  }

  private static Set<Path> hierarchies() throws IOException {
    Set<Path> roots = new LinkedHashSet<>(cgroups().v1().values());
    cgroups().unified().ifPresent(roots::add);
    return roots;
  }

  /** All in the kernel and on disk that has to do with sandboxes and containers. */
  Set<String> traces() throws IOException {
    Set<String> traces = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(directory.toString())) {
        traces.add("mount " + line.split(" ", 6)[4]);
      }
    }
    for (Path root : hierarchies()) {
      traces.addAll(tree("group", root.resolve(parentGroup())));
    }
    for (String name : List.of("containers", "sandboxes", "networks", "volumes", "logs")) {
      traces.addAll(tree("file", data.resolve(name)));
    }
    traces.addAll(tree("file", run));
    if (process.isAlive()) {
      Path proc = Path.of("/proc", Long.toString(process.pid()));
      Files.readAllLines(proc.resolve("net/dev")).stream()
          .filter(line -> line.contains(":"))
          .forEach(line -> traces.add("link " + line.substring(0, line.indexOf(':')).strip()));
      traces.add("tables " + nft(proc.resolve("ns/net"), "list", "tables"));
    }
    return traces;
  }

  /** How many files and other things the process holds open. */
  long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return all.count();
    }
  }

  private static Set<String> tree(String what, Path root) throws IOException {
    Set<String> found = new TreeSet<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            found.add(what + " " + directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!what.equals("group")) {
              found.add(what + " " + file);
            }
            return FileVisitResult.CONTINUE;
          }

          // what the shim makes ready comes and goes meanwhile
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  private static String nft(Path namespace, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + namespace, "nft"));
    command.addAll(List.of(arguments));
    Process nft = new ProcessBuilder(command).start();
    return new String(nft.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /** It runs and has no sandboxes and volumes, in whatever state a test has left it. */
  void clear() throws IOException {
    if (!process.isAlive()) {
      startAgain();
    }
    client.sandboxes().forEach(sandbox -> client.removeSandbox(sandbox.spec().id()));
    client.volumes().forEach(volume -> client.removeVolume(volume.spec().id()));
  }

  @Override
  public void close() throws IOException {
    try {
      clear();
      client.close();
      stop();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
