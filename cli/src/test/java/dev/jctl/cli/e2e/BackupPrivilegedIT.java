package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Volumes with a limit, snapshots under load, archives; with processes killed in between. */
final class BackupPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  @Test
  void whatIsTakenUnderLoadIsOfOneMomentAndWhatIsFullIsFullForItselfOnly() throws IOException {
    Example backup = ENGINE.example("backup");
    for (String file : List.of("ledger.yaml", "snapshot.yaml")) {
      ENGINE.jctl("apply", "-f", backup.path() + "/" + file, "--wait", "--timeout=90s").ok();
    }
    assertThat(entries("reader", "a") - entries("reader", "b")).isBetween(0L, 1L);
    long before = entries("writer", "a");
    TestEngine.eventually().until(() -> entries("writer", "a") > before);

    Path archive = ENGINE.home().resolve("ledger.tar.gz");
    ENGINE.killEngineProcess("shim");
    ENGINE.killEngineProcess("controller");
    apply(
        """
        apiVersion: jctl.dev/v1
        kind: VolumeSnapshot
        metadata: {name: packed}
        spec: {volume: ledger, archive: %s, reclaimPolicy: Delete}
        """
            .formatted(archive));
    apply(restored("again", archive)).ok();
    assertThat(Files.exists(archive)).isTrue();
    String content = volume("again").at("/status/path").asText();
    List<String> a = Files.readAllLines(Path.of(content, "a"));
    List<String> b = Files.readAllLines(Path.of(content, "b"));
    assertThat((long) a.size() - b.size()).isBetween(0L, 1L);
    assertThat((long) a.size()).isGreaterThanOrEqualTo(before);
    assertThat(a.getLast()).isEqualTo("entry " + a.size());

    assertThat(
            shell(
                    "writer",
                    "dd if=/dev/zero of=/data/much bs=1M; dd if=/dev/zero of=/data/rest bs=1k")
                .err())
        .contains("No space left on device");
    TestEngine.eventually()
        .until(() -> volume("ledger").path("status").toString().contains("\"Full\""));
    TestEngine.eventually().until(() -> ENGINE.jctl("events").ok().out().contains("VolumeFull"));

    Files.write(archive, new byte[] {31, (byte) 139, 8, 0, 0});
    ENGINE.file("damaged.yaml", restored("damaged", archive));
    ENGINE.jctl("apply", "-f", "damaged.yaml").ok();
    TestEngine.eventually()
        .until(() -> volume("damaged").path("status").toString().contains("is damaged"));
    assertThat(ENGINE.data().resolve("volumes/default.damaged")).doesNotExist();

    ENGINE.jctl("delete", "volumesnapshot/packed", "--wait", "--timeout=60s").ok();
    assertThat(archive).doesNotExist();
    ENGINE.jctl("delete", "volume/again", "volume/damaged", "--wait", "--timeout=60s").ok();
    ENGINE.jctl("delete", "-f", backup.path(), "--wait", "--timeout=60s").ok();
  }

  private static String restored(String name, Path archive) {
    return """
    apiVersion: jctl.dev/v1
    kind: Volume
    metadata: {name: %s}
    spec: {source: {archive: %s}, reclaimPolicy: Delete}
    """
        .formatted(name, archive);
  }

  private static Ran apply(String manifest) throws IOException {
    Path file = ENGINE.file("one.yaml", manifest);
    return ENGINE.jctl("apply", "-f", file.toString(), "--wait", "--timeout=60s").ok();
  }

  private static JsonNode volume(String name) {
    return ENGINE.get("volume", name);
  }

  private static long entries(String container, String file) {
    String last = shell(container, "tail -n 1 /data/" + file).ok().out().strip();
    return last.isEmpty() ? 0 : Long.parseLong(last.replace("entry ", ""));
  }

  private static Ran shell(String container, String command) {
    return ENGINE.jctl("exec", container, "--", "sh", "-c", command);
  }
}
