package dev.jctl.shim.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call over a real socket. */
final class RpcIT {
  private static final Duration LONG = Duration.ofSeconds(30);
  @TempDir Path directory;
  private final FakeRuntime fake = new FakeRuntime();
  private Path socket = Path.of("");
  private RpcServer server;
  private RpcClient client;

  RpcIT() throws IOException {
    socket = Files.createTempDirectory("jctl-rpc").resolve("s");
    server = RpcServer.start(fake, socket);
    client = new RpcClient(socket);
  }

  @BeforeEach
  void socketBelongsToItsOwnerOnly() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    assertThat(socket).doesNotExist();
    Files.delete(socket.getParent());
  }

  @Test
  void commandsArriveAsTheyWereGiven() {
    client.ensureNetwork(FakeRuntime.NETWORK);
    client.removeNetwork("n1");
    client.publishPorts("s1", List.of(FakeRuntime.PORT));
    assertThat(client.ensureService(FakeRuntime.SERVICE))
        .containsExactly("node port tcp 0.0.0.0:30080: sandbox s1 has it");
    client.removeService("ns.web");
    client.restrict(FakeRuntime.RESTRICTION);
    client.unrestrict("s1");
    client.repairPorts();
    client.removeVolume("v1");
    client.createSandbox(FakeRuntime.SANDBOX);
    client.updateSandbox(FakeRuntime.SANDBOX);
    client.repairSandbox("s1");
    client.removeSandbox("s1");
    client.createContainer(FakeRuntime.CONTAINER);
    client.runContainer(FakeRuntime.CONTAINER);
    assertThat(client.runFirst(FakeRuntime.SANDBOX, FakeRuntime.CONTAINER)).isEmpty();
    client.startContainer("c1");
    client.signalContainer("c1", 15);
    client.pauseContainer("c1");
    client.resumeContainer("c1");
    client.stopContainer("c1", Duration.ofMillis(1500));
    client.removeContainer("c1");
    client.updateResources("c1", FakeRuntime.RESOURCES);
    client.repairMounts("c1");
    client.removeLogs("/logs/c1");
    assertThat(fake.calls)
        .containsExactly(
            List.of("ensureNetwork", FakeRuntime.NETWORK),
            List.of("removeNetwork", "n1"),
            List.of("publishPorts", "s1", List.of(FakeRuntime.PORT)),
            List.of("ensureService", FakeRuntime.SERVICE),
            List.of("removeService", "ns.web"),
            List.of("restrict", FakeRuntime.RESTRICTION),
            List.of("unrestrict", "s1"),
            List.of("repairPorts"),
            List.of("removeVolume", "v1"),
            List.of("createSandbox", FakeRuntime.SANDBOX),
            List.of("updateSandbox", FakeRuntime.SANDBOX),
            List.of("repairSandbox", "s1"),
            List.of("removeSandbox", "s1"),
            List.of("createContainer", FakeRuntime.CONTAINER),
            List.of("runContainer", FakeRuntime.CONTAINER),
            List.of("runFirst", FakeRuntime.SANDBOX, FakeRuntime.CONTAINER),
            List.of("startContainer", "c1"),
            List.of("signalContainer", "c1", 15),
            List.of("pauseContainer", "c1"),
            List.of("resumeContainer", "c1"),
            List.of("stopContainer", "c1", Duration.ofMillis(1500)),
            List.of("removeContainer", "c1"),
            List.of("updateResources", "c1", FakeRuntime.RESOURCES),
            List.of("repairMounts", "c1"),
            List.of("removeLogs", "/logs/c1"));
  }

  @Test
  void whyTheFirstContainerDoesNotRunComesBackWhole() {
    fake.notRun = new RuntimeFailure(Reason.NO_SPACE, "no space for c1");
    assertThat(client.runFirst(FakeRuntime.SANDBOX, FakeRuntime.CONTAINER))
        .hasValueSatisfying(
            failure -> {
              assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE);
              assertThat(failure).hasMessage("no space for c1");
            });
  }

  @Test
  void answersComeBackAsTheyWereGiven() {
    assertThat(client.host()).isEqualTo(FakeRuntime.HOST);
    assertThat(client.layers()).isEqualTo(Set.of("aa", "bb"));
    assertThat(client.networks()).isEqualTo(fake.networks());
    assertThat(client.ports()).isEqualTo(fake.ports());
    assertThat(client.ensureVolume(FakeRuntime.VOLUME))
        .isEqualTo(fake.ensureVolume(FakeRuntime.VOLUME));
    assertThat(client.volumes()).isEqualTo(fake.volumes());
    assertThat(client.sandbox("s1")).contains(FakeRuntime.SEEN);
    assertThat(client.sandbox("s2")).isEmpty();
    assertThat(client.sandboxes()).containsExactly(FakeRuntime.SEEN);
    assertThat(client.container("c1")).contains(FakeRuntime.RUNNING);
    assertThat(client.container("c2")).isEqualTo(Optional.empty());
    assertThat(client.usage("c1")).isEqualTo(fake.usage("c1"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 63, 64, 65, 5000})
  void howeverManySandboxesThereAreAllAreSeen(int number) {
    fake.sandboxes =
        IntStream.range(0, number)
            .mapToObj(i -> new Observed.Sandbox(large("s" + i), true, List.of(), List.of()))
            .toList();
    assertThat(client.sandboxes()).isEqualTo(fake.sandboxes);
    assertThat(client.layers()).isEqualTo(Set.of("aa", "bb"));
  }

  /** Of four thousand bytes. */
  private static SandboxSpec large(String id) {
    return new SandboxSpec(
        id,
        "web",
        Set.of(),
        List.of(),
        FakeRuntime.SANDBOX.dns(),
        Map.of(),
        Map.of(),
        FakeRuntime.RESOURCES,
        Map.of("note", "x".repeat(4000)));
  }

  @Test
  void failuresKeepTheirReasonAndTheConnectionIsUsedAgain() {
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> client.removeLayer("aa"))
          .isInstanceOfSatisfying(
              RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE))
          .hasMessage("layer aa: used by c1");
    }
    assertThatThrownBy(() -> client.exec("c9", FakeRuntime.PROCESS))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
  }

  private static List<LayerEntry> entries(int size) {
    LayerEntry.Attributes attributes =
        new LayerEntry.Attributes(0755, 1, 2, 3_000_000_001L, Map.of("user.a", new byte[] {1, 2}));
    List<LayerEntry> entries = new ArrayList<>();
    entries.add(new LayerEntry.Directory("bin", attributes));
    for (int i = 0; i < 4; i++) {
      byte[] content = new byte[i * size];
      Arrays.fill(content, (byte) i);
      entries.add(
          new LayerEntry.File(
              "bin/f" + i, attributes, content.length, new ByteArrayInputStream(content)));
    }
    entries.add(new LayerEntry.HardLink("bin/g", "bin/f1"));
    entries.add(new LayerEntry.Whiteout("etc/passwd"));
    entries.add(new LayerEntry.Opaque("var"));
    return entries;
  }

  @Test
  void layersArriveEntryByEntry() {
    client.unpackLayer("aa", entries(100_000).iterator());
    fake.unpackLayer("aa", entries(100_000).iterator());
    List<List<Object>> calls = List.copyOf(fake.calls);
    assertThat(calls).hasSize(2);
    assertThat(calls.getFirst()).isEqualTo(calls.getLast());
  }

  @Test
  void aLayerThatTheRuntimeGivesUpEndsAtOnceWithItsReason() {
    client.unpackLayer("there", entries(4 << 20).iterator());
    assertThatThrownBy(() -> client.unpackLayer("big", entries(4 << 20).iterator()))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE));
  }

  @Test
  void changesComeEntryByEntryAndAFailureInTheirMiddleIsSaid() throws IOException {
    try (ContainerChanges changes = client.changes("c1", ContainerRuntime.Reading.FROZEN)) {
      assertThat(changes.next()).isInstanceOf(LayerEntry.Directory.class);
      LayerEntry.File file = (LayerEntry.File) changes.next();
      assertThat(file.content().readAllBytes()).isEqualTo("c1".repeat(100_000).getBytes(UTF_8));
      assertThat(changes.hasNext()).isFalse();
    }
    try (ContainerChanges changes = client.changes("bad", ContainerRuntime.Reading.AS_IT_IS)) {
      assertThatThrownBy(() -> changes.forEachRemaining(entry -> {}))
          .isInstanceOfSatisfying(
              RuntimeFailure.class, e -> assertThat(e).hasMessageContaining("unreadable"));
    }
  }

  @Test
  void changesThatBreakOffSayThatTheRuntimeIsAway() throws IOException {
    String id = "c".repeat(100); // so that its file is of ten megabytes, more than sockets hold
    try (ContainerChanges changes = client.changes(id, ContainerRuntime.Reading.AS_IT_IS)) {
      changes.next();
      LayerEntry.File file = (LayerEntry.File) changes.next();
      server.close();
      assertUnavailable(() -> file.content().readAllBytes());
      assertUnavailable(changes::hasNext);
    }
  }

  private static void assertUnavailable(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            e -> assertThat(e.reason()).isEqualTo(RuntimeFailure.Reason.UNAVAILABLE));
  }

  @Test
  void sessionsCarryInputOutputSizeAndExitCode() throws IOException {
    for (ExecSession session :
        List.of(client.exec("c1", FakeRuntime.PROCESS), client.attach("c1"))) {
      try (session) {
        assertThat(session.waitFor(Duration.ZERO)).isEmpty();
        session.resize(100, 40);
        byte[] text = "abc".repeat(50_000).getBytes(UTF_8);
        Thread.ofVirtual().start(() -> writeAndClose(session.stdin(), text));
        assertThat(session.stdout().readAllBytes()).isEqualTo("ABC".repeat(50_000).getBytes(UTF_8));
        assertThat(session.stderr().readAllBytes()).asString(UTF_8).isEqualTo("100x40");
        assertThat(session.waitFor(Duration.ofSeconds(30))).hasValue(7);
      }
    }
  }

  private static void writeAndClose(OutputStream output, byte[] bytes) {
    try (output) {
      output.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void connectionsHaveTwoHalves() throws IOException {
    try (SandboxConnection connection =
        client.connect("s1", "127.0.0.1", 80, Duration.ofSeconds(1))) {
      writeAndClose(connection.output(), "ping".getBytes(UTF_8));
      assertThat(connection.input().readAllBytes()).asString(UTF_8).isEqualTo("PING");
    }
  }

  @Test
  void eventsGoOnAfterTheRuntimeWasReplaced() throws IOException {
    ConcurrentLinkedQueue<RuntimeEvent> seen = new ConcurrentLinkedQueue<>();
    try (var subscription = client.subscribe(seen::add)) {
      await()
          .atMost(LONG)
          .until(() -> seen.contains(new RuntimeEvent.Resync()) && fake.listeners.size() == 1);
      RuntimeEvent event =
          new RuntimeEvent.ContainerChanged("s1", "c1", new Observed.State.Created());
      fake.listeners.forEach(listener -> listener.accept(event));
      await().atMost(LONG).until(() -> seen.contains(event));
      seen.clear();
      server.close();
      await().atMost(LONG).until(fake.listeners::isEmpty);
      server = RpcServer.start(fake, socket);
      assertThat(client.host()).isEqualTo(FakeRuntime.HOST);
      await().atMost(LONG).until(() -> seen.contains(new RuntimeEvent.Resync()));
      assertThat(subscription).isNotNull();
    }
  }

  @Test
  void aMissingRuntimeIsUnavailableAndALivingOneIsNotReplaced() {
    assertThatThrownBy(() -> RpcServer.start(fake, socket)).isInstanceOf(IOException.class);
    try (RpcClient nobody = new RpcClient(directory.resolve("none"))) {
      assertThatThrownBy(nobody::host)
          .isInstanceOfSatisfying(
              RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
    }
  }
}
