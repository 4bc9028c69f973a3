package dev.jctl.manifests.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Text that is meant to exhaust memory or the stack, or is plainly broken. */
final class HostileTextTest {
  private static final String VOLUME =
      "apiVersion: jctl.dev/v1\nkind: Volume\nmetadata: {name: v, annotations: {a: b}}\nspec: {}\n";

  @Test
  void refusesAnAliasBombAtTheValueThatIsTooMuch() {
    String bomb =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + IntStream.range(1, 12)
                .mapToObj(i -> "a" + i + ": &a" + i + " [" + aliases(i - 1) + "]\n")
                .collect(Collectors.joining());
    assertThat(errors(VOLUME + bomb)).singleElement().asString().contains("aliases stand for more");
  }

  @Test
  void refusesMergesThatMultiply() {
    String big =
        IntStream.range(0, 2000).mapToObj(i -> "k" + i + ": x").collect(Collectors.joining(", "));
    String bomb =
        "big: &big {"
            + big
            + "}\nall:\n"
            + IntStream.range(0, 2000)
                .mapToObj(i -> "- {<<: *big}\n")
                .collect(Collectors.joining());
    assertThat(errors(VOLUME + bomb))
        .singleElement()
        .asString()
        .contains("\"<<\" merges more than");
  }

  @Test
  void refusesAnAliasWithinItsOwnAnchor() {
    assertThat(errors(VOLUME + "x: &x [*x]\n"))
        .containsExactly("m.yaml:5:8: alias *x names no anchor that is complete before it");
  }

  @Test
  void refusesDeepNestingInYamlAndJson() {
    assertThat(errors(VOLUME + "x: " + "[".repeat(5000) + "]".repeat(5000)))
        .containsExactly("m.yaml:5:103: nested deeper than 100 levels");
    String block =
        IntStream.range(0, 500).mapToObj(i -> " ".repeat(i) + "a:\n").collect(Collectors.joining());
    assertThat(errors(block)).containsExactly("m.yaml:101:101: nested deeper than 100 levels");
    assertThat(errors("{\"x\": " + "[".repeat(5000) + "]".repeat(5000) + "}"))
        .singleElement()
        .asString()
        .contains("nested deeper than 100 levels");
  }

  @Test
  void refusesLargeText() {
    assertThat(errors("#" + "x".repeat(Limits.MAX_CHARS)))
        .singleElement()
        .asString()
        .startsWith("m.yaml:1:1: larger than");
  }

  @Test
  void boundsTheNumberOfErrors() {
    String unknown =
        IntStream.range(0, 5000).mapToObj(i -> "x" + i + ": 1\n").collect(Collectors.joining());
    assertThat(errors(VOLUME + unknown)).hasSize(101).last().isEqualTo("and 4900 more errors");
    String broken = "--- [\n".repeat(2000);
    assertThat(errors(broken).size()).isBetween(2, 101);
  }

  @Test
  void endsWithDocumentsOrErrorsWhateverTheText() {
    long seed = 20_260_131;
    Random random = new Random(seed);
    String pieces =
        VOLUME + "&a *a << !! | > ? - : # % @ ` ' \" \\ \t \n\n--- ...\u0000\uFEFF\u2028{}[],";
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(VOLUME);
      for (int edits = 1 + random.nextInt(6); edits > 0; edits--) {
        int from = random.nextInt(pieces.length());
        String piece =
            pieces.substring(from, Math.min(pieces.length(), from + 1 + random.nextInt(4)));
        int at = random.nextInt(text.length());
        text.replace(at, Math.min(text.length(), at + random.nextInt(3)), piece);
      }
      try {
        ManifestReader.read("m.yaml", text.toString());
      } catch (ManifestException e) {
        assertThat(e.errors())
            .as("seed %s, text %s", seed, text)
            .isNotEmpty()
            .allSatisfy(line -> assertThat(line).matches("(?s)m\\.yaml:[1-9]\\d*:[1-9]\\d*: .+"));
      }
    }
  }

  @Test
  void reportsTheErrorsOfAllTextsAndReadsNothingThen() {
    List<ManifestReader.Source> sources =
        List.of(
            new ManifestReader.Source("a.yaml", VOLUME),
            new ManifestReader.Source("b.yaml", "kind: Volume\n"),
            new ManifestReader.Source("c.yaml", "x: [\n"));
    ManifestException e =
        catchThrowableOfType(ManifestException.class, () -> ManifestReader.readAll(sources));
    assertThat(e.errors())
        .hasSize(2)
        .satisfies(l -> assertThat(l.get(0)).startsWith("b.yaml:1:1: apiVersion: "))
        .satisfies(l -> assertThat(l.get(1)).startsWith("c.yaml:2:1: not valid YAML"));
  }

  private static String aliases(int of) {
    return IntStream.range(0, 10).mapToObj(i -> "*a" + of).collect(Collectors.joining(", "));
  }

  private static List<String> errors(String text) {
    return catchThrowableOfType(ManifestException.class, () -> ManifestReader.read("m.yaml", text))
        .errors();
  }
}
