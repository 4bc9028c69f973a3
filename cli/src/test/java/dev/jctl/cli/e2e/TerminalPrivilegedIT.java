package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person at a terminal does with a running container. */
final class TerminalPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  @BeforeAll
  static void apply() throws IOException {
    String web = ENGINE.example("web").path();
    ENGINE.jctl("apply", "-f", web, "--wait", "--timeout=60s").ok();
  }

  @Test
  void aShellInAContainerIsAUsableTerminal() throws IOException, InterruptedException {
    String command = String.join(" ", TestEngine.command("exec", "-it", "web", "--", "sh"));
    try (TypedTerminal terminal =
        TypedTerminal.start(30, 77, command, ENGINE.home(), ENGINE.environment())) {
      terminal.awaitText("/ # ");
      terminal.type("busybox stty size\r");
      terminal.awaitText("30 77");
      terminal.type("busybox tty; echo type-$TERM; echo reopened >$(busybox tty)\r");
      terminal.awaitText("/dev/pts/0");
      terminal.awaitText("type-xterm");
      terminal.awaitText("\nreopened");

      terminal.resize(41, 99);
      TestEngine.eventually()
          .until(
              () -> {
                terminal.type("busybox stty size\r");
                return terminal.screen().contains("41 99");
              });

      terminal.type("sleep 1000\r");
      TestEngine.eventually()
          .until(
              () -> ENGINE.traces().processes().stream().anyMatch(p -> p.contains("sleep 1000")));
      terminal.type("\u0003");
      terminal.type("echo after-$?\r");
      terminal.awaitText("after-130");

      terminal.type("exit 7\r");
      terminal.end().exits(7);
    }
    assertThat(ENGINE.traces().processes()).noneMatch(p -> p.contains("sleep 1000"));
  }

  @Test
  void aCommandWithoutATerminalReadsItsInputAndKeepsItsOutputsApart() {
    Ran ran =
        ENGINE.jctlWithInput(
            "typed\n", "exec", "-i", "web", "--", "sh", "-c", "cat; echo wrong >&2; exit 3");
    ran.exits(3);
    assertThat(ran.out()).isEqualTo("typed\n");
    assertThat(ran.err()).startsWith("wrong\n");
  }

  @Test
  void aCommandThatIsNotThereIsNamed() {
    Ran ran = ENGINE.jctl("exec", "web", "--", "nosuch");
    assertThat(ran.code()).isIn(126, 127);
    assertThat(ran.err()).contains("nosuch");
  }

  @Test
  void logsGoOnAcrossARestart() {
    try (Subprocess logs = ENGINE.spawn("logs", "-f", "writer")) {
      TestEngine.eventually().until(() -> logs.out().lines().count() > 1);
      int last = wrote(logs.out()).getLast();
      ENGINE.kill(ENGINE.pid("writer"));
      TestEngine.eventually().until(() -> wrote(logs.out()).getLast() > last + 2);
      assertThat(wrote(logs.out())).doesNotHaveDuplicates().isSorted();
      assertThat(logs.running()).isTrue();
      logs.signal("INT");
    }
    assertThat(ENGINE.get("pod", "writer").at("/status/containerStatuses/0/restartCount").asInt())
        .isEqualTo(1);
    assertThat(ENGINE.jctl("logs", "--previous", "writer").ok().lines().getFirst())
        .isEqualTo("wrote 1");
    assertThat(ENGINE.jctl("logs", "--tail=1", "writer").ok().lines()).hasSize(1);
  }

  private static List<Integer> wrote(String log) {
    return Pattern.compile("wrote (\\d+)\n")
        .matcher(log)
        .results()
        .map(m -> Integer.valueOf(m.group(1)))
        .toList();
  }
}
