package dev.jctl.shim.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.LibC;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process that pumps a FIFO is killed again and again while another one writes. */
final class LogPumpIT {
  private static final int KILLS = 6;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;

  private Process pump() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PumpProcess.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] ready = process.getInputStream().readNBytes(5);
    assertThat(new String(ready, StandardCharsets.UTF_8)).isEqualTo("ready");
    return process;
  }

  @Test
  void sequenceNumbersAreThereExactlyOnceAcrossKills() throws Exception {
    Path fifo = directory.resolve("stdout");
    Kernel.check(LibC.INSTANCE.mkfifo(fifo.toString(), 0600), "mkfifo");
    // read-write, as a container has it: no reader is no SIGPIPE
    Process writer =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec 3<>"
                    + fifo
                    + "; i=1; while [ ! -e "
                    + directory
                    + "/stop ];"
                    + " do echo \"$i some text behind it\"; i=$((i+1)); done >&3;"
                    + " echo $((i-1)) > "
                    + directory
                    + "/last; sleep 60")
            .start();
    try {
      for (int kill = 0; kill < KILLS; kill++) {
        Process process = pump();
        Thread.sleep(50L + 37L * kill);
        process.destroyForcibly().waitFor();
      }
      Process last = pump();
      Files.createFile(directory.resolve("stop"));
      org.awaitility.Awaitility.await()
          .atMost(LONG)
          .until(() -> Files.exists(directory.resolve("last")));
      org.awaitility.Awaitility.await()
          .atMost(LONG)
          .until(() -> Files.size(directory.resolve("last")) > 0);
      last.getOutputStream().close();
      assertThat(last.waitFor()).isZero();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    int count = Integer.parseInt(Files.readString(directory.resolve("last")).strip());
    List<Integer> numbers = numbers();
    assertThat(count).isGreaterThan(1000);
    assertThat(numbers).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(numbers.get(i)).isEqualTo(i + 1);
    }
  }

  private List<Integer> numbers() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files =
          new ArrayList<>(
              list.filter(f -> f.getFileName().toString().startsWith("0.log.")).sorted().toList());
    }
    files.add(directory.resolve("0.log"));
    List<Integer> numbers = new ArrayList<>();
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        numbers.add(Integer.parseInt(line.split(" ", 5)[3]));
      }
    }
    return numbers;
  }
}
