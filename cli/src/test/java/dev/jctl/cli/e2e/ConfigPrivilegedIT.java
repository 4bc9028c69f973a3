package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** ConfigMaps and Secrets in real containers. */
final class ConfigPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  @Test
  void aPlanIsCarriedOutAsItWasShownOrNotAtAll() throws IOException {
    String plan = ENGINE.home().resolve("a.plan").toString();
    plan("one", plan).exits(2);
    assertThat(ENGINE.jctl("get", "configmap", "planned").code()).as("a plan only shows").isOne();
    ENGINE.jctl("apply", "--plan", plan).ok();
    assertThat(planned()).isEqualTo("one");
    plan("one", plan).ok();

    plan("two", plan).exits(2);
    ENGINE.jctl("apply", "-f", ENGINE.file("other.yaml", planned("three")).toString()).ok();
    Ran refused = ENGINE.jctl("apply", "--plan", plan);
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("nothing was changed");
    assertThat(planned()).as("nothing of an outdated plan is done").isEqualTo("three");
  }

  private static Ran plan(String value, String out) throws IOException {
    String file = ENGINE.file("planned.yaml", planned(value)).toString();
    return ENGINE.jctl("plan", "-f", file, "--out", out, "--detailed-exitcode");
  }

  private static String planned(String value) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: planned}\ndata: {value: %s}\n"
        .formatted(value);
  }

  private static String planned() throws IOException {
    return ENGINE.get("configmap", "planned").at("/data/value").asText();
  }

  @Test
  void filesFollowTheirConfigMapAndVariablesWaitForTheNextStart() throws IOException {
    Example config = ENGINE.example("config");
    ENGINE.jctl("apply", "-f", config.path(), "--wait", "--timeout=60s").ok();
    assertThat(shell("echo $APP_colour $PASSWORD")).isEqualTo("green correct horse\n");
    assertThat(shell("cat /etc/app/greeting.txt")).isEqualTo("hello from a file\n");
    assertThat(shell("cat /run/keys/password")).isEqualTo("correct horse");
    assertThat(shell("grep -c ' /run/keys ro.* - tmpfs ' /proc/self/mountinfo")).isEqualTo("1\n");
    String pid = shell("cat /proc/1/stat | cut -d' ' -f22");

    Path file = config.directory().resolve("config.yaml");
    String changed = Files.readString(file).replace("from a file", "again").replace("green", "red");
    Files.writeString(file, changed);
    assertThat(ENGINE.jctl("diff", "-f", config.path()).exits(1).out())
        .contains("+  colour: red")
        .doesNotContain("password");
    Files.writeString(file, changed.replace("correct horse", "battery staple"));
    assertThat(ENGINE.jctl("diff", "-f", config.path()).exits(1).out())
        .contains("+  password: '*** (after)'")
        .doesNotContain("YmF0dGVyeSBzdGFwbGU=");
    Files.writeString(file, changed);
    assertThat(ENGINE.jctl("apply", "-f", config.path(), "--wait", "--timeout=60s").ok().lines())
        .contains("configmap/settings configured", "pod/configured unchanged");
    TestEngine.eventually().until(() -> shell("cat /etc/app/greeting.txt").equals("hello again\n"));
    TestEngine.eventually()
        .until(() -> ENGINE.jctl("logs", "configured").ok().out().contains("reloaded\n"));
    assertThat(shell("echo $APP_colour")).isEqualTo("green\n");
    assertThat(shell("cat /proc/1/stat | cut -d' ' -f22"))
        .as("it was not restarted")
        .isEqualTo(pid);

    for (Path secret :
        List.of(
            ENGINE.data().resolve("store"),
            ENGINE.data().resolve("containers"),
            ENGINE.run().resolve("volumes"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .as("%s is for nobody else", secret)
          .isEqualTo("rwx------");
    }

    assertThat(ENGINE.jctl("rotate-key").ok().out()).contains("1 Secret sealed with key ");
    ENGINE.killEngineProcess("shim");
    ENGINE.killEngineProcess("controller");
    TestEngine.eventually()
        .until(() -> ENGINE.jctl(exec("echo $PASSWORD")).out().equals("correct horse\n"));
    assertThat(ENGINE.filesWith("correct horse")).as("files with the password").isEmpty();
    assertThat(ENGINE.filesWith("Y29ycmVjdCBob3JzZQ")).as("files with it in base64").isEmpty();

    ENGINE.kill(ENGINE.pid("main"));
    TestEngine.eventually()
        .until(() -> ENGINE.jctl(exec("echo $APP_colour")).out().equals("red\n"));
    ENGINE.jctl("delete", "-f", config.path(), "--wait", "--timeout=60s").ok();
  }

  private static String colour(String colour) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: paint}\ndata: {colour: %s}\n"
        .formatted(colour);
  }

  /** Three that say what they were started with, which they are told no other way. */
  private static final String ROLLED =
      """
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: painted}
      spec: {selector: {app: painted}, ports: [{port: 80, targetPort: 8000}]}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: painted}
      spec:
        replicas: 3
        selector: {matchLabels: {app: painted}}
        template:
          metadata:
            labels: {app: painted}
            annotations: {jctl.dev/on-config-change: Restart}
          spec:
            terminationGracePeriodSeconds: 2
            containers:
              - name: main
                image: hello
                command: [sh, -c, "echo $colour > /index.html; exec busybox httpd -f -p 8000 -h /"]
                envFrom: [{configMapRef: {name: paint}}]
                readinessProbe: {httpGet: {path: /index.html, port: 8000}, periodSeconds: 1}
                lifecycle: {preStop: {sleep: {seconds: 1}}}
      """;

  @Test
  void aDeploymentGoesFromOneContentToTheNextWhileItsServiceAnswers() throws Exception {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path()).ok();
    ENGINE
        .jctlWithInput(colour("green") + ROLLED, "apply", "-f", "-", "--wait", "--timeout=90s")
        .ok();
    String url =
        "http://" + ENGINE.get("service", "painted").at("/spec/clusterIP").asText() + "/index.html";
    assertThat(Host.fetch(url)).isEqualTo("green\n");

    ENGINE.jctlWithInput(colour("red"), "apply", "-f", "-").ok();
    Instant deadline = Instant.now().plusSeconds(60);
    while (!hasRolled() && Instant.now().isBefore(deadline)) {
      for (int i = 0; i < 20; i++) {
        assertThat(Host.fetch(url)).isIn("green\n", "red\n");
      }
    }
    assertThat(hasRolled()).isTrue();
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.get("endpoints", "painted").at("/subsets/0/addresses"))
                    .hasSize(3));
    for (int i = 0; i < 20; i++) {
      assertThat(Host.fetch(url)).isEqualTo("red\n");
    }
    assertThat(ENGINE.jctl("get", "pods", "-l", "app=painted", "-o", "json").ok().out())
        .doesNotContainPattern("\"restartCount\" ?: ?[1-9]");
    ENGINE.jctl("delete", "deployment/painted", "service/painted", "configmap/paint").ok();
  }

  private static boolean hasRolled() throws IOException {
    JsonNode deployment = ENGINE.get("deployment", "painted");
    JsonNode status = deployment.path("status");
    return deployment
            .at("/metadata/annotations")
            .path("deployment.kubernetes.io/revision")
            .asText()
            .equals("2")
        && status.path("updatedReplicas").asInt() == 3
        && status.path("replicas").asInt() == 3
        && status.path("availableReplicas").asInt() == 3;
  }

  private static String shell(String command) {
    return ENGINE.jctl(exec(command)).ok().out();
  }

  private static String[] exec(String command) {
    return List.of("exec", "configured", "--", "sh", "-c", command).toArray(String[]::new);
  }
}
