package dev.jctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a server whose answers are written here. */
final class JctlIT {
  private static final String NOT_FOUND =
      """
      {"kind":"Status","status":"Failure","reason":"NotFound","code":404,
       "message":"containers.jctl.dev \\"nope\\" not found","details":{"name":"nope","kind":"containers"}}\
      """;

  @TempDir private Path directory;

  private record Ran(int code, String out, String err) {}

  private Ran jctl(FakeServer.Handler handler, String... words) throws IOException {
    try (FakeServer _ = FakeServer.start(directory.resolve("s"), handler)) {
      return run(words);
    } finally {
      Files.deleteIfExists(directory.resolve("s"));
    }
  }

  private Ran run(String... words) {
    return run(Map.of(), words);
  }

  private Ran run(Map<String, String> environment, String... words) {
    List<String> all = new ArrayList<>(List.of("--socket", directory.resolve("s").toString()));
    all.addAll(List.of(words));
    return run(environment, all);
  }

  private static Ran run(Map<String, String> environment, List<String> words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(stream(out), stream(err), false, false);
    int code = new JctlMain(console, environment).run(words);
    console.flush();
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(OutputStream to) {
    return new PrintStream(to, false, StandardCharsets.UTF_8);
  }

  private static String container(String name, int revision, String phase, boolean ready) {
    return String.format(
        """
        {"apiVersion":"jctl.dev/v1","kind":"Container","metadata":{"name":"%s","namespace":"default","uid":"u-%s",
         "resourceVersion":"%d","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z"},
         "spec":{"image":"web","ports":[{"containerPort":80,"hostPort":8080}]},
         "status":{"phase":"%s","ready":%b,"restartCount":2,"observedGeneration":1,
          "networks":[{"name":"front","ip":"10.90.0.2"}],
          "conditions":[{"type":"Ready","status":"%s","reason":"Probe","message":"waiting for the probe"}]}}\
        """,
        name, name, revision, phase, ready, ready ? "True" : "False");
  }

  private static String list(String... items) {
    return "{\"kind\":\"ContainerList\",\"apiVersion\":\"jctl.dev/v1\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":["
        + String.join(",", items)
        + "]}";
  }

  private Path manifest(String text) throws IOException {
    return Files.writeString(directory.resolve("m.yaml"), text);
  }

  private Ran login(Path docker, String password, String... words) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(password.getBytes(StandardCharsets.UTF_8)));
    try {
      List<String> all = new ArrayList<>(List.of("image", "login"));
      all.addAll(List.of(words));
      return run(Map.of("DOCKER_CONFIG", docker.toString()), all.toArray(String[]::new));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aLoginIsKeptAsDockerKeepsItForTheUserAlone() throws IOException {
    Path docker = directory.resolve("docker");
    Ran ran = login(docker, "se:cret\n", "https://r.example/", "-u", "carol", "--password-stdin");
    assertThat(ran.code()).as(ran.err()).isZero();
    Path file = docker.resolve("config.json");
    assertThat(ran.out()).isEqualTo("Login for r.example kept in " + file + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"detachKeys\":\"x\","));
    login(docker, "p", "-u", "dave", "--password-stdin");

    JsonNode config = new ObjectMapper().readTree(file.toFile());
    assertThat(config.path("detachKeys").asText()).isEqualTo("x");
    assertThat(config.path("auths").path("r.example").path("auth").asText())
        .isEqualTo("Y2Fyb2w6c2U6Y3JldA==");
    assertThat(config.path("auths").path("https://index.docker.io/v1/").path("auth").asText())
        .isEqualTo("ZGF2ZTpw");
  }

  @Test
  void aLoginLeavesAloneWhatItCannotKeep() throws IOException {
    Path docker = Files.createDirectories(directory.resolve("docker"));
    Path file = Files.writeString(docker.resolve("config.json"), "{\"credsStore\":\"pass\"}");
    assertThat(login(docker, "p", "r.example", "-u", "c", "--password-stdin").err())
        .contains("docker-credential-pass");
    Files.writeString(file, "hunter2");
    assertThat(login(docker, "p", "r.example", "-u", "c", "--password-stdin").err())
        .contains("is not a JSON object")
        .doesNotContain("hunter2");
    assertThat(file).hasContent("hunter2");
    assertThat(login(docker, "\n", "r.example", "-u", "c", "--password-stdin").code()).isEqualTo(2);
    assertThat(login(docker, "p", "r.example", "--password-stdin").code()).isEqualTo(2);
  }

  @Test
  void aPullMakesTheImageThatContainersMeanByTheSameWord() throws IOException {
    assertThat(pull("nginx").out()).isEqualTo("Image: nginx\nDigest: sha256:d\nnginx\n");
    assertThat(pull("r.example/team/web:1", "--secret", "regcred").out())
        .matches(
            "Image: r-example-team-web-1-[0-9a-f]{8}\nDigest: sha256:d\nr.example/team/web:1\n");
    assertThat(pull("nginx", "--name", "web").out()).startsWith("Image: web\n");
  }

  private Ran pull(String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of("image", "pull"));
    all.addAll(List.of(words));
    return jctl(
        (r, in, out) -> {
          ObjectNode image = (ObjectNode) new ObjectMapper().readTree(r.body()).at("/items/0");
          ObjectNode status = image.putObject("status").put("phase", "Ready");
          status.put("repoDigest", "x@sha256:d");
          status.set(
              "observedPull", image.path("metadata").path("annotations").path("jctl.dev/pull"));
          status.putArray("conditions").addObject().put("type", "Ready").put("status", "True");
          FakeServer.json(out, 200, "{\"items\":[{\"object\":" + image + "}]}");
        },
        all.toArray(String[]::new));
  }

  @Test
  void aPushShowsWhatTheRegistryTookOrWhyItDidNot() throws IOException {
    String progress = "{\"stage\":\"pushing\",\"bytes\":1,\"total\":2}\n";
    String taken = "{\"reference\":\"r.example/t/w:1\",\"digest\":\"sha256:a\",\"size\":5}\n";
    assertThat(push(progress + taken).out()).endsWith("\nw:1: digest: sha256:a size: 5\n");
    Ran refused = push(progress + "{\"kind\":\"Status\",\"message\":\"answered 403\"}\n");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).isEqualTo("error: answered 403\n");
    assertThat(push(progress).err()).contains("the answer ended early");
  }

  private Ran push(String answer) throws IOException {
    return jctl(
        (r, in, out) -> {
          if (r.method().equals("POST")) {
            assertThat(r.target()).endsWith("/namespaces/default/images/web/push");
            assertThat(r.body())
                .contains("r.example/t/w:1", "\"imagePullSecrets\":[{\"name\":\"regcred\"}]");
            FakeServer.chunked(out);
            FakeServer.chunk(out, answer);
            FakeServer.chunk(out, "");
          } else {
            FakeServer.json(
                out, 200, "{\"metadata\":{\"name\":\"web\",\"namespace\":\"default\"}}");
          }
        },
        "image",
        "push",
        "web",
        "r.example/t/w:1",
        "--secret",
        "regcred");
  }

  @Test
  void getPrintsATableAsKubectlDoes() throws IOException {
    Ran ran =
        jctl(
            (r, in, out) -> FakeServer.json(out, 200, list(container("web", 7, "Running", true))),
            "get",
            "ctr",
            "-o",
            "wide");
    assertThat(ran.code()).isZero();
    assertThat(
            ran.out()
                .lines()
                .map(l -> l.replaceAll("\\d+y\\d*d?|\\d+d", "AGE").replaceAll(" +", " ")))
        .containsExactly(
            "NAME READY STATUS RESTARTS AGE IMAGE NETWORKS PORTS PRIVILEGED LAST CHANGE",
            "web yes Running 2 AGE web front=10.90.0.2 8080->80/TCP no <none>");
  }

  @Test
  void getReadsAllPagesOfAListAtOneRevision() throws IOException {
    Ran ran =
        jctl(
            (r, in, out) -> {
              boolean second = r.target().contains("continue=next");
              String page = list(container(second ? "b" : "a", 7, "Running", true));
              FakeServer.json(
                  out, 200, second ? page : page.replace("\"9\"}", "\"9\",\"continue\":\"next\"}"));
            },
            "get",
            "containers",
            "-o",
            "name");
    assertThat(ran.out()).isEqualTo("container.jctl.dev/a\ncontainer.jctl.dev/b\n");
  }

  @Test
  void aRefusalIsWordedAsKubectlWordsIt() throws IOException {
    Ran ran = jctl((r, in, out) -> FakeServer.json(out, 404, NOT_FOUND), "get", "ctr", "nope");
    assertThat(ran)
        .isEqualTo(
            new Ran(
                1, "", "Error from server (NotFound): containers.jctl.dev \"nope\" not found\n"));
  }

  @Test
  void withoutAControllerACommandSaysHowToStartIt() {
    Ran ran = run("get", "pods");
    assertThat(ran.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.err()).startsWith("error: cannot reach the controller at ").contains("jctl up");
  }

  @Test
  @Timeout(20)
  void statusOfAControllerThatKeepsEndingSaysAtOnceWhatItSaidLast() throws IOException {
    Path data = directory.resolve("data");
    Path logs = Files.createDirectories(data.resolve("log"));
    Files.writeString(
        logs.resolve("controller.log"), "jctl-controller: the disk is full\n[0.1s][warning]\n");
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String startTicks = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21)[19];
    Files.writeString(
        directory.resolve("supervisor.pid"), ProcessHandle.current().pid() + " " + startTicks);
    Ran ran =
        run(
            Map.of("JCTL_DATA_DIR", data.toString(), "JCTL_RUN_DIR", directory.toString()),
            List.of("status"));
    assertThat(ran.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.out())
        .containsPattern("supervisor +running")
        .contains("(does not answer)\nlog       jctl-controller: the disk is full\n");
  }

  @Test
  void aKeptConnectionThatTheServerClosedIsNoError() throws IOException {
    AtomicInteger answers = new AtomicInteger();
    Ran ran =
        jctl(
            (r, in, out) -> {
              boolean first = answers.incrementAndGet() == 1;
              FakeServer.json(out, 200, container("a", 1, "Running", true));
              if (first) {
                throw new IOException("closed while idle");
              }
            },
            "get",
            "ctr/a",
            "ctr/b",
            "-o",
            "name");
    assertThat(ran.code()).isZero();
    assertThat(answers).hasValue(2);
  }

  @Test
  void applySendsAllDocumentsInOneRequestAndSaysWhatBecameOfEach() throws IOException {
    Path file =
        manifest(
            """
            apiVersion: jctl.dev/v1
            kind: Volume
            metadata: {name: data}
            ---
            apiVersion: jctl.dev/v1
            kind: Image
            metadata: {name: web}
            spec: {archive: {path: ./web.tar}}
            """);
    List<FakeServer.Request> seen = new ArrayList<>();
    Ran ran =
        jctl(
            (r, in, out) -> {
              seen.add(r);
              FakeServer.json(
                  out,
                  200,
                  """
                  {"kind":"ApplyResult","items":[
                   {"outcome":"created","object":{"apiVersion":"jctl.dev/v1","kind":"Volume","metadata":{"name":"data"}}},
                   {"outcome":"unchanged","object":{"apiVersion":"jctl.dev/v1","kind":"Image","metadata":{"name":"web"}}}]}\
                  """);
            },
            "apply",
            "-f",
            file.toString(),
            "-n",
            "prod",
            "--set",
            "s",
            "--prune");
    assertThat(ran)
        .isEqualTo(new Ran(0, "volume.jctl.dev/data created\nimage.jctl.dev/web unchanged\n", ""));
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).target())
        .isEqualTo("/apis/jctl.dev/v1/apply?fieldManager=jctl&set=s&setNamespace=prod&prune=true");
    assertThat(seen.get(0).body())
        .contains("\"namespace\":\"prod\"")
        .contains("\"path\":\"" + directory.resolve("web.tar") + "\"");
  }

  @Test
  void aRefusalOfAManifestNamesThePlaceInTheFile() throws IOException {
    Path file =
        manifest(
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: web}
            spec:
              image: web
              networks:
                - name: front
            """);
    Ran ran =
        jctl(
            (r, in, out) ->
                FakeServer.json(
                    out,
                    422,
                    """
                    {"kind":"Status","reason":"Invalid","code":422,"message":"m","details":{"kind":"Container","name":"web",
                     "causes":[{"field":"spec.networks[0].name","message":"overlaps"}]}}\
                    """),
            "apply",
            "-f",
            file.toString());
    assertThat(ran)
        .isEqualTo(new Ran(3, "", "error: " + file + ":7:7: spec.networks[0].name: overlaps\n"));
  }

  @Test
  void aBadManifestIsNotSent() throws IOException {
    Path file = manifest("apiVersion: jctl.dev/v1\nkind: Containr\nmetadata: {name: web}\n");
    List<FakeServer.Request> seen = new ArrayList<>();
    Ran ran = jctl((r, in, out) -> seen.add(r), "apply", "-f", file.toString());
    assertThat(ran.code()).isEqualTo(ExitCode.BAD_MANIFEST);
    assertThat(ran.err()).startsWith("error: " + file + ":2:").contains("Container");
    assertThat(seen).isEmpty();
  }

  @Test
  void applyWaitFollowsAnObjectUntilItIsReadyAndEndsWithATable() throws IOException {
    Path file =
        manifest(
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: web}
            spec: {image: web}
            """);
    Ran ran =
        jctl(
            (r, in, out) -> {
              if (r.method().equals("POST")) {
                String object = container("web", 7, "Pending", false);
                FakeServer.json(
                    out, 200, "{\"items\":[{\"outcome\":\"created\",\"object\":" + object + "}]}");
              } else if (r.target().contains("watch=true")) {
                FakeServer.chunked(out);
                FakeServer.chunk(
                    out,
                    "{\"type\":\"MODIFIED\",\"object\":" + container("web", 10, "Running", true));
                FakeServer.chunk(out, "}\n");
              } else {
                FakeServer.json(out, 200, list(container("web", 8, "Pending", false)));
              }
            },
            "apply",
            "-f",
            file.toString(),
            "--wait");
    assertThat(ran.code()).isZero();
    assertThat(ran.out().lines().map(l -> l.replaceAll(" +", " ")))
        .containsExactly(
            "container.jctl.dev/web created",
            "container.jctl.dev/web: Probe: waiting for the probe",
            "container.jctl.dev/web: Running",
            "NAME STATUS READY DETAIL",
            "container.jctl.dev/web Running yes 127.0.0.1:8080");
  }

  @Test
  void waitingTooLongSaysWhatForAndExitsFive() throws IOException {
    Path file =
        manifest(
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: web}
            spec: {image: web}
            """);
    Ran ran =
        jctl(
            (r, in, out) -> {
              String object = container("web", 7, "Pending", false);
              if (r.method().equals("POST")) {
                FakeServer.json(
                    out, 200, "{\"items\":[{\"outcome\":\"created\",\"object\":" + object + "}]}");
              } else if (r.target().contains("watch=true")) {
                FakeServer.chunked(out);
              } else {
                FakeServer.json(out, 200, list(object));
              }
            },
            "apply",
            "-f",
            file.toString(),
            "--wait",
            "--timeout=200ms");
    assertThat(ran.code()).isEqualTo(ExitCode.TIMED_OUT);
    assertThat(ran.err())
        .isEqualTo(
            "error: timed out waiting for container.jctl.dev/web: Probe: waiting for the probe\n");
  }

  @Test
  void diffShowsTheFieldsThatWouldChangeAndExitsOne() throws IOException {
    Path file =
        manifest(
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: web}
            spec: {image: web2}
            """);
    String live = container("web", 7, "Running", true);
    Ran ran =
        jctl(
            (r, in, out) ->
                FakeServer.json(
                    out,
                    200,
                    r.method().equals("POST")
                        ? "{\"items\":[{\"outcome\":\"configured\",\"object\":"
                            + live.replace("\"image\":\"web\"", "\"image\":\"web2\"")
                            + "}]}"
                        : live),
            "diff",
            "-f",
            file.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out().lines())
        .contains("--- live/container.jctl.dev/web", "-  image: web", "+  image: web2");
  }

  @Test
  void execPassesOutputOnAndExitsAsTheCommandDid() throws IOException {
    String pod =
        "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"containers\":[{\"name\":\"web\"}]}}";
    List<String> targets = new ArrayList<>();
    Ran ran =
        jctl(
            (r, in, out) -> {
              targets.add(r.target());
              if (!r.target().contains("exec")) {
                FakeServer.json(out, 200, pod);
                return;
              }
              out.write("HTTP/1.1 101 Switching\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
              frame(out, 1, "some output\n");
              frame(out, 2, "a complaint\n");
              frame(
                  out,
                  3,
                  "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"7\"}]}}");
            },
            "exec",
            "web",
            "--",
            "sh",
            "-c",
            "exit 7");
    assertThat(ran).isEqualTo(new Ran(7, "some output\n", "a complaint\n"));
    assertThat(targets.get(1))
        .isEqualTo(
            "/api/v1/namespaces/default/pods/web/exec?container=web&command=sh&command=-c&command=exit%207&stdout=true&stderr=true");
  }

  private static void frame(OutputStream out, int channel, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(0x82);
    if (bytes.length + 1 < 126) {
      frame.write(bytes.length + 1);
    } else {
      frame.write(126);
      frame.write((bytes.length + 1) >> 8);
      frame.write((bytes.length + 1) & 0xff);
    }
    frame.write(channel);
    frame.write(bytes);
    out.write(frame.toByteArray());
  }

  @Test
  void followedLogsGoOnAfterTheConnectionBreaksWithoutGapOrDoubleLine() throws IOException {
    String pod =
        "{\"metadata\":{\"name\":\"web\",\"uid\":\"u\"},\"spec\":{\"containers\":[{\"name\":\"web\"}]}}";
    AtomicInteger streams = new AtomicInteger();
    Ran ran =
        jctl(
            (r, in, out) -> {
              if (!r.target().contains("/log")) {
                FakeServer.json(out, 200, pod);
                return;
              }
              FakeServer.chunked(out);
              FakeServer.chunk(
                  out, "2026-01-01T00:00:01.000000000Z one\n2026-01-01T00:00:02.000000000Z two\n");
              if (streams.incrementAndGet() == 1) {
                FakeServer.chunk(out, "2026-01-01T00:00:03.0");
                throw new IOException("the controller was killed");
              }
              FakeServer.chunk(out, "2026-01-01T00:00:03.000000000Z three\n");
              FakeServer.chunk(out, "");
            },
            "logs",
            "-f",
            "web");
    assertThat(ran).isEqualTo(new Ran(0, "one\ntwo\nthree\n", ""));
  }

  @Test
  void deleteWaitsUntilTheObjectIsGone() throws IOException {
    String marked =
        container("web", 8, "Running", true)
            .replace(
                "\"generation\":1",
                "\"generation\":1,\"deletionTimestamp\":\"2026-01-01T00:00:01Z\"");
    Ran ran =
        jctl(
            (r, in, out) -> {
              if (r.target().contains("watch=true")) {
                FakeServer.chunked(out);
                FakeServer.chunk(out, "{\"type\":\"DELETED\",\"object\":" + marked + "}\n");
              } else {
                FakeServer.json(out, 200, r.target().contains("/web") ? marked : list(marked));
              }
            },
            "delete",
            "container",
            "web",
            "--grace-period=3");
    assertThat(ran).isEqualTo(new Ran(0, "container.jctl.dev \"web\" deleted\n", ""));
  }

  private static String network(String message) {
    return """
        {"apiVersion":"jctl.dev/v1","kind":"Network",
         "metadata":{"name":"front","namespace":"default","uid":"n","resourceVersion":"8","generation":1,
           "deletionTimestamp":"2026-01-01T00:00:01Z"},
         "status":{"phase":"Terminating","conditions":[{"type":"Ready","status":"False",
           "reason":"Terminating","message":"MESSAGE"},
           {"type":"InUse","status":"True"}]}}
        """
        .replaceAll("\\s*\n\\s*", "")
        .replace("MESSAGE", message);
  }

  /** Of a network whose status has this message until it is gone. */
  private Ran deletingWhile(String message) throws IOException {
    String network = network(message);
    return jctl(
        (r, in, out) -> {
          if (r.target().contains("watch=true")) {
            FakeServer.chunked(out);
            FakeServer.chunk(out, "{\"type\":\"MODIFIED\",\"object\":" + network + "}\n");
            FakeServer.chunk(out, "{\"type\":\"DELETED\",\"object\":" + network + "}\n");
          } else {
            FakeServer.json(out, 200, r.target().contains("/front") ? network : list(network));
          }
        },
        "delete",
        "network",
        "front");
  }

  @Test
  void deleteSaysForWhomItWaits() throws IOException {
    assertThat(deletingWhile("Deletion waits for these Pods to go: web"))
        .isEqualTo(
            new Ran(
                0,
                "network.jctl.dev \"front\" deleted\n",
                "network.jctl.dev/front: Deletion waits for these Pods to go: web\n"));
  }

  @Test
  void deleteNamesSomeOfManyForWhomItWaits() throws IOException {
    String pods =
        IntStream.rangeClosed(1, 1000).mapToObj(i -> "web-" + i).collect(Collectors.joining(", "));
    assertThat(deletingWhile("Deletion waits for these Pods to go: " + pods).err())
        .isEqualTo(
            "network.jctl.dev/front: Deletion waits for these Pods to go: web-1, web-2, web-3,"
                + " web-4, web-5, web-6, web-7, web-8, web-9, web-10 and 990 more\n");
  }

  @Test
  void wrongUseExitsTwoAndSaysWhy() {
    assertThat(run("frobnicate").err()).startsWith("error: unknown command \"frobnicate\"");
    assertThat(run("get", "pots").err()).contains("doesn't have a resource type \"pots\"");
    assertThat(run("get", "pods", "--colour").err()).isEqualTo("error: unknown flag: --colour\n");
    assertThat(run("exec", "web").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("apply", "-f", "/no/such/file").err())
        .isEqualTo("error: the path \"/no/such/file\" does not exist\n");
  }
}
