package dev.jctl.cli.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images built by Dockerfiles whose RUNs are containers. */
final class BuildPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static Path context = Path.of("/");

  @BeforeAll
  static void makeContext() throws IOException {
    context = Files.createDirectories(ENGINE.home().resolve("context"));
    Files.copy(
        Path.of("/bin/busybox"),
        context.resolve("busybox"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(context.resolve(".dockerignore"), "*.md\n");
    Files.writeString(context.resolve("notes.md"), "not for the image");
    dockerfile(
        "base.Dockerfile",
        """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        ENV PATH=/bin
        """);
    ENGINE.jctl("image", "build", "-q", "-t", "base", "-f", path("base.Dockerfile"), path("")).ok();
  }

  private static String path(String name) {
    return context.resolve(name).toString();
  }

  private static void dockerfile(String name, String text) throws IOException {
    Files.writeString(context.resolve(name), text);
  }

  private static Ran build(String name, String... more) {
    String[] words = new String[7 + more.length];
    System.arraycopy(
        new String[] {"image", "build", "-t", name, "-f", path(name + ".Dockerfile"), path("")},
        0,
        words,
        0,
        7);
    System.arraycopy(more, 0, words, 7, more.length);
    return ENGINE.jctl(words);
  }

  private static String inside(String image, String command) throws IOException {
    Path manifest =
        ENGINE.file(
            image + "-pod.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: look-%1$s}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers: [{name: c, image: %1$s, command: [sh, -c, "%2$s; true"]}]
            """
                .formatted(image, command));
    ENGINE.jctl("apply", "-f", manifest.toString()).ok();
    TestEngine.eventually()
        .until(
            () ->
                ENGINE
                    .get("pod", "look-" + image)
                    .at("/status/phase")
                    .asText()
                    .equals("Succeeded"));
    String out = ENGINE.jctl("logs", "look-" + image).ok().out();
    ENGINE.jctl("delete", "pod", "look-" + image).ok();
    return out;
  }

  @Test
  void stagesAreBuiltAndWhatHasNotChangedIsNotDoneAgain() throws IOException {
    dockerfile(
        "web.Dockerfile",
        """
        FROM base AS tool
        ARG GREETING=hello
        WORKDIR /src
        RUN echo "$GREETING from $(pwd)" > out.txt
        FROM base
        LABEL a=1
        COPY --from=tool --chown=12:34 /src/out.txt /srv/
        COPY . /ctx
        RUN rm /bin/wget && mkdir -m 700 /srv/private
        CMD ["cat", "/srv/out.txt"]
        """);
    String first = build("web", "--build-arg", "GREETING=hi").ok().out();
    assertThat(first).contains("[tool 2/2] RUN", "[1 4/5] RUN").doesNotContain("(as before)");
    JsonNode image = ENGINE.get("image", "web");
    String id = image.at("/status/imageID").asText();
    assertThat(first.strip()).endsWith(id);
    assertThat(
            inside(
                "web",
                "cat /srv/out.txt; stat -c '%u:%g %a' /srv/out.txt /srv/private; ls -A /ctx"
                    + " /bin/wget"))
        .contains("hi from /src", "12:34 644", "0:0 700", ".dockerignore", "busybox")
        .doesNotContain("notes.md")
        .contains("/bin/wget: No such file");

    String again = build("web", "--build-arg", "GREETING=hi").ok().out();
    assertThat(again.lines().filter(line -> line.contains("(as before)"))).hasSize(5);
    assertThat(again.strip()).endsWith(id);
    assertThat(ENGINE.jctl("get", "pods").out()).doesNotContain("build");

    String other = build("web", "--build-arg", "GREETING=ho").ok().out();
    assertThat(other).contains("[tool 1/2] WORKDIR /src (as before)");
  }

  @Test
  void withASourceDateEpochTheSameComesOfItAgain() throws IOException {
    dockerfile(
        "same.Dockerfile",
        "FROM base\nARG SOURCE_DATE_EPOCH\nCOPY . /ctx\nRUN echo $SOURCE_DATE_EPOCH > /when\n");
    String image =
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: %s}
        spec: {build: {context: %s, dockerfile: same.Dockerfile, sourceDateEpoch: 1000000000, noCache: true}}
        ---
        """;
    String both = image.formatted("same-a", context) + image.formatted("same-b", context);
    ENGINE.jctlWithInput(both, "apply", "-f", "-", "--wait", "--timeout=90s").ok();
    JsonNode first = ENGINE.get("image", "same-a").path("status");
    assertThat(first.path("manifestDigest").asText()).startsWith("sha256:");
    assertThat(ENGINE.get("image", "same-b").path("status").path("manifestDigest"))
        .isEqualTo(first.path("manifestDigest"));
    assertThat(ENGINE.jctl("image", "inspect", "same-a").ok().out())
        .contains("2001-09-09T01:46:40Z");
    assertThat(inside("same-a", "cat /when; stat -c %Y /when")).contains("1000000000\n1000000000");
  }

  @Test
  void mountsAreThereForTheirRunAlone() throws IOException {
    dockerfile(
        "mounts.Dockerfile",
        """
        FROM base
        RUN --network=none --mount=type=cache,target=/c --mount=type=tmpfs,target=/t \\
          --mount=type=bind,source=busybox,target=/b --mount=type=secret,id=token,required \\
          cat /run/secrets/token > /seen && ls / >> /seen && echo x >> /c/runs
        RUN --mount=type=cache,target=/c cp /c/runs /runs
        RUN --mount=target=/ctx,rw --mount=source=busybox,target=/f,rw --mount=target=/ro \\
          echo changed > /ctx/busybox && echo new > /ctx/new && cat /ctx/busybox /ctx/new > /written \\
          && echo changed > /f && ! echo x > /ro/new && test ! -e /ro/new && cmp /ro/busybox /bin/busybox
        RUN <<END
        #!/bin/sh
        echo from a script > /script
        END
        """);
    ENGINE
        .jctlWithInput(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nstringData: {token: s3cret}\n",
            "apply",
            "-f",
            "-")
        .ok();
    build("mounts", "--secret", "id=token").ok();
    assertThat(inside("mounts", "cat /seen /runs /script /written; ls /; ls /run/secrets"))
        .contains("s3cret", "from a script", "changed\nnew\n", "/run/secrets: No such file");
    assertThat(inside("mounts", "ls -d /c /t /b /ctx /f"))
        .contains("/c: No such", "/t: No such", "/b: No such", "/ctx: No such", "/f: No such");
    assertThat(context.resolve("busybox")).hasSameBinaryContentAs(Path.of("/bin/busybox"));
    assertThat(ENGINE.data().resolve("volumes").toFile().list()).isNullOrEmpty();
  }

  /** One after the other, the first would wait for the second in vain. */
  @Test
  void stagesThatDoNotNeedEachOtherAreMadeAtTheSameTime() throws IOException {
    String meeting =
        """
        FROM base AS %1$s
        RUN --mount=type=cache,target=/c touch /c/%1$s /%1$s; n=0; \\
          until test -e /c/%2$s; do n=$((n+1)); test $n -lt 600 || exit 1; usleep 100000; done
        """;
    dockerfile(
        "meeting.Dockerfile",
        meeting.formatted("one", "two")
            + meeting.formatted("two", "one")
            + "FROM base\nCOPY --from=one /one /\nCOPY --from=two /two /\n");
    build("meeting").ok();
    assertThat(inside("meeting", "ls /one /two")).contains("/one\n/two\n");
  }

  /** Those that other tests have not: one Dockerfile, what its image says and what is in it. */
  @Test
  void everyInstructionOfTheReferenceHasItsEffect() throws Exception {
    byte[] tool = "#!/bin/sh\necho fetched\n".getBytes(UTF_8);
    Host.run("tar", "-cf", path("local.tar"), "-C", context.toString(), "notes.md").ok();
    dockerfile(
        "parent.Dockerfile",
        "FROM base\nONBUILD ARG WHO=nobody\nONBUILD RUN echo \"by $WHO\" > /triggered\n");
    build("parent").ok();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/tool.sh",
        exchange -> {
          exchange.sendResponseHeaders(200, tool.length);
          exchange.getResponseBody().write(tool);
          exchange.close();
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/tool.sh";
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(tool));
    String text =
        """
        ARG PARENT=parent
        FROM ${PARENT} AS all
        MAINTAINER somebody
        SHELL ["/bin/sh", "-ec"]
        RUN echo "$0 $-" > /shell
        ADD --chmod=755 --checksum=sha256:%1$s %2$s /added/
        ADD %2$s /plain
        ADD local.tar /unpacked/
        COPY --link --chown=5:6 --chmod=604 <<one /linked/
        linked
        one
        LABEL a="b c" d=e
        ENV SET=1
        EXPOSE 80 53/udp
        VOLUME ["/data"]
        STOPSIGNAL SIGQUIT
        HEALTHCHECK --interval=5s --retries=2 CMD test -e /shell
        ENTRYPOINT ["/bin/sh", "-c"]
        CMD ["echo $SET"]
        WORKDIR /w
        USER 12:34
        """
            .formatted(sha256, url);
    dockerfile("all.Dockerfile", text);
    build("all", "--build-arg", "WHO=me").ok();
    JsonNode config = inspected("all");
    assertThat(config.path("Labels").toString())
        .isEqualTo("{\"maintainer\":\"somebody\",\"a\":\"b c\",\"d\":\"e\"}");
    assertThat(config.path("Env").toString()).contains("SET=1").doesNotContain("WHO");
    assertThat(config.path("ExposedPorts").toString()).contains("80/tcp", "53/udp");
    assertThat(config.path("Volumes").has("/data")).isTrue();
    assertThat(config.path("StopSignal").asText()).isEqualTo("SIGQUIT");
    assertThat(config.path("Healthcheck").toString())
        .isEqualTo(
            "{\"Test\":[\"CMD-SHELL\",\"test -e /shell\"],\"Interval\":5000000000,\"Retries\":2}");
    assertThat(config.path("Shell").toString()).isEqualTo("[\"/bin/sh\",\"-ec\"]");
    assertThat(config.path("Entrypoint").toString()).isEqualTo("[\"/bin/sh\",\"-c\"]");
    assertThat(config.path("Cmd").toString()).isEqualTo("[\"echo $SET\"]");
    assertThat(config.path("WorkingDir").asText()).isEqualTo("/w");
    assertThat(config.path("User").asText()).isEqualTo("12:34");
    assertThat(config.path("OnBuild").isEmpty()).isTrue();
    assertThat(
            inside(
                "all",
                "id -u; id -g; pwd; cat /triggered /shell /linked/one; /added/tool.sh;"
                    + " stat -c '%u:%g %a %n' /plain /linked/one /unpacked/notes.md"))
        .contains("12\n34\n/w\nby me\n", "linked\nfetched\n")
        .containsPattern("/bin/sh [a-z]*e")
        .contains("0:0 600 /plain", "5:6 604 /linked/one", " /unpacked/notes.md");
    server.stop(0);
    // what has a checksum is not asked for again
    dockerfile("all.Dockerfile", text.replace("ADD " + url + " /plain\n", ""));
    assertThat(build("all", "--build-arg", "WHO=me").ok().out())
        .contains("ADD " + url + " /added/ (as before)");
    dockerfile("all.Dockerfile", text);
    assertThat(build("all", "--build-arg", "WHO=me").exits(1).err())
        .contains("all.Dockerfile:7: ADD", url + ": no answer from 127.0.0.1:");
  }

  private static JsonNode inspected(String image) throws IOException {
    JsonNode all = new ObjectMapper().readTree(ENGINE.jctl("image", "inspect", image).ok().out());
    return all.path(0).path("Config");
  }

  @Test
  void filesOfGitRepositoriesAreAddedAndAHostileOneHurtsOnlyItself() throws IOException {
    Path repositories = ENGINE.home().resolve("repositories");
    String make =
        """
        set -e
        export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
        git() { command git -c user.name=a -c user.email=a@b.c -c protocol.file.allow=always -c init.defaultBranch=main "$@"; }
        mkdir -p %1$s && cd %1$s
        git init -q --bare other.git && git init -q --bare tool.git
        git init -q other && echo inner >other/inner && git -C other add . && git -C other commit -qm 1
        git -C other push -q ../other.git main
        git init -q tool && cd tool && mkdir sub && echo one >one && echo 'echo ran' >sub/run.sh
        printf 'FROM base\\nCOPY . /made/\\nCOPY --from=all /lib/inner /\\n' >sub/Dockerfile && echo no >sub/.dockerignore && touch sub/no
        chmod +x sub/run.sh && ln -s ../../one sub/link && git submodule -q add ../other.git lib
        git add . && git commit -qm 1 && git tag -am t v1 && echo two >two && git add two && git commit -qm 2
        git push -q ../tool.git main v1 2>/dev/null
        blob=$(git rev-parse HEAD:one)
        tree=$(printf '100644 blob %%s\\t..\\n' $blob | git mktree)
        git push -q ../tool.git $(git commit-tree -m bad $tree):refs/heads/hostile
        git rev-parse HEAD
        """
            .formatted(repositories);
    String head = Host.run("bash", "-c", make).ok().out().strip();
    int port = Host.freePort();
    String url = "git://127.0.0.1:" + port + "/tool.git";
    try (Subprocess _ =
        Subprocess.start(
            List.of(
                "git",
                "daemon",
                "--listen=127.0.0.1",
                "--port=" + port,
                "--base-path=" + repositories,
                "--export-all"),
            repositories,
            Map.of(),
            "")) {
      String text =
          """
          FROM base
          ADD %1$s#v1 /v1/
          ADD --keep-git-dir=true --checksum=%2$s %1$s /head
          ADD --chown=7:8 %1$s#main:sub /sub/
          """
              .formatted(url, head);
      dockerfile("git.Dockerfile", text);
      TestEngine.eventually().until(() -> Host.run("git", "ls-remote", url).code() == 0);
      build("git").ok();
      assertThat(
              inside(
                  "git",
                  "cat /v1/one /v1/lib/inner /head/two; /sub/run.sh; ls /v1/two /v1/.git;"
                      + " readlink /sub/link; stat -c '%u:%g %a %Y' /sub/run.sh /v1/one"))
          .contains("one\ninner\ntwo\nran\n", "/v1/two: No such", "/v1/.git: No such")
          .contains("../../one\n7:8 755 1000000000\n0:0 644 1000000000\n");
      Path tree = withFile(ENGINE.data().resolve("layers"), "head/.git/HEAD");
      assertThat(git(tree, "log", "--format=%H")).isEqualTo(head + "\n");
      assertThat(git(tree, "status", "--porcelain")).isEmpty();
      assertThat(build("git").ok().out().lines().filter(line -> line.contains("(as before)")))
          .hasSize(3);

      String all = "all=" + url;
      String sub = url + "#v1:sub";
      ENGINE.jctl("image", "build", "-t", "cloned", "--build-context", all, sub).ok();
      assertThat(inside("cloned", "cat /inner; /made/run.sh; ls -a /made"))
          .isEqualTo("inner\nran\n.\n..\n.dockerignore\nDockerfile\nlink\nrun.sh\n");
      assertThat(ENGINE.jctl("image", "build", "-t", "cloned", url).exits(1).err())
          .contains("there is no Dockerfile in the context");

      dockerfile("git.Dockerfile", "FROM base\nADD " + url + "#hostile /x/\n");
      assertThat(build("git").exits(1).err())
          .contains(
              "git.Dockerfile:2: ADD", "#hostile: a file in / has a name that git does not take");
      dockerfile("git.Dockerfile", "FROM base\nADD " + url + "#nowhere /x/\n");
      assertThat(build("git").exits(1).err()).contains("has no tag and no branch nowhere");
      dockerfile("git.Dockerfile", "FROM base\nADD --checksum=%s %s#v1 /x/\n".formatted(head, url));
      assertThat(build("git").exits(1).err()).contains(", not " + head);
    }
    assertThat(ENGINE.data().resolve("build-git")).isEmptyDirectory();
  }

  private static Path withFile(Path directory, String file) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(one -> Files.exists(one.resolve(file))).findFirst().orElseThrow();
    }
  }

  /** In a copy: what is looked into is left as it is. */
  private static String git(Path tree, String... arguments) {
    String command =
        "cp -a \"$0/head\" \"$1\" && cd \"$1\" && shift && git \"$@\"; rm -rf \"$PWD\"";
    List<String> words =
        new ArrayList<>(
            List.of("sh", "-c", command, tree.toString(), ENGINE.home() + "/copy-of-tree"));
    words.addAll(List.of(arguments));
    return Host.run(words.toArray(String[]::new)).ok().out();
  }

  @Test
  void aPrunedCacheIsGoneAtOnce() throws IOException {
    dockerfile("pruned.Dockerfile", "FROM base\nRUN head -c 3000000 /dev/zero > /a\nRUN rm /a\n");
    build("pruned").ok();
    ENGINE.jctl("delete", "image", "pruned").ok();
    assertThat(ENGINE.jctl("image", "prune", "--build-cache", "--dry-run").ok().out())
        .matches("Would reclaim: [0-9.]+MB\n");
    assertThat(ENGINE.jctl("image", "prune", "--build-cache").ok().out())
        .matches("Total reclaimed space: [0-9.]+MB\n");
    assertThat(ENGINE.jctl("image", "df").ok().out()).containsPattern("Build cache +0B\n");
    assertThat(build("pruned").ok().out()).doesNotContain("(as before)");
  }

  @Test
  void whatUsersOfDockerTypeIsUnderstood() throws IOException {
    Path library = Files.createDirectories(ENGINE.home().resolve("library"));
    Files.writeString(library.resolve("lib.txt"), "from the library");
    Files.writeString(library.resolve("lib.md"), "left out");
    Files.writeString(library.resolve(".dockerignore"), "*.md");
    Path token = ENGINE.file("token.txt", "t0ken-0f-a-f1le");
    Path id = ENGINE.home().resolve("iid");
    dockerfile(
        "typed.Dockerfile",
        """
        FROM busy AS nothing
        FROM elsewhere.test/never/asked:1
        COPY --from=lib . /lib/
        COPY --from=nothing lib.txt /stage.txt
        RUN --mount=type=bind,from=lib,target=/m --mount=type=secret,id=token,required \\
          --mount=type=secret,id=home,env=SEEN,required \\
          ls -A /m > /seen && wc -c < /run/secrets/token >> /seen && test "$SEEN" = "$EXPECTED"
        LABEL a=dockerfile b=dockerfile
        """
            .replace("\\\\", "\\")
            .replace("$EXPECTED", System.getenv("PATH")));
    build(
            "typed",
            "--tag=here.test/typed:2",
            "--label=a=typed",
            "--platform=linux/" + architecture(),
            "--iidfile=" + id,
            "--secret=id=token,src=" + token,
            "--secret=id=home,env=PATH",
            "--build-context=lib=" + library,
            "--build-context=nothing=" + library,
            "--build-context=busy=docker-image://base",
            "--build-context=elsewhere.test/never/asked:1=docker-image://base")
        .ok();
    assertThat(inspected("typed").path("Labels").toString())
        .isEqualTo("{\"a\":\"typed\",\"b\":\"dockerfile\"}");
    assertThat(Files.readString(id))
        .isEqualTo(ENGINE.get("image", "typed").at("/status/imageID").asText());
    assertThat(inside("typed", "cat /lib/lib.txt /stage.txt; ls /lib; cat /seen"))
        .contains("from the libraryfrom the library", "lib.txt\n15\n")
        .doesNotContain("lib.md");
    assertThat(ENGINE.jctl("image", "inspect", "here.test/typed:2").ok().out())
        .contains(Files.readString(id));
    // nothing of the secret stays, anywhere
    assertThat(ENGINE.jctl("get", "secrets").out()).doesNotContain("typed-build");
    assertThat(Host.run("grep", "-rlaF", "t0ken-0f-a-f1le", ENGINE.data().toString()).out())
        .isEmpty();

    dockerfile("typed.Dockerfile", "FROM scratch\nLABEL a=1\n");
    assertThat(build("typed", "--platform=linux/m68k").exits(1).err())
        .contains("spec.build.platform: linux/m68k is not built here; this machine is linux/");
    assertThat(build("typed", "--secret=id=x,src=/nowhere").exits(1).err())
        .contains("--secret: open /nowhere: no such file or directory");
    assertThat(build("typed", "--build-context=x=https://x.y/z").exits(2).err())
        .contains(
            "https://x.y/z: expected a directory, or a git repository whose URL ends in .git");
  }

  private static String architecture() {
    return Host.run("uname", "-m").ok().out().strip().equals("x86_64") ? "amd64" : "arm64";
  }

  @Test
  void aFailureSaysWhereItIsAndHowItEnded() throws IOException {
    dockerfile("bad.Dockerfile", "FROM base\nENV A=1\nRUN echo out; echo err >&2; exit 3\n");
    assertThat(build("bad").exits(1).err())
        .contains("bad.Dockerfile:3: RUN", "exit code 3; its last lines:", "  out", "  err");
    dockerfile("bad.Dockerfile", "FROM base\nCOPY nothing /\n");
    assertThat(build("bad").exits(1).err())
        .contains("bad.Dockerfile:2: COPY nothing /: there is no");
    dockerfile("bad.Dockerfile", "FROM base\nRUNN x\n");
    assertThat(build("bad").exits(1).err())
        .contains("bad.Dockerfile:2: there is no instruction RUNN");
    assertThat(ENGINE.get("image", "bad").at("/status/conditions/0/reason").asText())
        .isEqualTo("BadDockerfile");
    assertThat(ENGINE.jctl("get", "pods").out()).doesNotContain("bad-build");
  }

  @Test
  void aBuildThatIsKilledGoesOnFromItsLastStep() throws IOException {
    dockerfile("slow.Dockerfile", "FROM base\nRUN echo 1 > /1\nRUN sleep 6; echo 2 > /2\n");
    try (Subprocess client =
        ENGINE.spawn("image", "build", "-t", "slow", "-f", path("slow.Dockerfile"), path(""))) {
      TestEngine.eventually()
          .until(
              () ->
                  ENGINE.get("pods").stream()
                      .anyMatch(p -> p.at("/metadata/name").asText().contains("slow-build-0-2")));
      ENGINE.killEngineProcess("controller");
      TestEngine.eventually()
          .until(() -> ENGINE.get("image", "slow").at("/status/phase").asText().equals("Ready"));
      assertThat(inside("slow", "cat /1 /2")).contains("1\n2\n");
      assertThat(client.await(TestEngine.PATIENCE).out()).contains("[0 1/2] RUN");
    }
  }

  @Test
  void buildsThatWaitForAnotherLeaveItThePlace() throws IOException {
    StringBuilder manifests = new StringBuilder();
    for (String name : List.of("w1", "w2", "w3", "w4", "w5")) {
      manifests.append(
          "{apiVersion: jctl.dev/v1, kind: Image, metadata: {name: %s},".formatted(name)
              + " spec: {build: {text: \"FROM late\\nLABEL of=%s\"}}}\n---\n".formatted(name));
    }
    manifests.append(
        "{apiVersion: jctl.dev/v1, kind: Image, metadata: {name: late},"
            + " spec: {build: {text: \"FROM scratch\\nWORKDIR /late\"}}}\n");
    ENGINE.file("waiting.yaml", manifests.toString());
    ENGINE.jctl("apply", "-f", "waiting.yaml", "--wait").ok();
    ENGINE.jctl("delete", "-f", "waiting.yaml", "--wait").ok();
  }

  @Test
  void anImageThatIsBuiltUnderAReferenceIsNamedByIt() throws IOException {
    String reference = "here.test/team/base:1";
    ENGINE
        .jctl("image", "build", "-q", "-t", reference, "-f", path("base.Dockerfile"), path(""))
        .ok();
    dockerfile("named.Dockerfile", "FROM here.test/team/base:1\nRUN echo named > /said\n");
    build("named").ok();
    assertThat(inside("named", "cat /said")).isEqualTo("named\n");
    assertThat(ENGINE.jctl("image", "inspect", reference).ok().out()).contains(reference);
    ENGINE.jctl("delete", "images", "named", "here-test-team-base-1", "--ignore-not-found").ok();
  }

  @Test
  void whatTheDiskHasDamagedBelowABuildIsBroughtAgain() throws IOException {
    ENGINE.file(
        "spoilt.yaml",
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: spoilt}
        spec: {files: [{path: /bin/busybox, hostPath: /bin/busybox, mode: 0755}]}
        """);
    ENGINE.jctl("apply", "-f", "spoilt.yaml", "--wait").ok();
    dockerfile("mended.Dockerfile", "FROM spoilt\nCOPY busybox /bin/copy\n");
    spoil("spoilt");
    assertThat(build("mended", "--no-cache").ok().out()).contains("the disk has changed it");
    // what a step has left, and a RUN is to see
    Path unpacked = spoil("mended");
    ENGINE.jctl("delete", "images", "mended", "--wait").ok();
    TestEngine.eventually().until(() -> !Files.exists(unpacked));
    dockerfile(
        "other.Dockerfile",
        "FROM spoilt\nCOPY busybox /bin/copy\nRUN [\"/bin/busybox\", \"cp\", \"/bin/copy\", \"/bin/again\"]\n");
    assertThat(build("other").ok().out()).contains("the disk has changed it");
    ENGINE.jctl("delete", "images", "spoilt", "other", "--wait").ok();
  }

  /**
   * Its uppermost layer.
   *
   * @return where that is unpacked
   */
  private static Path spoil(String image) throws IOException {
    Path blobs = ENGINE.data().resolve("images/blobs");
    String manifest = ENGINE.get("image", image).at("/status/manifestDigest").asText();
    JsonNode layers =
        new ObjectMapper()
            .readTree(blobs.resolve(manifest.replace(':', '/')).toFile())
            .path("layers");
    String layer = layers.get(layers.size() - 1).path("digest").asText();
    Path blob = blobs.resolve(layer.replace(':', '/'));
    byte[] content = Files.readAllBytes(blob);
    content[content.length / 2] ^= 1;
    Files.write(blob, content);
    return ENGINE.data().resolve("layers").resolve(layer.substring("sha256:".length()));
  }
}
