package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.RuntimeFailure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvocationTest {
  private static Invocation of(String line) {
    return Invocation.parse(List.of(line.split(" ", -1)));
  }

  @Test
  void optionsStandBeforeAndBehindTheirCommand() {
    Invocation create =
        of("--root /r --log=/l --systemd-cgroup create --bundle /b --pid-file=/p c1");
    assertThat(create.command()).isEqualTo("create");
    assertThat(create.value("root")).contains("/r");
    assertThat(create.value("log")).contains("/l");
    assertThat(create.has("systemd-cgroup")).isTrue();
    assertThat(create.value("bundle")).contains("/b");
    assertThat(create.value("pid-file")).contains("/p");
    assertThat(create.arguments()).containsExactly("c1");
    assertThat(of("delete c1 --force").has("force")).isTrue();
  }

  @Test
  void whatIsBehindAnIdIsACommandWithOptionsOfItsOwn() {
    Invocation exec = of("exec -t -e A=1 --env B=2 -u 7:8 c1 ls -l --all");
    assertThat(exec.has("tty")).isTrue();
    assertThat(exec.values("env")).containsExactly("A=1", "B=2");
    assertThat(exec.value("user")).contains("7:8");
    assertThat(exec.arguments()).containsExactly("c1", "ls", "-l", "--all");
    assertThat(of("ps c1 -e -x").arguments()).containsExactly("c1", "-e", "-x");
  }

  @Test
  void aLetterMeansWhatItMeansToItsCommand() {
    assertThat(of("delete -f c1").has("force")).isTrue();
    assertThat(of("list -f json").value("format")).contains("json");
    assertThat(of("run -d -b /b c1").has("detach")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"100ms,100", "1s,1000", "5,5000", "2m,120000"})
  void timesHaveUnits(String text, long millis) {
    assertThat(Invocation.parse(List.of("events", "--interval", text, "c")).duration("interval"))
        .contains(Duration.ofMillis(millis));
  }

  @Test
  void whatIsNotKnownIsNamed() {
    assertThatThrownBy(() -> of("--frob list"))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessage("jshim: there is no option --frob");
    assertThatThrownBy(() -> of("frob")).hasMessageContaining("no command \"frob\"");
    assertThatThrownBy(() -> of("start --force c1")).hasMessageContaining("--force");
    assertThatThrownBy(() -> of("create --bundle")).hasMessageContaining("needs a value");
    assertThatThrownBy(() -> of("state").argument(0, "container's id"))
        .hasMessageContaining("container's id is missing");
  }
}
