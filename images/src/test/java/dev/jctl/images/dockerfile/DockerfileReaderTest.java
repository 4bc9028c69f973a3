package dev.jctl.images.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.dockerfile.Instruction.CopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DockerfileReaderTest {
  private static List<Instruction> instructions(String text) {
    return DockerfileReader.read("Dockerfile", "FROM scratch\n" + text)
        .stages()
        .getFirst()
        .instructions();
  }

  private static Instruction only(String text) {
    List<Instruction> all = instructions(text);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void readsStagesWithTheirNamesAndArgumentsBeforeThem() {
    Dockerfile file =
        DockerfileReader.read(
            "Dockerfile",
            """
            # syntax=docker/dockerfile:1
            ARG BASE=debian
            from ${BASE}:12 as Build
            RUN make
            FROM scratch
            COPY --from=build /a /b
            """);
    assertThat(file.globals()).hasSize(1);
    assertThat(file.stages()).extracting(Dockerfile.Stage::name).containsExactly("build", null);
    assertThat(file.stages().getFirst().from()).isEqualTo("${BASE}:12");
    assertThat(file.stages().get(1).at()).hasToString("Dockerfile:5");
  }

  @Test
  void joinsLinesAndPassesOverCommentsBetweenThem() {
    Instruction.Run run =
        (Instruction.Run)
            only(
                """
                RUN echo a \\
                  # a remark

                  && echo b
                """);
    assertThat(run.command()).isEqualTo(new Command.Shell("echo a   && echo b"));
    assertThat(run.at().line()).isEqualTo(2);
  }

  @Test
  void takesAnotherEscapeCharacterFromItsDirective() {
    Dockerfile file =
        DockerfileReader.read("Dockerfile", "# escape=`\nFROM scratch\nRUN a `\n b\\\nCMD x\n");
    assertThat(file.stages().getFirst().instructions()).hasSize(2);
  }

  @Test
  void readsJsonAsItIsAndAnythingElseForTheShell() {
    assertThat(((Instruction.Cmd) only("CMD [\"a\", \"b c\"]")).command())
        .isEqualTo(new Command.Exec(List.of("a", "b c")));
    assertThat(((Instruction.Cmd) only("CMD [a, b]")).command())
        .isEqualTo(new Command.Shell("[a, b]"));
  }

  @Test
  void readsDocumentsThatStandInTheFile() {
    assertThat(((Instruction.Run) only("RUN <<EOF\nset -e\nmake\nEOF\n")).command())
        .isEqualTo(new Command.Shell("set -e\nmake\n"));
    assertThat(((Instruction.Run) only("RUN <<-EOF\n\t#!/bin/cat\n\thi\nEOF\n")).command())
        .isEqualTo(new Command.Script("#!/bin/cat\nhi\n"));
    assertThat(((Instruction.Run) only("RUN cat <<EOF >/x\nhi\nEOF\n")).command())
        .isEqualTo(new Command.Shell("cat <<EOF >/x\nhi\nEOF\n"));
  }

  @Test
  void readsFilesOfACopyThatStandInTheFile() {
    Instruction.Copy copy =
        (Instruction.Copy) only("COPY --chown=1:2 <<a.txt <<'b.txt' /dir/\n$X\na.txt\n$Y\nb.txt\n");
    assertThat(copy.inline())
        .containsExactly(new Heredoc("a.txt", true, "$X\n"), new Heredoc("b.txt", false, "$Y\n"));
    assertThat(copy.sources()).isEmpty();
    assertThat(copy.destination()).isEqualTo("/dir/");
    assertThat(copy.chown()).isEqualTo("1:2");
  }

  @Test
  void knowsTheFlagsOfCopyAndAdd() {
    Instruction.Copy copy =
        (Instruction.Copy) only("COPY --from=x --link --exclude=*.o --exclude=a src dst");
    assertThat(copy.options()).containsExactly(CopyOption.LINK);
    assertThat(copy.excludes()).containsExactly("*.o", "a");
    assertThat(((Instruction.Copy) only("ADD a.tar /")).options())
        .containsExactly(CopyOption.UNPACK);
  }

  @Test
  void readsSettingsInBothForms() {
    assertThat(((Instruction.Env) only("ENV A=1 B=\"two words\" C=x\\ y")).settings())
        .extracting(Instruction.Setting::value)
        .containsExactly("1", "\"two words\"", "x\\ y");
    assertThat(((Instruction.Env) only("ENV A one two")).settings())
        .containsExactly(new Instruction.Setting("A", "one two"));
  }

  @Test
  void readsAHealthCheck() {
    Instruction.HealthCheck check =
        (Instruction.HealthCheck)
            only("HEALTHCHECK --interval=1m30s --retries=3 CMD [\"/ok\", \"-q\"]");
    assertThat(check.nanos().interval()).isEqualTo(90_000_000_000L);
    assertThat(check.retries()).isEqualTo(3);
    assertThat(check.command()).isEqualTo(new Command.Exec(List.of("/ok", "-q")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RUN        | Dockerfile:2: RUN: expected a command",
        "COPY a     | Dockerfile:2: COPY: expected SOURCE... DESTINATION",
        "RUNN x     | Dockerfile:2: there is no instruction RUNN",
        "COPY --of=x a b | Dockerfile:2: COPY: unknown flag --of; it has --from,",
        "ENV A      | Dockerfile:2: ENV: expected NAME=value",
        "FROM a b   | Dockerfile:2: FROM: expected IMAGE or IMAGE AS NAME",
        "ONBUILD FROM x | Dockerfile:2: ONBUILD: FROM may not be a trigger",
        "RUN <<EOF  | Dockerfile:2: the document <<EOF has no end",
        "HEALTHCHECK --interval=soon CMD x | Dockerfile:2: HEALTHCHECK: --interval is a duration",
      })
  void saysWhereAMistakeIs(String line, String message) {
    assertThatThrownBy(() -> instructions(line + "\n")).hasMessageStartingWith(message);
  }

  @Test
  void wantsAFrom() {
    assertThatExceptionOfType(DockerfileException.class)
        .isThrownBy(() -> DockerfileReader.read("Dockerfile", "# nothing\n"))
        .withMessageStartingWith("Dockerfile: there is no FROM");
    assertThatExceptionOfType(DockerfileException.class)
        .isThrownBy(() -> DockerfileReader.read("Dockerfile", "RUN x\nFROM y\n"))
        .withMessageStartingWith("Dockerfile:1: RUN: only ARG may stand before");
  }
}
