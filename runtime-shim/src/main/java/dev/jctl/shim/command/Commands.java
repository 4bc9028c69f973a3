package dev.jctl.shim.command;

import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.command.ContainerState.Status;
import dev.jctl.shim.command.StateDirectories.Directory;
import dev.jctl.shim.exec.BundleLauncher;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.exec.LinuxGroupKernel;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Terminal;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Carries one command out. */
final class Commands {
  private static final Path DEFAULT_ROOT = Path.of("/run/jshim");
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

  private final Invocation invocation;
  private final StateDirectories states;
  private final PrintStream out;
  private final Consumer<String> warnings;

  /**
   * @param warnings take what went wrong and is no failure
   */
  Commands(Invocation invocation, PrintStream out, Consumer<String> warnings) {
    this.invocation = invocation;
    this.out = out;
    this.warnings = warnings;
    this.states =
        new StateDirectories(invocation.value("root").map(Commands::absolute).orElse(DEFAULT_ROOT));
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }

  /** Exit code. */
  int run() {
    return switch (invocation.command()) {
      case "create" -> create();
      case "run" -> runWhole();
      case "exec" -> exec();
      case "list" -> list();
      case "events" -> events();
      case "features" -> print(Reports.features());
      case "spec" -> spec();
      case "delete" -> delete();
      case "kill" -> kill();
      default -> change();
    };
  }

  private int print(String text) {
    out.println(text);
    return 0;
  }

  private static Cgroups cgroups() {
    try {
      return Cgroups.anywhere(
          CgroupLayout.parse(Files.readAllLines(Path.of("/proc/self/mountinfo"))),
          new LinuxGroupKernel());
    } catch (IOException e) {
      throw new UncheckedIOException("read /proc/self/mountinfo", e);
    }
  }

  private String id() {
    return invocation.argument(0, "container's id");
  }

  private KnownContainer known() {
    return known(states.existing(id()));
  }

  private KnownContainer known(Directory directory) {
    return KnownContainer.of(directory, cgroups(), warnings);
  }

  /** Those that need nothing but the container. */
  private int change() {
    KnownContainer container = known();
    switch (invocation.command()) {
      case "start" -> container.start(new BundleLauncher());
      case "state" -> print(container.published());
      case "pause" -> container.pause();
      case "resume" -> container.resume();
      case "update" -> container.update(UpdateRequest.resources(invocation));
      case "ps" ->
          print(
              Reports.processes(
                  container.processes(),
                  invocation.value("format").orElse("table"),
                  invocation.arguments().subList(1, invocation.arguments().size())));
      default -> throw new IllegalStateException(invocation.command());
    }
    return 0;
  }

  private int kill() {
    String name = invocation.arguments().size() > 1 ? invocation.arguments().get(1) : "TERM";
    int signal = Signals.parse(name);
    List<Directory> wanted = invocation.has("regex") ? matching() : List.of(states.existing(id()));
    for (Directory directory : wanted) {
      if (invocation.has("all")) {
        known(directory).killAll(signal);
      } else {
        known(directory).kill(signal);
      }
    }
    return 0;
  }

  // --- make

  private int create() {
    Bundle bundle = bundle();
    try (Console console = console(bundle, Console.Attendance.LEAVES)) {
      make(bundle, console, new BundleLauncher());
    }
    return 0;
  }

  private Bundle bundle() {
    if (invocation.has("no-pivot")) {
      throw JshimMain.invalid(
          "--no-pivot is not supported: the host's tree would stay in reach of the container");
    }
    Path directory = absolute(invocation.value("bundle").orElse("."));
    return Bundle.read(directory, invocation.value("config").orElse("config.json"));
  }

  private Console console(Bundle bundle, Console.Attendance attendance) {
    return console(bundle.spec().process(), attendance, Terminal::open);
  }

  private Console console(
      OciSpec.Process process, Console.Attendance attendance, Supplier<Terminal.Pair> terminal) {
    return Console.open(process, invocation.value("console-socket"), attendance, terminal);
  }

  private ContainerState make(Bundle bundle, Console console, BundleLauncher launcher) {
    Creation creation = new Creation(states, cgroups(), launcher);
    ContainerState made =
        creation.create(id(), bundle, console.stdio(), invocation.count("preserve-fds"));
    try {
      console.handOver();
      writePid(made.pid());
      return made;
    } catch (RuntimeException e) {
      known().delete();
      throw e;
    }
  }

  /** Complete, or not there. */
  private void writePid(int pid) {
    Optional<String> file = invocation.value("pid-file");
    if (file.isEmpty()) {
      return;
    }
    Path path = absolute(file.get());
    Path aside = path.resolveSibling("." + path.getFileName());
    try {
      Files.writeString(aside, Integer.toString(pid));
      Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("--pid-file: write " + path, e);
    }
  }

  private int runWhole() {
    boolean leaves = invocation.has("detach");
    Bundle bundle = bundle();
    BundleLauncher launcher = new BundleLauncher();
    try (Console console =
        console(bundle, leaves ? Console.Attendance.LEAVES : Console.Attendance.STAYS)) {
      ContainerState made = make(bundle, console, launcher);
      int pidfd = Kernel.pidfdOpen(made.pid());
      try {
        known().start(launcher);
      } catch (RuntimeException e) {
        states.find(id()).ifPresent(this::deleteForced);
        throw e;
      }
      if (leaves) {
        return 0;
      }
      int status = Attendant.attend(pidfd, console.master());
      if (!invocation.has("keep")) {
        known().delete();
      }
      return status;
    }
  }

  private int exec() {
    KnownContainer container = known();
    if (!(invocation.has("ignore-paused") && container.status() == Status.PAUSED)) {
      container.requireRunning("exec in");
    }
    OciSpec spec = container.config().spec();
    ContainerState state = container.state();
    OciSpec.Process process =
        BundleLauncher.withHome(
            ExecRequest.process(invocation, spec.process()),
            Path.of("/proc", Integer.toString(state.pid()), "root"));
    OciSpec.Resources resources = spec.linux().resources();
    List<Path> groups =
        ExecRequest.groups(
            invocation,
            container
                .cgroups()
                .filesToJoin(
                    state.cgroups().above(),
                    state.cgroups().name(),
                    resources == null
                        ? new OciSpec.Resources(List.of(), null, null, null, Map.of())
                        : resources));
    boolean leaves = invocation.has("detach");
    try (Console console =
        console(
            process,
            leaves ? Console.Attendance.LEAVES : Console.Attendance.STAYS,
            () -> Terminal.openFor(state.pid()))) {
      Launcher.Launched launched =
          new BundleLauncher()
              .exec(
                  state.pid(),
                  state.id(),
                  spec,
                  process,
                  groups,
                  console.stdio(),
                  invocation.count("preserve-fds"),
                  SeccompAgent.of(spec.linux().seccomp(), state.published(Status.RUNNING)));
      console.handOver();
      writePid(launched.pid());
      return leaves ? 0 : Attendant.attend(launched.pidfd(), console.master());
    }
  }

  private int delete() {
    if (invocation.has("regex")) {
      matching().forEach(invocation.has("force") ? this::deleteForced : this::deleteStopped);
    } else if (invocation.has("force")) {
      states.find(id()).ifPresent(this::deleteForced);
    } else {
      known().deleteStopped();
    }
    return 0;
  }

  /** Those whose id has a part that matches. */
  private List<Directory> matching() {
    String expression = invocation.argument(0, "regular expression");
    try {
      Predicate<String> matches = Pattern.compile(expression).asPredicate();
      return states.all().stream().filter(directory -> matches.test(directory.id())).toList();
    } catch (PatternSyntaxException e) {
      throw JshimMain.invalid("--regex: \"" + expression + "\": " + e.getDescription());
    }
  }

  private void deleteStopped(Directory directory) {
    known(directory).deleteStopped();
  }

  private void deleteForced(Directory directory) {
    if (directory.state().isEmpty()) {
      directory.delete();
    } else {
      known(directory).delete();
    }
  }

  // --- look

  private int list() {
    Cgroups cgroups = cgroups();
    List<KnownContainer> containers =
        states.all().stream()
            .filter(directory -> directory.state().isPresent())
            .map(directory -> KnownContainer.of(directory, cgroups, warnings))
            .toList();
    if (invocation.has("quiet")) {
      containers.forEach(container -> print(container.state().id()));
      return 0;
    }
    return print(Reports.list(containers, invocation.value("format").orElse("table")));
  }

  private int events() {
    KnownContainer container = known();
    if (invocation.has("stats")) {
      stats(container);
      return 0;
    }
    watch(container, invocation.duration("interval").orElse(DEFAULT_INTERVAL));
    return 0;
  }

  private void stats(KnownContainer container) {
    ContainerState state = container.state();
    Optional<Observed.Usage> usage =
        container.cgroups().usage(state.cgroups().above(), state.cgroups().name());
    usage.ifPresent(known -> print(Reports.stats(state.id(), known)));
  }

  /** Until it ends. */
  private void watch(KnownContainer container, Duration interval) {
    ContainerState state = container.state();
    long killed = 0;
    try {
      while (container.status() != Status.STOPPED) {
        long now = container.cgroups().memoryKills(state.cgroups().above(), state.cgroups().name());
        if (now > killed) {
          print(Reports.outOfMemory(state.id()));
        }
        killed = now;
        stats(container);
        out.flush();
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int spec() {
    Path file = absolute(invocation.value("bundle").orElse(".")).resolve("config.json");
    try {
      Files.writeString(file, Reports.defaultConfig(), StandardOpenOption.CREATE_NEW);
      return 0;
    } catch (FileAlreadyExistsException e) {
      throw JshimMain.invalid(file + " exists already; remove it first");
    } catch (IOException e) {
      throw new UncheckedIOException("write " + file, e);
    }
  }
}
