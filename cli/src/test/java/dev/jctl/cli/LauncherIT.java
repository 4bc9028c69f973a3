package dev.jctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/jctl} in a checkout with a build that was made before. */
final class LauncherIT {
  private static final Path ROOT = Path.of(System.getProperty("jctl.root", ".")).toAbsolutePath();
  private static final String NODES =
      """
      {"apiVersion":"v1","kind":"NodeList","metadata":{"resourceVersion":"1"},
       "items":[{"metadata":{"name":"here","creationTimestamp":"2026-01-01T00:00:00Z"}}]}\
      """;

  @TempDir private Path checkout;
  private final AtomicInteger requests = new AtomicInteger();

  private record Ran(int code, String out, String err) {}

  @BeforeEach
  void layOut() throws IOException {
    Path lib = Files.createDirectories(checkout.resolve("bin/lib"));
    Files.copy(ROOT.resolve("bin/jctl"), checkout.resolve("bin/jctl"));
    Files.copy(ROOT.resolve("bin/lib/common.sh"), lib.resolve("common.sh"));
    Files.createFile(checkout.resolve("pom.xml"));
    Path sources = Files.createDirectories(checkout.resolve("cli/src/main"));
    Files.createFile(sources.resolve("Main.java"));
    Path dist = Files.createDirectories(checkout.resolve("target/dist"));
    Files.writeString(dist.resolve("current"), "build.1\n");
    Path cli = Files.createDirectories(dist.resolve("build.1/cli"));
    Files.createFile(dist.resolve("build.1/stamp"));
    jarOfThisClassPath(cli.resolve("jctl-cli.jar"));
    Path tools = Files.createDirectory(checkout.resolve("tools"));
    Files.writeString(tools.resolve("mvn"), "#!/bin/sh\necho no compiler\nexit 1\n");
    Files.setPosixFilePermissions(
        tools.resolve("mvn"), PosixFilePermissions.fromString("rwx------"));
  }

  private static void jarOfThisClassPath(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" ")));
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
  }

  private Ran jctl(String... words) throws IOException, InterruptedException {
    Path socket = checkout.resolve("s");
    Path out = checkout.resolve("out");
    Path err = checkout.resolve("err");
    ProcessBuilder jctl = new ProcessBuilder(checkout.resolve("bin/jctl").toString());
    jctl.command().addAll(Arrays.asList(words));
    jctl.command().addAll(Arrays.asList("--socket", socket.toString()));
    Map<String, String> environment = jctl.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("PATH", checkout.resolve("tools") + ":" + environment.get("PATH"));
    try (FakeServer _ =
        FakeServer.start(
            socket,
            (_, _, answer) -> {
              requests.incrementAndGet();
              FakeServer.json(answer, 200, NODES);
            })) {
      int code = jctl.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
      return new Ran(code, Files.readString(out), Files.readString(err));
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  private void change(String source) throws IOException {
    FileTime later = FileTime.from(Instant.now().plusSeconds(60));
    Files.setLastModifiedTime(checkout.resolve(source), later);
  }

  @Test
  void getRunsFromABuildThatIsNewerThanItsSources() throws Exception {
    Ran ran = jctl("get", "nodes", "--no-headers");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith("here ");
  }

  @Test
  void getAsksNothingBeforeWhatWasChangedIsBuilt() throws Exception {
    change("cli/src/main/Main.java");

    Ran ran = jctl("get", "nodes");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("no compiler", "the build failed");
    assertThat(ran.out()).isEmpty();
    assertThat(requests).hasValue(0);
  }

  @Test
  void aFailureOfGetIsNotTakenForAnOldBuild() throws Exception {
    Ran ran = jctl("get", "nothings");

    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("resource type \"nothings\"").doesNotContain("building");
  }
}
