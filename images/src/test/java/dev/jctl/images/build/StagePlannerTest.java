package dev.jctl.images.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.build.BuildStep.Download;
import dev.jctl.images.build.BuildStep.Download.Repository.KeepGit;
import dev.jctl.images.dockerfile.Dockerfile;
import dev.jctl.images.dockerfile.DockerfileReader;
import dev.jctl.images.oci.ConfigDraft;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StagePlannerTest {
  private static List<BuildStep> plan(String text, ConfigDraft base, Map<String, String> given) {
    Dockerfile file = DockerfileReader.read("Dockerfile", text);
    return StagePlanner.plan(file, file.stages().getLast(), base, given);
  }

  private static List<BuildStep> plan(String text) {
    return plan("FROM scratch\n" + text, ConfigDraft.EMPTY, Map.of());
  }

  private static BuildStep.Run run(List<BuildStep> steps) {
    return (BuildStep.Run) steps.getLast();
  }

  @Test
  void aRunSeesArgumentsFromTheirLineOnAndVariablesBeforeThem() {
    List<BuildStep> steps =
        plan(
            """
            RUN first
            ARG A=from-arg
            ARG B=$A-x
            ENV A=from-env
            RUN second
            """);
    assertThat(((BuildStep.Run) steps.getFirst()).env()).containsOnlyKeys("PATH");
    assertThat(run(steps).env())
        .containsEntry("A", "from-env")
        .containsEntry("B", "from-arg-x")
        .containsKey("PATH");
    assertThat(run(steps).after().env()).containsOnlyKeys("A");
  }

  @Test
  void givenValuesWinOverDefaultsAndGlobalsMustBeDeclaredAgain() {
    String text = "ARG V=1 W=2\nFROM scratch\nARG V\nENV SEEN=$V-$W\nRUN x\n";
    assertThat(run(plan(text, ConfigDraft.EMPTY, Map.of())).env()).containsEntry("SEEN", "1-");
    assertThat(run(plan(text, ConfigDraft.EMPTY, Map.of("V", "9"))).env())
        .containsEntry("SEEN", "9-");
  }

  @Test
  void proxiesAreSeenByARunWithoutATrace() {
    BuildStep.Run run =
        run(plan("FROM scratch\nRUN x\n", ConfigDraft.EMPTY, Map.of("http_proxy", "http://p")));
    assertThat(run.env()).containsEntry("http_proxy", "http://p");
    assertThat(run.keyEnv()).doesNotContainKey("http_proxy");
  }

  @Test
  void valuesOfOneLineDoNotSeeEachOther() {
    assertThat(run(plan("ENV A=1\nENV A=2 B=$A\nRUN x\n")).env()).containsEntry("B", "1");
  }

  @Test
  void aWorkingDirectoryIsTakenRelativeToTheOneBefore() {
    List<BuildStep> steps = plan("WORKDIR /a\nWORKDIR b/../c\nRUN x\n");
    assertThat(run(steps).workingDir()).isEqualTo("/a/c");
    assertThat(steps.get(1)).isInstanceOf(BuildStep.Directory.class);
  }

  @Test
  void theShellIsTheOneThatWasSet() {
    assertThat(run(plan("SHELL [\"/bin/bash\", \"-ec\"]\nRUN a | b\n")).arguments())
        .containsExactly("/bin/bash", "-ec", "a | b");
    assertThat(run(plan("RUN [\"/a\", \"$B\"]\n")).arguments()).containsExactly("/a", "$B");
  }

  @Test
  void copiesGoBelowTheWorkingDirectoryAndTheRootIsNotLeft() {
    List<BuildStep> steps = plan("WORKDIR /w\nCOPY a b/\nCOPY a ../../../x\nCOPY a .\n");
    assertThat(steps.subList(1, 4))
        .extracting(step -> ((BuildStep.Copy) step).destination())
        .containsExactly("/w/b/", "/x", "/w/");
  }

  @Test
  void triggersOfTheBaseImageComeFirstAndAreNotPassedOn() {
    ConfigDraft base =
        plan("FROM scratch\nONBUILD RUN [\"/trigger\"]\n", ConfigDraft.EMPTY, Map.of())
            .getLast()
            .after();
    assertThat(base.texts("OnBuild")).containsExactly("RUN [\"/trigger\"]");
    List<BuildStep> steps = plan("FROM base\nRUN [\"/own\"]\n", base, Map.of());
    assertThat(((BuildStep.Run) steps.getFirst()).arguments()).containsExactly("/trigger");
    assertThat(steps.getLast().after().texts("OnBuild")).isEmpty();
  }

  @Test
  void anEntryPointTakesTheBaseImagesCommandAwayButNotItsOwn() {
    ConfigDraft base = ConfigDraft.EMPTY.withTexts("Cmd", List.of("old"));
    assertThat(plan("FROM x\nENTRYPOINT [\"/e\"]\n", base, Map.of()).getLast().after().texts("Cmd"))
        .isEmpty();
    assertThat(
            plan("FROM x\nCMD [\"new\"]\nENTRYPOINT [\"/e\"]\n", base, Map.of())
                .getLast()
                .after()
                .texts("Cmd"))
        .containsExactly("new");
  }

  @Test
  void readsMounts() {
    BuildStep.Run run =
        run(
            plan(
                """
                WORKDIR /w
                RUN --mount=type=cache,target=c,id=x --mount=type=bind,from=b,src=/s,dst=/t \\
                  --mount=type=secret,id=token --mount=type=tmpfs,target=/tmp,size=64m make
                """));
    assertThat(run.mounts())
        .containsExactly(
            new RunMount.Cache("/w/c", "x", RunMount.Cache.Sharing.SHARED, false, 0755, 0, 0),
            new RunMount.Bind("/t", "b", "/s", RunMount.Bind.Writes.REFUSED),
            new RunMount.Secret("/run/secrets/token", "token", false, 0400),
            new RunMount.Tmpfs("/tmp", 64L << 20));
  }

  @Test
  void saysWhichLineHasABadMountOrPort() {
    assertThatThrownBy(() -> plan("RUN --mount=type=pipe x\n"))
        .hasMessageStartingWith("Dockerfile:2: RUN --mount: type is bind, cache, tmpfs or secret");
    assertThatThrownBy(() -> plan("EXPOSE http\n"))
        .hasMessageStartingWith("Dockerfile:2: EXPOSE: expected PORT");
  }

  @Test
  void onlyNeededStagesAreMade() {
    Dockerfile file =
        DockerfileReader.read(
            "Dockerfile",
            """
            FROM scratch AS a
            FROM scratch AS unused
            FROM a AS b
            RUN --mount=from=0,target=/x y
            FROM scratch
            COPY --from=b /x /x
            FROM scratch AS after
            """);
    StageGraph graph = new StageGraph(file, Map.of(), Set.of());
    assertThat(graph.needed("3")).containsExactly(0, 2, 3);
    assertThat(graph.needed(null)).containsExactly(4);
    assertThatThrownBy(() -> graph.needed("nowhere"))
        .hasMessage("Dockerfile: there is no stage nowhere");
  }

  @Test
  void aContextCountsBeforeAStageOfItsName() {
    Dockerfile file =
        DockerfileReader.read(
            "Dockerfile", "FROM scratch AS a\nFROM A AS b\nFROM b\nCOPY --from=a x x\n");
    assertThat(new StageGraph(file, Map.of(), Set.of("a")).needed(null)).containsExactly(1, 2);
    assertThat(new StageGraph(file, Map.of(), Set.of("b")).needed(null)).containsExactly(0, 2);
    assertThat(new StageGraph(file, Map.of(), Set.of("b")).needed("b")).containsExactly(0, 1);
  }

  @Test
  void aKeyHangsOnWhatIsThereBeforeAndOnEveryWord() {
    BuildStep.Run one = run(plan("RUN make\n"));
    BuildStep.Run other = run(plan("ENV A=1\nRUN make\n"));
    List<String> none = List.of();
    assertThat(StepKey.run(one, List.of("sha256:1"), none))
        .isEqualTo(StepKey.run(one, List.of("sha256:1"), none))
        .isNotEqualTo(StepKey.run(one, List.of("sha256:2"), none))
        .isNotEqualTo(StepKey.run(other, List.of("sha256:1"), none));
  }

  @Test
  void filesOfWebServersAreTakenByAdd() {
    String digest = "sha256:" + "a".repeat(64);
    BuildStep.Copy add =
        (BuildStep.Copy)
            plan("ARG V=1\nADD --checksum=" + digest + " https://r.example/t-$V.tar?x=y /opt/\n")
                .getLast();
    assertThat(add.sources()).isEmpty();
    assertThat(add.downloads())
        .containsExactly(
            new Download.WebFile(URI.create("https://r.example/t-1.tar?x=y"), "t-1.tar", digest));
    assertThat(add.text()).isEqualTo("ADD https://r.example/t-1.tar?x=y /opt/");
  }

  @Test
  void filesOfGitRepositoriesAreTakenByAdd() {
    String commit = "a".repeat(40);
    BuildStep.Copy add =
        (BuildStep.Copy)
            plan("ARG V=1\nADD --keep-git-dir=true git://r.example/a"
                    + " https://r.example/b.git#v$V:/x/../docs https://r.example/c.git#:d /opt/\n")
                .getLast();
    assertThat(add.downloads())
        .containsExactly(
            repository("git://r.example/a", "git://r.example/a", "", "", KeepGit.YES, 0),
            repository(
                "https://r.example/b.git#v1:/x/../docs",
                "https://r.example/b.git",
                "v1",
                "docs",
                KeepGit.YES,
                1),
            repository(
                "https://r.example/c.git#:d", "https://r.example/c.git", "", "d", KeepGit.YES, 2));
    BuildStep.Copy pinned =
        (BuildStep.Copy) plan("ADD --checksum=" + commit + " git://r.example/a /\n").getLast();
    assertThat(pinned.downloads())
        .containsExactly(
            new Download.Repository(
                "git://r.example/a",
                new GitAddress("git://r.example/a", "", ""),
                KeepGit.NO,
                "repository-0",
                commit));
  }

  private static Download repository(
      String address, String url, String ref, String subdirectory, KeepGit keepGit, int number) {
    return new Download.Repository(
        address, new GitAddress(url, ref, subdirectory), keepGit, "repository-" + number, null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "COPY https://x.y/z /   | COPY: https://x.y/z: URLs are for ADD",
        "ADD git@x.y:z /        | ADD: git@x.y:z: no key of yours is here for SSH",
        "ADD ssh://x.y/z.git /  | ADD: ssh://x.y/z.git: no key of yours is here for SSH",
        "ADD https://x.y/z.git?ref=1 / | ADD: https://x.y/z.git?ref=1: expected what is wanted",
        "ADD --checksum=v1 https://x.y/z.git / | ADD: https://x.y/z.git: --checksum: expected the",
        "ADD --keep-git-dir=true https://x.y/z /a | ADD: https://x.y/z: --keep-git-dir is for git",
        "ADD https://x.y/ /a/   | ADD: https://x.y/: its path does not end in a name",
        "ADD https:///z /a      | ADD: https:///z: ",
        "ADD --checksum=sha256:1 https://x.y/z / | ADD: https://x.y/z: --checksum: ",
        "ADD --checksum=sha256:1 a https://x.y/z / | ADD: --checksum is of one URL",
        "RUN --mount=type=ssh x | RUN --mount: no agent is forwarded into builds",
      })
  void whatIsNotFetchedIsSaid(String line, String message) {
    assertThatThrownBy(() -> plan(line + "\n")).hasMessageStartingWith("Dockerfile:2: " + message);
  }

  @Test
  void aStageOfAnotherPlatformIsRefused() {
    String own = "ARG P=$BUILDPLATFORM\nFROM --platform=$P scratch\n";
    assertThat(
            new StageGraph(DockerfileReader.read("Dockerfile", own), Map.of(), Set.of())
                .needed(null))
        .containsExactly(0);
    String other = "FROM --platform=linux/m68k scratch\n";
    assertThatThrownBy(
            () ->
                new StageGraph(DockerfileReader.read("Dockerfile", other), Map.of(), Set.of())
                    .needed(null))
        .hasMessageStartingWith("Dockerfile:1: FROM --platform: linux/m68k is not built here");
  }
}
