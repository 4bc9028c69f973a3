package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A script that works with another engine, in namespaces of its own. It is given a directory with
 * {@code jshim}, the runtime, and {@code rootfs}, what an image is made of.
 */
final class EngineScript {
  private static final int MOST_SECONDS = 240;

  private EngineScript() {}

  record Said(String out, String err) {}

  static Said run(Path directory, String script) throws IOException, InterruptedException {
    prepare(directory);
    Path file = Files.writeString(directory.resolve("script"), script);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(
                List.of(
                    "unshare",
                    "--mount",
                    "--net",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--mount-proc",
                    "--propagation",
                    "private",
                    "bash",
                    file.toString(),
                    directory.toString()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Said(Files.readString(out), Files.readString(err));
  }

  private static void prepare(Path directory) throws IOException {
    Path bin = Files.createDirectories(directory.resolve("rootfs/bin"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    for (String name : List.of("sh", "sleep", "echo", "id", "ps")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
    }
    Path runtime = directory.resolve("jshim");
    Files.writeString(
        runtime,
        "#!/bin/sh\nexec "
            + Path.of(System.getProperty("java.home"), "bin/java")
            + " --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "
            + System.getProperty("java.class.path")
            + " "
            + JshimMain.class.getName()
            + " \"$@\"\n");
    assertThat(runtime.toFile().setExecutable(true)).isTrue();
  }
}
