package dev.jctl.images.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShellWordsTest {
  private static final Map<String, String> VALUES =
      Map.of("A", "one", "E", "", "P", "a/b/a.tar.gz", "S", "two words");

  private static String expand(String text) {
    return ShellWords.expand(text, '\\', VALUES::get);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "$A-x          | one-x",
        "${A}x         | onex",
        "$Ax           | ``",
        "\"$A b\"      | one b",
        "'$A'          | $A",
        "\\$A          | $A",
        "\"\\$A \\n\"  | $A \\n",
        "${U:-w}       | w",
        "${E:-w}       | w",
        "${E-w}        | ``",
        "${A:+w}       | w",
        "${E:+w}       | ``",
        "${U:-$A}      | one",
        "${P##*/}      | a.tar.gz",
        "${P#*/}       | b/a.tar.gz",
        "${P%.*}       | a/b/a.tar",
        "${P%%.*}      | a/b/a",
        "${P/a/x}      | x/b/a.tar.gz",
        "${P//a/x}     | x/b/x.txr.gz",
        "$             | $",
        "a$(b)         | a$(b)",
      })
  void replacesVariablesAndRemovesQuotes(String text, String expected) {
    assertThat(expand(text)).isEqualTo(expected);
  }

  @Test
  void refusesWhatHasNoEnd() {
    assertThatIllegalArgumentException().isThrownBy(() -> expand("'a"));
    assertThatIllegalArgumentException().isThrownBy(() -> expand("\"a"));
    assertThatIllegalArgumentException().isThrownBy(() -> expand("${A"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> expand("${U:?is needed}"))
        .withMessage("U: is needed");
  }

  @Test
  void keepsQuotesInDocuments() {
    assertThat(ShellWords.expandDocument("\"$A\" '$A' \\$A", '\\', VALUES::get))
        .isEqualTo("\"one\" 'one' $A");
  }
}
