package dev.jctl.cli.args;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArgumentsTest {
  private static final Option NAMESPACE = Option.value("NAME", "", "--namespace", "-n");
  private static final Option STDIN = Option.flag("", "--stdin", "-i");
  private static final Option TTY = Option.flag("", "--tty", "-t");
  private static final Option DRY_RUN = Option.optionalValue("MODE", "", "--dry-run");
  private static final List<Option> ALL = List.of(NAMESPACE, STDIN, TTY, DRY_RUN);

  private static Arguments parse(String line) {
    return Arguments.parse(List.of(line.split(" ", -1)), ALL);
  }

  @Test
  void optionsMayStandAnywhereBeforeTheDashes() {
    Arguments a = parse("-it web -n prod x -- sh -n -c");
    assertThat(a.operands()).containsExactly("web", "x");
    assertThat(a.rest()).containsExactly("sh", "-n", "-c");
    assertThat(a.is(STDIN) && a.is(TTY)).isTrue();
    assertThat(a.value(NAMESPACE)).contains("prod");
  }

  @Test
  void aValueMayBeGivenInEveryFormThatKubectlTakes() {
    for (String form : List.of("--namespace=a", "--namespace a", "-n a", "-na", "-n=a", "-in=a")) {
      assertThat(parse(form).value(NAMESPACE)).as(form).contains("a");
    }
  }

  @Test
  void aFlagCanBeTakenBack() {
    assertThat(parse("--stdin --stdin=false").is(STDIN)).isFalse();
    assertThat(parse("x").is(STDIN, true)).isTrue();
  }

  @Test
  void anOptionalValueNeverTakesTheNextWord() {
    Arguments a = parse("--dry-run server");
    assertThat(a.value(DRY_RUN)).contains("");
    assertThat(a.operands()).containsExactly("server");
  }

  @Test
  void whatIsNotKnownIsRefused() {
    assertThatThrownBy(() -> parse("--nope")).hasMessage("unknown flag: --nope");
    assertThatThrownBy(() -> parse("-x")).hasMessage("unknown shorthand flag: -x");
    assertThatThrownBy(() -> parse("-n")).hasMessage("flag needs an argument: -n");
    assertThatThrownBy(() -> parse("--stdin=maybe").is(STDIN)).isInstanceOf(UsageException.class);
  }
}
