package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.UnreachableException;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An engine of its own for one test class, to be registered in a static field: {@code bin/jctl} of
 * this checkout on data and run directories that go with the class. After the class all is stopped,
 * and it is an error if anything is left of it on the machine.
 */
final class TestEngine implements BeforeAllCallback, AfterTestExecutionCallback, AfterAllCallback {
  static final Duration PATIENCE = Duration.ofMinutes(2);

  /** The first command builds, unless that was done before, as {@code bin/test} does. */
  private static final Duration BUILD_PATIENCE = Duration.ofMinutes(10);

  /** Within this all is looked at again, whether or not an event asked for it. */
  static final Duration RESYNC = Duration.ofMinutes(2);

  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final Path ROOT = Path.of(System.getProperty("jctl.root", ".")).toAbsolutePath();

  private Path home = Path.of("/nonexistent");

  /** The checkout. */
  static Path root() {
    return ROOT;
  }

  /** Has {@code bin/jctl} build what is newer than its build, for tests without an engine. */
  static void build() {
    Map<String, String> environment = Map.of("JAVA_HOME", System.getProperty("java.home"));
    Subprocess.start(command("version"), ROOT, environment, "").await(BUILD_PATIENCE).ok();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    assumeTrue(Host.isRoot(), "needs root: it runs containers");
    home = Files.createTempDirectory("jctl-e2e-");
    listenAside();
    start("", command("up")).await(BUILD_PATIENCE).ok();
  }

  /**
   * Has it serve Kubernetes clients where it would have served them the last time, on a port that
   * no other engine tries: while it is down, or killed, another would take the usual one.
   */
  private void listenAside() throws IOException {
    Files.createDirectory(data(), PRIVATE);
    Path address = Files.createDirectory(data().resolve("pki"), PRIVATE).resolve("address");
    Files.writeString(address, "127.0.0.1:" + Host.freePort());
  }

  /** What a person would look at first when a test failed. */
  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isEmpty()) {
      return;
    }
    String all = "images,networks,volumes,containers,pods";
    System.out.println("--- " + context.getDisplayName() + " failed; the engine's state:");
    System.out.println(jctl("status"));
    System.out.println(jctl("get", all, "-A", "-o", "wide"));
    System.out.println(jctl("events", "-A"));
    for (String log : List.of("controller", "shim", "supervisor")) {
      System.out.println(Host.run("tail", "-n", "60", data().resolve("log/" + log + ".log") + ""));
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (!Files.isDirectory(data())) {
      return;
    }
    Traces traces = traces();
    try {
      jctl("down", "--all").ok();
      assertThat(traces.engineProcesses()).as("processes after `down --all`").isEmpty();
      assertThat(traces.cgroups()).as("cgroups after `down --all`").isEmpty();
      assertThat(traces.hasTable()).as("table of nftables after `down --all`").isFalse();
      // ends of processes that a killed shim left are fetched by process 1 in its own time
      eventually()
          .untilAsserted(
              () ->
                  assertThat(traces.list())
                      .as("traces of the instance after `down --all`")
                      .allMatch(t -> t.startsWith("file " + data())));
    } finally {
      traces.sweep();
      delete(home);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  // --- where things are

  Path home() {
    return home;
  }

  Path data() {
    return home.resolve("data");
  }

  Path run() {
    return home.resolve("run");
  }

  /** Of all that the engine has on disk. */
  List<Path> filesWith(String text) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        data(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() && contains(file, text)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          // the engine removes some meanwhile
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

  private static boolean contains(Path file, String text) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
    } catch (NoSuchFileException removedMeanwhile) {
      return false;
    }
  }

  Traces traces() {
    try {
      return new Traces(data(), run(), Files.readString(data().resolve("instance")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A copy of a directory of {@code examples/}, with a subnet and a port that are free on this
   * machine.
   */
  Example example(String name) throws IOException {
    return Example.copy(ROOT.resolve("examples").resolve(name), home.resolve("examples"));
  }

  Path file(String name, String text) throws IOException {
    return Files.writeString(home.resolve(name), text);
  }

  // --- running commands

  Ran jctl(String... words) {
    return jctlWithInput("", words);
  }

  Ran jctlWithInput(String input, String... words) {
    return start(input, command(words)).await(PATIENCE);
  }

  /** Starts a command that goes on. */
  Subprocess spawn(String... words) {
    return start("", command(words));
  }

  /** Starts any program with the environment that places the engine. */
  Subprocess start(String input, List<String> command) {
    return Subprocess.start(command, home, environment(), input);
  }

  static List<String> command(String... words) {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("bin/jctl").toString()));
    command.addAll(List.of(words));
    return command;
  }

  Map<String, String> environment() {
    return Map.of(
        "JAVA_HOME", System.getProperty("java.home"),
        "JCTL_DATA_DIR", data().toString(),
        "JCTL_RUN_DIR", run().toString());
  }

  // --- asking it

  /**
   * An object of the namespace {@code default}, by the code of {@code jctl get} but without its
   * process: what is waited for is asked for many times.
   */
  JsonNode get(String kind, String name) {
    return ask(api -> api.get(Target.of(kind(kind), "default", name)));
  }

  /** All objects of a kind there. */
  List<JsonNode> get(String kind) {
    return ask(api -> api.list(Target.of(kind(kind), "default")).items());
  }

  private static ResourceKind kind(String word) {
    return ResourceKind.named(word).orElseThrow();
  }

  private <T> T ask(Function<Api, T> question) {
    try (Api api = new Api(run().resolve("jctl.sock"), waited -> waited.compareTo(PATIENCE) < 0)) {
      return question.apply(api);
    } catch (StatusException | UnreachableException e) {
      throw new AssertionError(e);
    }
  }

  /** Process id on the host of the first process of a container. */
  int pid(String container) {
    Optional<Integer> pid = traces().mainProcess(container);
    assertThat(pid).as("process of container %s", container).isPresent();
    return pid.get();
  }

  /** Of {@code supervisor}, {@code controller} or {@code shim}. */
  int enginePid(String process) throws IOException {
    String file = Files.readString(run().resolve(process + ".pid"));
    return Integer.parseInt(file.substring(0, file.indexOf(' ')));
  }

  /** As a kill by hand would; one that is being started again is waited for. */
  void killEngineProcess(String process) {
    eventually()
        .ignoreExceptions()
        .until(() -> Host.run("kill", "-KILL", Integer.toString(enginePid(process))).code() == 0);
  }

  void kill(int pid) {
    Host.run("kill", "-KILL", Integer.toString(pid)).ok();
  }

  static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200));
  }
}
