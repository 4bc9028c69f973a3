package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What kubectl says of this engine is what it says of a running kube-apiserver, but for what {@code
 * kubectl/transcript.jsonl} lists as different.
 */
final class KubectlTranscriptPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What no two servers, and no two days, have in common; and how wide a column is. */
  private static final List<Changing> CHANGING =
      List.of(
          new Changing("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
          new Changing("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "TIME"),
          new Changing("\\w{3}, \\d\\d \\w{3} 20\\d\\d \\d\\d:\\d\\d:\\d\\d \\+0000", "TIME"),
          new Changing("([rR]esource ?Version\\\\?\"?: *\\\\?\"?)\\d+", "$1RV"),
          new Changing("\\b10\\.\\d+\\.\\d+\\.\\d+", "IP"),
          new Changing("(?<![\\w.])\\d+[smhdy](\\d+[smhd])?(?=\\s)", "AGE"),
          new Changing("[ \t]+", " "),
          new Changing(" ?\n ?", "\n"));

  private record Changing(String pattern, String name) {}

  @Test
  void saysWhatItSaysOfAKubeApiserver() throws Exception {
    Host.requireKubectl(32);
    Path directory = Files.createDirectories(ENGINE.home().resolve("transcript"));
    Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
    for (JsonNode row : rows()) {
      if (row.has("file")) {
        Files.writeString(directory.resolve(row.path("file").asText()), row.path("text").asText());
      } else {
        groups.computeIfAbsent(row.path("group").asText(), g -> new ArrayList<>()).add(row);
      }
    }
    String kubectl =
        "kubectl --kubeconfig=%s --cache-dir=%s"
            .formatted(
                ENGINE.jctl("kubeconfig").ok().lines().getLast(), directory.resolve("cache"));
    List<Future<List<String>>> compared = new ArrayList<>();
    try (ExecutorService hands = Executors.newFixedThreadPool(groups.size())) {
      groups.forEach(
          (group, rows) ->
              compared.add(hands.submit(() -> differences(kubectl, directory, group, rows))));
    }
    List<String> differences = new ArrayList<>();
    for (Future<List<String>> group : compared) {
      differences.addAll(group.get());
    }
    assertThat(differences).isEmpty();
  }

  private static List<String> differences(
      String kubectl, Path directory, String group, List<JsonNode> rows) {
    String prelude =
        "NS=t-%s; D=%s; k() { %s -n $NS \"$@\"; }\n".formatted(group, directory, kubectl);
    shell(prelude + "k create namespace $NS").ok();
    List<String> differences = new ArrayList<>();
    for (JsonNode row : rows) {
      Ran ran = shell(prelude + row.path("run").asText());
      String ours = normalised((ran.out() + ran.err()).replace(directory.toString(), "$D"));
      String theirs = row.path("says").asText();
      int code = row.path(row.has("ours") ? "ours" : "code").asInt();
      if (ran.code() != code || ours.equals(theirs) == row.has("differs")) {
        differences.add(
            "%s: %s\nexit code %d, expected %d, and said:\n%s\nwhere a kube-apiserver%s says:\n%s"
                .formatted(
                    group,
                    row.path("run").asText(),
                    ran.code(),
                    code,
                    ours,
                    row.has("differs") ? ", not different any more," : "",
                    theirs));
      }
    }
    return differences;
  }

  private static String normalised(String said) {
    String text = said;
    for (Changing changing : CHANGING) {
      text = text.replaceAll(changing.pattern(), changing.name());
    }
    return text.strip();
  }

  private static Ran shell(String script) {
    return ENGINE.start("", List.of("sh", "-c", script)).await(PATIENCE);
  }

  /** All but the first line, which says where they are from. */
  private static List<JsonNode> rows() throws IOException {
    try (var in =
        KubectlTranscriptPrivilegedIT.class.getResourceAsStream("/kubectl/transcript.jsonl")) {
      List<JsonNode> rows = new ArrayList<>();
      for (String line :
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1).toList()) {
        rows.add(JSON.readTree(line));
      }
      return rows;
    }
  }
}
