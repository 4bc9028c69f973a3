package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The unmodified kubectl of this machine, over TLS. */
final class KubectlPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Test
  void readsAndChangesWhatJctlApplied() throws IOException {
    Host.requireKubectl();
    Example web = ENGINE.example("web");
    ENGINE.jctl("apply", "-f", web.path(), "--wait", "--timeout=60s").ok();
    assertThat(kubectl("get", "ctr,pods,net,vol,img", "-o", "name").ok().lines())
        .contains("container.jctl.dev/web", "pod/writer", "volume.jctl.dev/data");
    assertThat(kubectl("get", "ctr", "web").ok().out()).containsPattern("web +true +Running");
    kubectl("wait", "--for=condition=Ready", "ctr/web", "--timeout=30s").ok();
    assertThat(kubectl("describe", "ctr", "web").ok().out())
        .containsPattern("Host Port: +" + web.port());
    assertThat(kubectl("exec", "writer", "--", "sh", "-c", "echo out; exit 7").exits(7).out())
        .isEqualTo("out\n");
    kubectl("label", "ctr", "web", "colour=green").ok();
    assertThat(kubectl("get", "ctr", "-l", "colour=green", "-o", "name").ok().out())
        .isEqualTo("container.jctl.dev/web\n");
    kubectl("delete", "-f", web.path(), "--timeout=60s").ok();
    assertThat(ENGINE.jctl("get", "containers,pods,volumes", "-o", "name").ok().out()).isEmpty();
  }

  @Test
  void appliesAndExplains() throws IOException {
    Host.requireKubectl();
    Example hello = ENGINE.example("hello");
    assertThat(kubectl("apply", "-f", hello.path()).ok().lines())
        .contains("container.jctl.dev/hello created");
    assertThat(kubectl("apply", "-f", hello.path()).ok().lines())
        .allMatch(line -> line.endsWith(" unchanged"));
    kubectl("wait", "--for=condition=Ready", "ctr/hello", "--timeout=60s").ok();
    kubectl("diff", "-f", hello.path()).ok();
    assertThat(kubectl("explain", "ctr.spec.ports").ok().out()).contains("hostPort");
    Path wrong =
        ENGINE.file(
            "wrong.yaml",
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: x}
            spec: {image: hello, imag: 1}
            """);
    assertThat(kubectl("apply", "-f", wrong.toString()).exits(1).err()).contains("imag");
    kubectl("delete", "-f", hello.path(), "--timeout=60s").ok();
  }

  @Test
  void runsAPodAndIsAttachedToIt() throws IOException {
    Host.requireKubectl();
    Example hello = ENGINE.example("hello");
    ENGINE.jctl("apply", "-f", hello.path(), "--wait", "--timeout=60s").ok();
    List<String> words =
        new ArrayList<>(List.of("run", "once", "--image=hello", "--restart=Never", "--rm", "-i"));
    words.addAll(List.of("--", "sh", "-c", "read said; echo heard $said"));
    Ran once = kubectl("this\n", words);
    assertThat(once.ok().out()).contains("heard this\n").contains("pod \"once\" deleted");
    kubectl("delete", "-f", hello.path(), "--timeout=60s").ok();
  }

  /** As kubectl before 1.31 does without being asked. */
  @Test
  void execsOverSpdyToo() throws IOException {
    Host.requireKubectl();
    Example hello = ENGINE.example("hello");
    ENGINE.jctl("apply", "-f", hello.path(), "--wait", "--timeout=60s").ok();
    List<String> words = new ArrayList<>(List.of("env", "KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false"));
    words.addAll(command(List.of("exec", "-i", "hello", "--", "sh", "-c")));
    words.add("read said; echo heard $said; echo bad >&2; exit 7");
    Ran ran = ENGINE.start("this\n", words).await(PATIENCE).exits(7);
    assertThat(ran.out()).isEqualTo("heard this\n");
    assertThat(ran.err()).startsWith("bad\n");
    kubectl("delete", "-f", hello.path(), "--timeout=60s").ok();
  }

  @Test
  void forwardsAPort() throws Exception {
    Host.requireKubectl();
    Example web = ENGINE.example("web");
    ENGINE.jctl("apply", "-f", web.path(), "--wait", "--timeout=60s").ok();
    try (Subprocess forward =
        ENGINE.start("", command(List.of("port-forward", "pod/web", ":80", ":81")))) {
      String open = "http://127.0.0.1:" + forwarded(forward, 80);
      String closed = "http://127.0.0.1:" + forwarded(forward, 81);
      for (int i = 0; i < 3; i++) {
        assertThat(Host.fetch(open)).contains("<h1>It runs</h1>");
      }
      assertThatThrownBy(() -> Host.fetch(closed)).isInstanceOf(IOException.class);
      assertThat(forward.await(PATIENCE).err()).contains("Connection refused");
    }
    kubectl("delete", "-f", web.path(), "--timeout=60s").ok();
  }

  /** The port of this machine, when kubectl has told it. */
  private static String forwarded(Subprocess forward, int port) {
    Pattern told = Pattern.compile("127\\.0\\.0\\.1:(\\d+) -> " + port + "\n");
    return TestEngine.eventually().until(() -> told.matcher(forward.out()), Matcher::find).group(1);
  }

  @Test
  void createsNamespacesAndAsksAboutItself() throws IOException {
    Host.requireKubectl();
    kubectl("create", "namespace", "team").ok();
    assertThat(kubectl("get", "namespaces", "-o", "name").ok().lines()).contains("namespace/team");
    assertThat(kubectl("create", "namespace", "team").exits(1).err()).contains("already exists");
    kubectl("delete", "namespace", "team", "--timeout=60s").ok();
    assertThat(kubectl("auth", "can-i", "delete", "pods").ok().out()).isEqualTo("yes\n");
    assertThat(kubectl("auth", "can-i", "--list").ok().out()).contains("*.*");
    assertThat(kubectl("auth", "whoami").ok().out()).contains("system:masters");

    Files.writeString(ENGINE.data().resolve("tokens.csv"), "low,guest,2,\"guests\"\n");
    String anybody =
        curl(
            server() + "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "--oauth2-bearer",
            "low",
            "--json",
            "{\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}");
    assertThat(anybody).contains("\"allowed\":false");
  }

  @Test
  void topsAndDrainsTheMachine() throws IOException {
    Host.requireKubectl();
    Example pod = ENGINE.example("pod");
    ENGINE.jctl("apply", "-f", pod.path(), "--wait", "--timeout=60s").ok();
    String node = kubectl("get", "nodes", "-o", "name").ok().out().strip();
    assertThat(kubectl("get", node).ok().out()).containsPattern("Ready +<none>");
    assertThat(kubectl("top", "pods", "--containers").ok().out())
        .containsPattern("pair +server +\\d+m +\\d+Mi")
        .containsPattern("pair +client +\\d+m +\\d+Mi");
    assertThat(kubectl("top", "nodes").ok().out()).containsPattern("\\d+m +\\d+% +\\d+Mi +\\d+%");
    assertThat(kubectl("get", "--raw", "/metrics").ok().out())
        .containsPattern(
            "container_memory_working_set_bytes\\{container=\"server\",namespace=\"default\",pod=\"pair\"}"
                + " \\d");
    if (Files.isReadable(Path.of("/proc/pressure/cpu"))) {
      assertThat(kubectl("get", "--raw", "/metrics").ok().out())
          .containsPattern(
              "container_pressure_memory_stalled_seconds_total\\{container=\"server\",namespace=\"default\",pod=\"pair\"}"
                  + " \\d")
          .containsPattern("node_pressure_cpu_waiting_seconds_total \\d");
    }
    assertThat(kubectl("describe", node).ok().out()).containsPattern("default +pair +0 \\(0%\\)");

    kubectl("drain", node, "--force", "--delete-emptydir-data", "--timeout=60s").ok();
    assertThat(kubectl("get", "pods", "-o", "name").ok().out()).isEmpty();
    kubectl("apply", "-f", pod.path()).ok();
    TestEngine.eventually()
        .until(() -> kubectl("get", "pods").ok().out().contains("Unschedulable"));
    kubectl("uncordon", node).ok();
    kubectl("wait", "--for=condition=Ready", "pod/pair", "--timeout=60s").ok();
    kubectl("delete", node).ok();
    kubectl("wait", "--for=create", node, "--timeout=30s").ok();
    kubectl("delete", "-f", pod.path(), "--timeout=60s").ok();
  }

  @Test
  void rollsADeploymentOutAndBackAndScalesIt() throws IOException {
    Host.requireKubectl();
    Example hello = ENGINE.example("hello");
    ENGINE.jctl("apply", "-f", hello.path(), "--wait", "--timeout=60s").ok();
    String untilAsked = "trap exit TERM; sleep 1000 & wait";
    kubectl("create", "deployment", "many", "--image=hello", "--", "sh", "-c", untilAsked).ok();
    kubectl("patch", "deploy/many", "-p", GRACELESS).ok();
    String status = "rollout status deploy/many --timeout=60s";
    assertThat(kubectl(status.split(" ")).ok().out()).contains("successfully rolled out");
    kubectl("scale", "deploy/many", "--replicas=2").ok();
    kubectl("set", "env", "deploy/many", "COLOUR=green").ok();
    kubectl(status.split(" ")).ok();
    assertThat(kubectl("get", "deploy", "many").ok().out()).containsPattern("many +2/2 +2 +2");
    assertThat(kubectl("rollout", "history", "deploy/many").ok().out()).contains("\n3 ");
    kubectl("rollout", "undo", "deploy/many").ok();
    kubectl(status.split(" ")).ok();
    assertThat(kubectl("get", "deploy", "many", "-o", "jsonpath={..env}").ok().out()).isEmpty();
    assertThat(kubectl("describe", "deploy", "many").ok().out()).contains("NewReplicaSetAvailable");
    kubectl("rollout", "restart", "deploy/many").ok();
    kubectl(status.split(" ")).ok();
    assertThat(ENGINE.jctl("get", "deployments").ok().out()).containsPattern("many +2/2");
    kubectl("delete", "deploy/many", "--cascade=foreground", "--timeout=60s").ok();
    assertThat(kubectl("get", "rs,pods", "-l", "app=many", "-o", "name").ok().out()).isEmpty();
    kubectl("delete", "-f", hello.path(), "--timeout=60s").ok();
  }

  /** Pods of the Deployment end at once. */
  private static final String GRACELESS =
      "{\"spec\":{\"template\":{\"spec\":{\"terminationGracePeriodSeconds\":0}}}}";

  private static final String STRANGER =
      """
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: stranger}
      spec: {image: service, command: [sleep, infinity], terminationGracePeriodSeconds: 0}
      """;

  @Test
  void opensAServiceToTheMachineAndListsWhoIsBehindIt() throws IOException {
    Host.requireKubectl();
    Example service = ENGINE.example("service");
    Path stranger = ENGINE.file("stranger.yaml", STRANGER);
    kubectl("apply", "-f", service.path(), "-f", stranger.toString()).ok();
    kubectl("wait", "--for=condition=Ready", "ctr", "--all", "--timeout=60s").ok();
    kubectl("patch", "svc/page", "-p", "{\"spec\":{\"type\":\"NodePort\"}}").ok();
    String port = said("svc/page", "{.spec.ports[0].nodePort}");
    assertThat(kubectl("get", "svc", "page").ok().out())
        .containsPattern("page +NodePort +10\\.\\S+ +<none> +80:" + port + "/TCP");
    String url = "http://127.0.0.1:" + port + "/";
    TestEngine.eventually().ignoreExceptions().until(() -> Host.fetch(url).contains("is page-"));
    TestEngine.eventually().until(() -> behind().equals(Set.of(podIp("page-1"), podIp("page-2"))));
    assertThat(kubectl("get", "endpoints", "page").ok().out())
        .contains(podIp("page-1") + ":8000", podIp("page-2") + ":8000");
    assertThat(kubectl("describe", "svc", "page").ok().out())
        .containsPattern("Endpoints: .*" + podIp("page-1") + ":8000");
    TestEngine.eventually().until(() -> page("client").out().contains("is page-"));
    assertThat(page("stranger").code()).as("the policy is for the client").isNotZero();

    kubectl("delete", "ctr/page-1", "--timeout=60s").ok();
    TestEngine.eventually().until(() -> behind().equals(Set.of(podIp("page-2"))));
    TestEngine.eventually().ignoreExceptions().until(() -> Host.fetch(url).contains("is page-2"));
    kubectl("delete", "-f", service.path(), "--ignore-not-found", "--timeout=60s").ok();
    TestEngine.eventually().until(() -> behind().isEmpty());
    kubectl("delete", "ctr/stranger", "--timeout=60s").ok();
  }

  /** The addresses in the EndpointSlices of the Service. */
  private static Set<String> behind() {
    String text =
        kubectl(
                "get",
                "endpointslices",
                "-l",
                "kubernetes.io/service-name=page",
                "-o",
                "jsonpath={.items[*].endpoints[*].addresses[0]}")
            .ok()
            .out();
    return text.isEmpty() ? Set.of() : Set.of(text.split(" "));
  }

  private static String podIp(String pod) {
    return said("pod/" + pod, "{.status.podIP}");
  }

  private static String said(String object, String path) {
    return kubectl("get", object, "-o", "jsonpath=" + path).ok().out();
  }

  /** What the Service answers to a container. */
  private static Ran page(String from) {
    String[] get = {"busybox", "timeout", "3", "wget", "-q", "-O", "-", "http://page/"};
    List<String> words = new ArrayList<>(List.of("exec", from, "--"));
    words.addAll(List.of(get));
    return kubectl("", words);
  }

  @Test
  void runsJobs() throws IOException {
    Host.requireKubectl();
    Example hello = ENGINE.example("hello");
    ENGINE.jctl("apply", "-f", hello.path(), "--wait", "--timeout=60s").ok();
    kubectl(
            "create",
            "cronjob",
            "later",
            "--image=hello",
            "--schedule=0 3 * * *",
            "--",
            "sh",
            "-c",
            "echo done")
        .ok();
    kubectl("create", "job", "now", "--from=cronjob/later").ok();
    kubectl("wait", "--for=condition=complete", "job/now", "--timeout=60s").ok();
    assertThat(kubectl("logs", "job/now").ok().out()).isEqualTo("done\n");
    assertThat(kubectl("get", "jobs").ok().out()).containsPattern("now +Complete +1/1");
    kubectl("delete", "cronjob/later", "--cascade=foreground", "--timeout=60s").ok();
    kubectl("delete", "-f", hello.path(), "--timeout=60s").ok();
  }

  /** Without an allow-list: sixteen kinds are looked through. */
  @Test
  void prunesWhatIsNoLongerApplied() throws IOException {
    Host.requireKubectl();
    String two =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: kept, labels: {of: us}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: dropped, labels: {of: us}}
        """;
    Path file = ENGINE.file("two.yaml", two);
    kubectl("apply", "-f", file.toString()).ok();
    Files.writeString(file, two.substring(0, two.indexOf("---")));
    Ran pruned = kubectl("apply", "-f", file.toString(), "--prune", "-l", "of=us");
    assertThat(pruned.ok().out()).contains("configmap/dropped pruned");
    kubectl("delete", "configmap/kept").ok();
  }

  @Test
  void createsConfigMapsAndSecrets() throws IOException {
    Host.requireKubectl();
    kubectl("create", "configmap", "settings", "--from-literal=colour=green").ok();
    kubectl("create", "secret", "generic", "login", "--from-literal=password=hunter2").ok();
    assertThat(kubectl("get", "cm,secrets").ok().out())
        .containsPattern("configmap/settings +1 ")
        .containsPattern("secret/login +Opaque +1 ");
    assertThat(kubectl("get", "secret", "login", "-o", "jsonpath={.data.password}").ok().out())
        .isEqualTo("aHVudGVyMg==");
    assertThat(kubectl("describe", "secret", "login").ok().out())
        .containsPattern("password: +7 bytes")
        .doesNotContain("hunter2");
    kubectl("patch", "secret", "login", "-p", "{\"stringData\":{\"user\":\"me\"}}").ok();
    assertThat(kubectl("get", "secret", "login", "-o", "jsonpath={.data.user}").ok().out())
        .isEqualTo("bWU=");
    assertThat(kubectl("create", "configmap", "settings").exits(1).err())
        .contains("already exists");
    kubectl("delete", "cm/settings", "secret/login").ok();
  }

  @Test
  void whoProvesNothingGetsNothingAndTokensAreReadAgain() throws IOException {
    String server = server();
    assertThat(curl(server + "/version")).contains("gitVersion");
    assertThat(curl(server + "/api/v1/namespaces")).contains("\"code\":401");
    assertThat(curl(server + "/api/v1/namespaces", "--oauth2-bearer", "secret"))
        .contains("\"code\":401");

    Files.writeString(
        ENGINE.data().resolve("tokens.csv"),
        "secret,deployer,1,\"system:masters\"\nlow,guest,2,\"guests\"\n");
    assertThat(curl(server + "/api/v1/namespaces", "--oauth2-bearer", "secret"))
        .contains("NamespaceList");
    assertThat(curl(server + "/api/v1/namespaces", "--oauth2-bearer", "low"))
        .contains("\"code\":403")
        .contains("guest");
  }

  @Test
  void whoHasARoleDoesWhatItSaysAndNoMore() throws IOException {
    Host.requireKubectl();
    Files.writeString(ENGINE.data().resolve("tokens.csv"), "hers,ann,7\n");
    kubectl("create", "configmap", "shared", "--from-literal=a=b").ok();
    kubectl("create", "role", "reader", "--verb=get,list,watch", "--resource=configmaps,pods").ok();
    kubectl("create", "rolebinding", "readers", "--role=reader", "--user=ann").ok();
    assertThat(ann("get", "configmap/shared", "-o", "jsonpath={.data.a}").ok().out())
        .isEqualTo("b");
    assertThat(ann("delete", "configmap/shared").exits(1).err())
        .contains(
            "Error from server (Forbidden): configmaps \"shared\" is forbidden: User \"ann\" cannot"
                + " delete resource \"configmaps\" in API group \"\" in the namespace \"default\"");
    assertThat(ann("get", "pods", "-A").exits(1).err()).contains("at the cluster scope");
    assertThat(ann("auth", "can-i", "--list").ok().out())
        .containsPattern("configmaps +\\[] +\\[] +\\[get list watch]")
        .contains("selfsubjectreviews.authentication.k8s.io");
    assertThat(ann("auth", "whoami").ok().out()).containsPattern("Username +ann");
    assertThat(kubectl("auth", "can-i", "delete", "pods", "--as=ann").exits(1).out())
        .isEqualTo("no\n");
    assertThat(kubectl("get", "secrets", "--as=ann", "--as-group=staff").exits(1).err())
        .contains("User \"ann\" cannot list resource \"secrets\"");
    assertThat(ann("get", "pods", "--as=bob").exits(1).err())
        .contains("users \"bob\" is forbidden: User \"ann\" cannot impersonate resource \"users\"");
    kubectl("delete", "rolebinding/readers", "role/reader", "configmap/shared").ok();
    assertThat(ann("get", "pods").exits(1).err()).contains("Forbidden");
  }

  @Test
  void theRolesThatKubernetesBeginsWithAreThereAndComeBack() throws IOException {
    Host.requireKubectl();
    Files.writeString(ENGINE.data().resolve("tokens.csv"), "hers,ann,7\n");
    kubectl("create", "clusterrolebinding", "ann", "--clusterrole=view", "--user=ann").ok();
    ann("get", "pods,configmaps,containers,images", "-A").ok();
    assertThat(ann("get", "secrets").exits(1).err()).contains("Forbidden");
    assertThat(kubectl("auth", "can-i", "create", "pods/exec", "--as=ann").exits(1).out())
        .isEqualTo("no\n");
    kubectl("create", "clusterrole", "secret-reader", "--verb=get,list", "--resource=secrets").ok();
    kubectl(
            "label",
            "clusterrole/secret-reader",
            "rbac.authorization.k8s.io/aggregate-to-view=true")
        .ok();
    TestEngine.eventually().until(() -> ann("get", "secrets").code() == 0);
    kubectl("delete", "clusterrole/secret-reader", "clusterrole/view").ok();
    kubectl("wait", "--for=create", "clusterrole/view", "--timeout=30s").ok();
    TestEngine.eventually()
        .until(() -> ann("get", "pods").code() == 0 && ann("get", "secrets").code() == 1);
    kubectl("delete", "clusterrolebinding/ann").ok();
  }

  /** The three commands of the README. */
  @Test
  void aTeammateLooksWithAServiceAccountsToken() throws IOException {
    Host.requireKubectl();
    kubectl("create", "serviceaccount", "mia").ok();
    kubectl("create", "rolebinding", "mia", "--clusterrole=view", "--serviceaccount=default:mia")
        .ok();
    String text = ENGINE.jctl("kubeconfig", "--service-account=mia", "--duration=30d").ok().out();
    Path file = ENGINE.file("mia.kubeconfig", text);
    assertThat(as(file, "get", "pods,containers").code()).isZero();
    assertThat(as(file, "auth", "whoami").ok().out()).contains("system:serviceaccount:default:mia");
    assertThat(as(file, "create", "configmap", "x").exits(1).err()).contains("is forbidden");
    assertThat(kubectl("create", "token", "mia").ok().out()).startsWith("ey");
    kubectl("delete", "serviceaccount/mia", "rolebinding/mia").ok();
    TestEngine.eventually().until(() -> as(file, "get", "pods").err().contains("Unauthorized"));
    assertThat(kubectl("get", "serviceaccounts", "-o", "name").ok().out())
        .isEqualTo("serviceaccount/default\n");
  }

  private static final String CALLER =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: caller}
      spec:
        automountServiceAccountToken: true
        terminationGracePeriodSeconds: 0
        containers: [{name: caller, image: hello, command: [sleep, infinity]}]
      """;

  /** As client libraries find it when they run in a cluster. */
  @Test
  void aPodHasWhatItNeedsToAskAndIsAskedNoMoreWhenItIsGone() throws IOException {
    Host.requireKubectl();
    kubectl("delete", "configmap/kube-root-ca.crt").ok();
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path()).ok();
    ENGINE.jctl("apply", "-f", ENGINE.file("caller.yaml", CALLER).toString()).ok();
    kubectl("wait", "--for=condition=Ready", "pod/caller", "--timeout=60s").ok();
    assertThat(inCaller("grep -c ' '$PWD' ro.* - tmpfs ' /proc/self/mountinfo")).isEqualTo("1\n");
    assertThat(inCaller("cat namespace")).isEqualTo("default");
    Path authority = ENGINE.file("caller.crt", inCaller("cat ca.crt"));
    String token = inCaller("cat token");
    assertThat(withToken(token, authority, "auth", "whoami").ok().out())
        .containsPattern("Username +system:serviceaccount:default:default");
    assertThat(withToken(token, authority, "get", "pods").exits(1).err()).contains("Forbidden");
    assertThat(ENGINE.filesWith(token)).isEmpty();
    String at = inCaller("echo -n $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT");
    assertThat(askedFrom("caller", at, token, authority).ok().out()).isEqualTo("200");
    assertThat(askedFrom("hello", at, token, authority).code()).as("has no token").isEqualTo(7);
    kubectl("delete", "pod/caller", "ctr/hello").ok();
    assertThat(withToken(token, authority, "auth", "whoami").exits(1).err())
        .contains("Unauthorized");
  }

  /** The status of an answer to who is on that Pod's network; curl's code 7 is no connection. */
  private static Ran askedFrom(String pod, String at, String token, Path authority) {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "-t", Integer.toString(ENGINE.pid(pod)), "-n"));
    command.addAll(List.of("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"));
    command.addAll(
        List.of("--cacert", authority.toString(), "-H", "Authorization: Bearer " + token));
    command.add("https://" + at + "/version");
    return ENGINE.start("", command).await(PATIENCE);
  }

  private static String inCaller(String script) {
    String there = "cd /var/run/secrets/kubernetes.io/serviceaccount; ";
    return kubectl("exec", "caller", "--", "sh", "-c", there + script).ok().out();
  }

  private static Ran as(Path kubeconfig, String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "kubectl",
                "--kubeconfig=" + kubeconfig,
                "--cache-dir=" + ENGINE.home().resolve("kube-cache-mia")));
    command.addAll(List.of(words));
    return ENGINE.start("", command).await(PATIENCE);
  }

  /** With the token {@code hers} instead of the administrator's certificate. */
  private static Ran ann(String... words) throws IOException {
    return withToken("hers", ENGINE.data().resolve("pki/ca.crt"), words);
  }

  private static Ran withToken(String token, Path authority, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "kubectl",
                "--kubeconfig=/dev/null",
                "--cache-dir=" + ENGINE.home().resolve("kube-cache-ann"),
                "--server=" + server(),
                "--certificate-authority=" + authority,
                "--token=" + token));
    command.addAll(List.of(words));
    return ENGINE.start("", command).await(PATIENCE);
  }

  @Test
  void keysAreForTheirOwnerOnlyAndTheAddressStays() throws IOException {
    Host.requireKubectl();
    String before = server();
    for (String name : List.of("kubeconfig", "pki/ca.key")) {
      assertThat(Files.getPosixFilePermissions(ENGINE.data().resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    ENGINE.jctl("down").ok();
    Ran told = ENGINE.jctl("kubeconfig").ok();
    assertThat(told.lines().getLast()).isEqualTo(kubeconfig().toString());
    // but where an engine of another test has come in between
    assertThat(server())
        .satisfiesAnyOf(is -> assertThat(is).isEqualTo(before), _ -> isTaken(before));
    kubectl("get", "namespaces").ok();
  }

  private static void isTaken(String address) {
    assertThatCode(
            () ->
                new Socket(InetAddress.getLoopbackAddress(), URI.create(address).getPort()).close())
        .doesNotThrowAnyException();
  }

  @Test
  void aTakenPortIsPassedOver() throws IOException {
    URI before = URI.create(server());
    ENGINE.jctl("down").ok();
    try (ServerSocket socket = new ServerSocket()) {
      take(socket, before.getPort());
      ENGINE.jctl("up").ok();
      assertThat(URI.create(server()).getPort()).isNotEqualTo(before.getPort());
      assertThat(curl(server() + "/version")).contains("gitVersion");
    }
  }

  private static void take(ServerSocket socket, int port) throws IOException {
    try {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
    } catch (BindException e) {
      isTaken("https://127.0.0.1:" + port); // by an engine of another test, which is as good
    }
  }

  /** Of the kubeconfig, when the engine runs. */
  private static String server() throws IOException {
    return Files.readAllLines(kubeconfig()).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("server: "))
        .map(line -> URI.create(line.substring("server: ".length())).toString())
        .findFirst()
        .orElseThrow();
  }

  private static Path kubeconfig() {
    return ENGINE.data().resolve("kubeconfig");
  }

  private static Ran kubectl(String... words) {
    return kubectl("", List.of(words));
  }

  /** {@code input}: of its standard input. */
  private static Ran kubectl(String input, List<String> words) {
    return ENGINE.start(input, command(words)).await(PATIENCE);
  }

  private static List<String> command(List<String> words) {
    return command("kubectl", words);
  }

  private static List<String> command(String kubectl, List<String> words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                kubectl,
                "--kubeconfig=" + kubeconfig(),
                "--cache-dir=" + ENGINE.home().resolve("kube-cache")));
    command.addAll(words);
    return command;
  }

  private static String curl(String... words) {
    List<String> command = new ArrayList<>(List.of("curl", "-sS"));
    command.addAll(List.of("--cacert", ENGINE.data().resolve("pki/ca.crt").toString()));
    command.addAll(List.of(words));
    return ENGINE.start("", command).await(PATIENCE).ok().out();
  }
}
