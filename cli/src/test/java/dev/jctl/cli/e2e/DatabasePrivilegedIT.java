package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SQLite under load on a Volume: kills, backup and restore, and the end of its space. */
final class DatabasePrivilegedIT {
  private static final Path SQLITE = Path.of("/usr/bin/sqlite3");
  private static final String TOOLS =
      List.of("sh", "cat", "dd", "rm", "sleep", "usleep", "tail", "touch").stream()
          .map("    - {path: /bin/%s, link: busybox}"::formatted)
          .collect(Collectors.joining("\n"));

  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  /** The machine's sqlite3, and what it is linked with. */
  private static String image() throws IOException {
    assumeTrue(Files.isExecutable(SQLITE), "needs sqlite3 (Debian: sqlite3)");
    String files =
        Host.run("ldd", SQLITE.toString())
            .ok()
            .out()
            .lines()
            .flatMap(line -> List.of(line.strip().split("\\s+")).stream())
            .filter(word -> word.startsWith("/"))
            .map(word -> file(word, Path.of(word)))
            .collect(Collectors.joining("\n"));
    return """
    apiVersion: jctl.dev/v1
    kind: Image
    metadata: {name: sqlite}
    spec:
      files:
    %s
    %s
    %s
    %s
      config: {env: ["PATH=/bin"]}
    """
        .formatted(
            file("/bin/busybox", Path.of("/bin/busybox")),
            file("/bin/sqlite3", SQLITE),
            files,
            TOOLS);
  }

  private static String file(String path, Path from) {
    try {
      return "    - {path: %s, hostPath: %s, mode: 0755}".formatted(path, from.toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final String DATABASE =
      """
      apiVersion: jctl.dev/v1
      kind: Volume
      metadata: {name: rows}
      spec: {driver: disk, capacity: 24Mi, reclaimPolicy: Delete}
      ---
      apiVersion: jctl.dev/v1
      kind: Volume
      metadata: {name: other}
      spec: {reclaimPolicy: Delete}
      ---
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: db}
      spec:
        image: sqlite
        command:
          - sh
          - -c
          - |
            sqlite3 /data/db 'PRAGMA journal_mode=WAL; CREATE TABLE rows (n INTEGER PRIMARY KEY, v TEXT);'
            n=1
            while true; do
              if [ -e /other/stop ]; then touch /other/stopped; usleep 20000; continue; fi
              if sqlite3 /data/db "PRAGMA synchronous=FULL; INSERT OR REPLACE INTO rows VALUES ($n, hex(randomblob(200)));"
              then echo $n >> /other/acknowledged; n=$((n+1))
              else usleep 100000
              fi
            done
        volumeMounts: [{name: rows, mountPath: /data}, {name: other, mountPath: /other}]
        terminationGracePeriodSeconds: 0
      """;

  @Test
  void aDatabaseSurvivesKillsIsRestoredConsistentAndIsFullByItself() throws IOException {
    apply(image());
    apply(DATABASE);
    TestEngine.eventually().until(() -> acknowledged() > 20);

    ENGINE.killEngineProcess("shim");
    ENGINE.killEngineProcess("controller");
    long before = acknowledged();
    TestEngine.eventually().until(() -> acknowledged() > before + 20);
    assertThat(ENGINE.get("container", "db").at("/status/restartCount").asInt()).isZero();
    wholeWith("db", before);

    Path archive = ENGINE.home().resolve("rows.tar.gz");
    long saved = acknowledged();
    apply(
        """
        apiVersion: jctl.dev/v1
        kind: VolumeSnapshot
        metadata: {name: frozen}
        spec: {volume: rows, archive: %s, reclaimPolicy: Delete}
        """
            .formatted(archive));
    long after = acknowledged();
    apply(restored("again", "archive: " + archive));
    wholeWith("again", saved);
    TestEngine.eventually().until(() -> acknowledged() > after + 20);

    apply(
        """
        apiVersion: jctl.dev/v1
        kind: VolumeSnapshot
        metadata: {name: hooked}
        spec:
          volume: rows
          quiesce: None
          reclaimPolicy: Delete
          hook:
            pod: db
            before: [sh, -c, "touch /other/stop; while ! [ -e /other/stopped ]; do usleep 10000; done; sqlite3 /data/db 'PRAGMA wal_checkpoint(TRUNCATE);'"]
            after: [sh, -c, "rm /other/stop /other/stopped"]
        """);
    apply(restored("checkpointed", "snapshot: hooked"));
    wholeWith("checkpointed", after);
    long resumed = acknowledged();
    TestEngine.eventually().until(() -> acknowledged() > resumed + 5);

    String fill = "dd if=/dev/zero of=/data/filler bs=64k; dd if=/dev/zero of=/data/rest bs=1k";
    assertThat(shell("db", fill).err()).contains("No space left on device");
    // in words that depend on the file that it wanted to write at that moment
    String write = "sqlite3 /data/db 'CREATE TABLE more AS SELECT * FROM rows;'";
    assertThat(shell("db", write).code()).as("there is no place for it").isNotZero();
    shell("db", "echo fits > /other/file").ok();
    TestEngine.eventually()
        .until(() -> volume("rows").path("status").toString().contains("\"Full\""));
    long full = acknowledged();
    shell("db", "rm /data/filler /data/rest").ok();
    TestEngine.eventually().until(() -> acknowledged() > full + 5);
    wholeWith("db", full);

    String failing =
        """
        apiVersion: jctl.dev/v1
        kind: VolumeSnapshot
        metadata: {name: refused}
        spec: {volume: rows, hook: {pod: db, before: [sh, -c, "echo no such lock; exit 3"]}}
        """;
    ENGINE.jctl("apply", "-f", ENGINE.file("refused.yaml", failing).toString()).ok();
    TestEngine.eventually()
        .until(
            () ->
                ENGINE
                    .get("volumesnapshot", "refused")
                    .toString()
                    .contains("ended with exit code 3: no such lock"));
  }

  /** In the same engine: the example's commands, and mounts that cannot be made. */
  @Test
  void aPluginKeepsAVolumeAndMountsThatCannotBeMadeSayWhy() throws Exception {
    Path socket =
        Files.createDirectories(ENGINE.data().resolve("volume-plugins"))
            .resolve("directories.sock");
    Path kept = ENGINE.home().resolve("kept");
    Path example = TestEngine.root().resolve("examples/volume-plugin");
    String notes = example.resolve("notes.yaml").toString();
    ENGINE.jctl("apply", "-f", notes).ok();
    TestEngine.eventually()
        .until(() -> volume("notes").toString().contains("volume plug-in directories does not"));
    Process plugin =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                example.resolve("DirectoryPlugin.java").toString(),
                socket.toString(),
                kept.toString())
            .inheritIO()
            .start();
    try {
      ENGINE.jctl("apply", "-f", notes, "--wait", "--timeout=90s").ok();
      assertThat(ENGINE.jctl("exec", "notes", "--", "cat", "/notes/note").ok().out())
          .isEqualTo("written\n");
      assertThat(kept.resolve("default.notes/note")).hasContent("written\n");
      Files.createSymbolicLink(kept.resolve("default.notes/out"), Path.of("/etc"));
      String mount = "{name: v, mountPath: /v}";
      refused("nfs: {server: 127.0.0.1, path: /x}", mount, "NFS client|answers on port");
      refused("hostPath: {path: /does/not/exist}", mount, "/does/not/exist");
      refused(
          "persistentVolumeClaim: {claimName: notes}",
          "{name: v, mountPath: /v, subPath: out}",
          "subPath out");
      ENGINE.jctl("delete", "-f", notes, "--wait", "--timeout=60s").ok();
      assertThat(kept).isEmptyDirectory();
    } finally {
      plugin.destroyForcibly().waitFor();
    }
  }

  private static void refused(String volume, String mount, String message) throws IOException {
    String pod =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: refused}
        spec:
          terminationGracePeriodSeconds: 0
          containers: [{name: c, image: notes-tools, command: [sleep, "1"], volumeMounts: [%s]}]
          volumes: [{name: v, %s}]
        """
            .formatted(mount, volume);
    ENGINE.jctl("apply", "-f", ENGINE.file("pod.yaml", pod).toString()).ok();
    TestEngine.eventually()
        .until(
            () ->
                Pattern.compile(message)
                    .matcher(ENGINE.get("pod", "refused").path("status").toString())
                    .find());
    assertThat(ENGINE.get("container", "notes").at("/status/phase").asText()).isEqualTo("Running");
    ENGINE.jctl("delete", "pod/refused", "--wait", "--timeout=60s").ok();
  }

  private static long acknowledged() {
    try {
      String all = Files.readString(ENGINE.data().resolve("volumes/default.other/acknowledged"));
      // the last line may be only begun
      return all.chars().filter(c -> c == '\n').count();
    } catch (NoSuchFileException none) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Neither damaged nor with a gap, and at least up to there. */
  private static void wholeWith(String container, long row) {
    String said =
        shell(
                container,
                "sqlite3 /data/db 'PRAGMA busy_timeout=5000; PRAGMA integrity_check; SELECT max(n) - count(*), max(n) FROM rows;'")
            .ok()
            .out();
    List<String> lines = said.lines().toList();
    assertThat(lines.get(lines.size() - 2)).as(container).isEqualTo("ok");
    String[] counts = lines.getLast().split("\\|", -1);
    assertThat(counts[0]).as("rows missing in " + container).isEqualTo("0");
    assertThat(Long.parseLong(counts[1])).as(container).isGreaterThanOrEqualTo(row);
  }

  private static String restored(String name, String source) {
    return """
    apiVersion: jctl.dev/v1
    kind: Volume
    metadata: {name: %1$s}
    spec: {source: {%2$s}, reclaimPolicy: Delete}
    ---
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %1$s}
    spec:
      image: sqlite
      command: [sleep, "1000000"]
      volumeMounts: [{name: %1$s, mountPath: /data}]
      terminationGracePeriodSeconds: 0
    """
        .formatted(name, source);
  }

  private static void apply(String manifests) throws IOException {
    Path file = ENGINE.file("one.yaml", manifests);
    ENGINE.jctl("apply", "-f", file.toString(), "--wait", "--timeout=60s").ok();
  }

  private static JsonNode volume(String name) {
    return ENGINE.get("volume", name);
  }

  private static Ran shell(String container, String command) {
    return ENGINE.jctl("exec", container, "--", "sh", "-c", command);
  }
}
