package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * All of kubectl's commands that work with this engine, by an unmodified kubectl of today and by
 * Debian's, which is of 2020. The table of them is {@code kubectl/commands.txt}.
 */
final class KubectlCommandsPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int SIDE_BY_SIDE = 4;
  private static final Pattern GROUP = Pattern.compile("== (\\w+)");
  private static final Pattern LINE =
      Pattern.compile(
          "(?:(?<only>\\d\\d): )?(?:!(?<code>\\d+) )?(?<script>.*?)(?: ==>(?<output>.*))?");

  private static final String BOX =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: box}
      spec:
        files:
        - {path: /bin/busybox, hostPath: /bin/busybox, mode: 0755}
        - {path: /bin/sh, link: busybox}
        - {path: /bin/sleep, link: busybox}
        - {path: /bin/cat, link: busybox}
        - {path: /bin/tar, link: busybox}
        - {path: /bin/ps, link: busybox}
        - {path: /bin/nc, link: busybox}
        - {path: /tmp, directory: true, mode: 01777}
        config: {env: ["PATH=/bin"]}
      """;

  private static final Map<String, String> FILES =
      Map.of(
          "cm.yaml",
          """
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: one, labels: {set: t}}
          data: {a: "1", b: "2"}
          """,
          "cm-9.yaml",
          """
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: one, labels: {set: t}}
          data: {a: "9", b: "2"}
          """,
          "wrong.yaml",
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: wrong}
          spec: {containers: [{name: a, image: box, comand: [x]}]}
          """,
          "ctr.yaml",
          """
          apiVersion: jctl.dev/v1
          kind: Container
          metadata: {name: c}
          spec: {image: none, command: [sleep, "1000"]}
          """,
          "box.yaml",
          BOX,
          "pod.yaml",
          BOX
              + """
              ---
              apiVersion: v1
              kind: Pod
              metadata: {name: p}
              spec:
                terminationGracePeriodSeconds: 0
                containers: [{name: main, image: box, command: [sleep, "1000"]}]
              """,
          "deployment.yaml",
          """
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: d}
          spec:
            selector: {matchLabels: {app: d}}
            template:
              metadata: {labels: {app: d}}
              spec:
                terminationGracePeriodSeconds: 0
                containers: [{name: c, image: box, command: [sleep, "1000"]}]
          """,
          "edit.sh",
          "#!/bin/sh\nsed -i 's/b: \"2\"/b: edited/' \"$1\"\n",
          // the first time only: kubectl opens what is wrong once more, and unchanged ends it
          "break.sh",
          "#!/bin/sh\nsed -i 's/^data:$/data: 7/' \"$1\"\n");

  private record Client(String program, String version) {}

  private record Command(String only, int exitCode, String script, String output) {}

  @Test
  void todaysDoesAllOfThem() throws Exception {
    Host.requireKubectl();
    run(new Client("kubectl", "32"));
  }

  @Test
  void debiansDoesAllThatItKnows(@TempDir Path directory) throws Exception {
    run(new Client(Host.debianKubectl(directory).toString(), "20"));
  }

  private static void run(Client client) throws Exception {
    Path directory = Files.createDirectories(ENGINE.home().resolve("commands-" + client.version()));
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = Files.writeString(directory.resolve(file.getKey()), file.getValue());
      assertThat(!file.getKey().endsWith(".sh") || path.toFile().setExecutable(true)).isTrue();
    }
    String kubectl =
        client.program()
            + " --kubeconfig="
            + ENGINE.jctl("kubeconfig").ok().lines().getLast()
            + " --cache-dir="
            + directory.resolve("cache");
    List<Future<List<String>>> groups = new ArrayList<>();
    try (ExecutorService hands = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
      table()
          .forEach(
              (group, commands) ->
                  groups.add(
                      hands.submit(() -> failures(client, kubectl, directory, group, commands))));
    }
    List<String> failures = new ArrayList<>();
    for (Future<List<String>> group : groups) {
      failures.addAll(group.get());
    }
    assertThat(failures).isEmpty();
  }

  private static List<String> failures(
      Client client, String kubectl, Path directory, String group, List<Command> commands) {
    String namespace = group + client.version();
    String prelude =
        "K='%s'; NS=%s; D=%s; k() { $K -n $NS \"$@\"; }\n".formatted(kubectl, namespace, directory);
    List<String> failures = new ArrayList<>();
    shell(prelude + "k create namespace $NS").ok();
    for (Command command : commands) {
      if (command.only().isEmpty() || command.only().equals(client.version())) {
        Ran ran = shell(prelude + command.script());
        String said = ran.out() + ran.err();
        boolean told = Pattern.compile(command.output()).matcher(said).find();
        if (ran.code() != command.exitCode() || !told) {
          failures.add(
              "%s: %s\nexit code %d, expected %d and /%s/\n%s"
                  .formatted(
                      group,
                      command.script(),
                      ran.code(),
                      command.exitCode(),
                      command.output(),
                      said));
        }
      }
    }
    shell(prelude + "k delete namespace $NS --timeout=60s").ok();
    return failures;
  }

  private static Ran shell(String script) {
    return ENGINE.start("", List.of("sh", "-c", script)).await(PATIENCE);
  }

  private static Map<String, List<Command>> table() throws IOException {
    Map<String, List<Command>> table = new LinkedHashMap<>();
    List<Command> group = new ArrayList<>();
    for (String line : lines()) {
      var head = GROUP.matcher(line);
      var command = LINE.matcher(line);
      if (head.matches()) {
        group = new ArrayList<>();
        table.put(head.group(1), group);
      } else if (!line.isBlank() && !line.startsWith("#") && command.matches()) {
        group.add(
            new Command(
                text(command.group("only")),
                Integer.parseInt("0" + text(command.group("code"))),
                command.group("script"),
                text(command.group("output")).strip()));
      }
    }
    return table;
  }

  private static String text(String group) {
    return group == null ? "" : group;
  }

  private static List<String> lines() throws IOException {
    try (var in = KubectlCommandsPrivilegedIT.class.getResourceAsStream("/kubectl/commands.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
