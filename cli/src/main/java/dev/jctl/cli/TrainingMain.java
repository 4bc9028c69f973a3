package dev.jctl.cli;

import dev.jctl.cli.output.Console;
import dev.jctl.manifests.model.ResourceKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Runs the usual commands against a canned answer, so that the JVM can write an AOT cache of the
 * classes they load; and, given the socket of an engine and a manifest, the life of its objects
 * there. A build runs it once; nobody else does.
 */
public final class TrainingMain {
  private static final String ANSWER =
      """
      {"kind":"ContainerList","apiVersion":"jctl.dev/v1","metadata":{"resourceVersion":"7"},"items":[
       {"metadata":{"name":"web","namespace":"default","uid":"u","resourceVersion":"7","generation":1,
        "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"web"}},
        "spec":{"image":"web","ports":[{"containerPort":80,"hostPort":8080}]},
        "status":{"phase":"Running","ready":true,"restartCount":0,"observedGeneration":1,
         "networks":[{"name":"front","ip":"10.90.0.2"}],
         "conditions":[{"type":"Ready","status":"True","reason":"Ready","message":""}]}}]}
      """;
  private static final String MANIFEST =
      """
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: web, labels: {app: web}}
      spec:
        image: web
        command: [httpd, -f]
        ports: [{containerPort: 80, hostPort: 8080}]
        resources: {limits: {cpu: 500m, memory: 64Mi}}
        readinessProbe: {httpGet: {path: /, port: 80}}
      """;

  private TrainingMain() {}

  private static final int LIVES = 3;

  /** Arguments: none, or the socket of an engine and the path of a manifest. */
  public static void main(String[] args) throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    JctlMain.initializeLibrariesAside();
    JctlMain jctl = new JctlMain(new Console(nowhere, nowhere, false, false), System.getenv());
    runCanned(jctl);
    if (args.length == 2) {
      for (int i = 0; i < LIVES; i++) {
        runLife(jctl, args[0], args[1]);
      }
    }
  }

  private static void runLife(JctlMain jctl, String socket, String manifest) {
    for (List<String> words :
        List.of(
            List.of("apply", "-f", manifest, "--wait", "--timeout", "20s"),
            List.of("get", everyKind()),
            List.of("describe", "containers"),
            List.of("events"),
            List.of("apply", "-f", manifest),
            List.of("diff", "-f", manifest),
            List.of("delete", "-f", manifest, "--wait", "--timeout", "60s"))) {
      run(jctl, words, socket);
    }
  }

  /** What an engine has of each: its nodes and namespaces are columns of their own kind. */
  private static String everyKind() {
    return Arrays.stream(ResourceKind.values())
        .map(ResourceKind::plural)
        .collect(Collectors.joining(","));
  }

  private static void runCanned(JctlMain jctl) throws IOException {
    Path directory = Files.createTempDirectory("jctl-training");
    Path socket = directory.resolve("jctl.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread answering = new Thread(() -> answer(server), "answers");
      answering.setDaemon(true);
      answering.start();
      for (List<String> words :
          List.of(
              List.of("get", "containers", "-o", "wide"),
              List.of("get", "containers", "-o", "yaml"),
              List.of("get", "containers", "-o", "json"),
              List.of("apply", "-f", "-"),
              List.of("describe", "containers"),
              List.of("delete", "container", "web"),
              List.of("status"),
              List.of("--help"))) {
        System.setIn(new ByteArrayInputStream(MANIFEST.getBytes(StandardCharsets.UTF_8)));
        run(jctl, words, socket.toString());
      }
      // each kind has columns of its own
      for (ResourceKind kind : ResourceKind.values()) {
        run(jctl, List.of("get", kind.plural()), socket.toString());
      }
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  private static void run(JctlMain jctl, List<String> words, String socket) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of("--socket", socket));
    jctl.run(Arrays.asList(all.toArray(String[]::new))); // as main has them
  }

  private static void answer(ServerSocketChannel server) {
    byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    try {
      while (server.isOpen()) {
        try (SocketChannel client = server.accept()) {
          client.read(ByteBuffer.allocate(65536));
          client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
          client.write(ByteBuffer.wrap(body));
        }
      }
    } catch (IOException e) {
      // the training is over
    }
  }
}
