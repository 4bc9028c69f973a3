package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every command of a {@code sh} block in the README and in those of the examples, one after the
 * other as a reader would type them, on copies of the examples. Only {@code bin/test} is left out,
 * which runs this test.
 */
final class DocumentedCommandsPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private record Line(String document, String text) {}

  @TestFactory
  Stream<DynamicTest> everyDocumentedCommandWorks() throws IOException {
    List<Line> lines = new ArrayList<>(commands("README.md"));
    Map<String, Example> examples = new LinkedHashMap<>();
    for (String name :
        List.of("hello", "web", "pod", "config", "names", "service", "build", "backup", "gitops")) {
      lines.addAll(commands("examples/" + name + "/README.md"));
      examples.put(name, ENGINE.example(name));
    }
    Typing typing = new Typing(examples);
    return lines.stream()
        .filter(l -> !l.text.startsWith("bin/test"))
        .map(l -> DynamicTest.dynamicTest(l.document + ": " + l.text, () -> typing.run(l.text)));
  }

  private static List<Line> commands(String document) throws IOException {
    List<Line> found = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(TestEngine.root().resolve(document))) {
      if (line.startsWith("```")) {
        inside = line.equals("```sh");
      } else if (inside && !line.isBlank()) {
        found.add(new Line(document, line.replaceFirst("\\s+#.*", "")));
      }
    }
    assertThat(found).as("commands of %s", document).isNotEmpty();
    return found;
  }

  /** Runs what was typed, on the copies. */
  private record Typing(Map<String, Example> examples) {
    void run(String line) throws IOException, InterruptedException {
      String onCopies = line;
      for (Map.Entry<String, Example> example : examples.entrySet()) {
        onCopies = onCopies.replace("examples/" + example.getKey(), example.getValue().path());
      }
      String command =
          onCopies
              .replace("git -C", "git -c user.name=T -c user.email=t@example.org -C")
              .replace("/srv/machine", ENGINE.home().resolve("machine").toString())
              .replace("8080", Integer.toString(port()))
              .replaceFirst("(^|\\(|\\| )bin/jctl", "$1" + TestEngine.root().resolve("bin/jctl"));
      if (line.contains("kubectl ")) {
        Host.requireKubectl();
      }
      if (line.contains("logs -f")) {
        follow(command);
      } else if (line.contains("exec -it")) {
        enterAndLeave(command);
      } else if (line.endsWith("--tail=3") || line.contains("wget")) {
        // the first attempt may come before the server listens, or before all know who serves
        TestEngine.eventually().untilAsserted(() -> check(line, ran(command)));
      } else {
        check(line, ran(command));
      }
    }

    private static Ran ran(String command) {
      return ENGINE.start("", List.of("sh", "-c", command)).await(TestEngine.PATIENCE).ok();
    }

    private int port() {
      return Objects.requireNonNull(examples.get("web")).port();
    }

    private static void follow(String command) {
      try (Subprocess following = ENGINE.start("", List.of("sh", "-c", "exec " + command))) {
        TestEngine.eventually().until(() -> !following.out().isEmpty());
        following.signal("INT");
      }
    }

    private static void enterAndLeave(String command) throws IOException, InterruptedException {
      Path home = ENGINE.home();
      try (TypedTerminal shell = TypedTerminal.start(24, 80, command, home, ENGINE.environment())) {
        shell.awaitText("/ # ");
        shell.type("exit\r");
        shell.end().ok();
      }
    }

    /** What the text around a command promises. */
    private static void check(String line, Ran ran) {
      if (line.startsWith("curl")) {
        assertThat(ran.out()).contains("<h1>It runs</h1>");
      } else if (line.endsWith("pair -c client --tail=3")) {
        assertThat(ran.lines()).isNotEmpty().allMatch(l -> l.contains("prepared by the init"));
      } else if (line.equals("bin/jctl apply -f examples/web")) {
        assertThat(ran.lines()).isNotEmpty().allMatch(l -> l.endsWith(" unchanged"));
      }
    }
  }
}
