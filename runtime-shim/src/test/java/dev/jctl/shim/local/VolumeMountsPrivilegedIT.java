package dev.jctl.shim.local;

import static dev.jctl.shim.local.ShimProcess.NO_LIMITS;
import static dev.jctl.shim.local.ShimProcess.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.Propagation;
import dev.jctl.shim.spec.ContainerSpec.SharedGroup;
import dev.jctl.shim.spec.ContainerSpec.Source;
import dev.jctl.shim.spec.ContainerSpec.VolumeMount;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.Observed.State;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.VolumeFile;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways in which volumes are mounted, through the shim's process and the kernel. */
final class VolumeMountsPrivilegedIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static ShimProcess shim;
  private static ContainerRuntime runtime;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    shim = new ShimProcess(directory);
    runtime = shim.client();
    assumeTrue(runtime.host().warnings().stream().noneMatch(w -> w.contains("map ids")));
    layer("lower", 5, "srv/site/page", "lower");
    layer("upper", 7, "srv/site/page", "upper", "srv/site/more", "more");
  }

  @AfterAll
  static void stop() throws IOException {
    if (shim != null) {
      shim.close();
    }
  }

  private static void layer(String id, int uid, String... filesAndContents) {
    LayerEntry.Attributes attributes = new LayerEntry.Attributes(0755, uid, uid, 0, Map.of());
    List<LayerEntry> entries = new ArrayList<>();
    entries.add(
        new LayerEntry.Directory("srv", new LayerEntry.Attributes(0755, 0, 0, 0, Map.of())));
    entries.add(new LayerEntry.Directory("srv/site", attributes));
    for (int i = 0; i < filesAndContents.length; i += 2) {
      byte[] content = filesAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
      entries.add(
          new LayerEntry.File(
              filesAndContents[i], attributes, content.length, new ByteArrayInputStream(content)));
    }
    runtime.unpackLayer(id, entries.iterator());
  }

  private static void sandbox(String id, SandboxSpec.Users users) {
    runtime.createSandbox(
        new SandboxSpec(
            id,
            id,
            Set.of(),
            List.of(),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            NO_LIMITS,
            Map.of(),
            users,
            false));
  }

  private static VolumeMount mount(Source source, String at, Manner manner) {
    return new VolumeMount(source, at, false, "", manner);
  }

  private static Manner manner(
      Propagation propagation, boolean seeded, @Nullable SharedGroup group) {
    return new Manner(propagation, false, seeded, group);
  }

  private static ContainerSpec container(
      String id, String sandbox, List<String> layers, String script, VolumeMount... mounts) {
    ContainerSpec made = shim.container(id, sandbox, shell(script), List.of(mounts));
    List<String> all = new ArrayList<>(made.layers());
    all.addAll(layers);
    return new ContainerSpec(
        made.id(),
        made.sandboxId(),
        all,
        made.oci(),
        null,
        made.volumes(),
        made.logDirectory(),
        0,
        false,
        "SIGTERM",
        Map.of(),
        false);
  }

  /** What it has written by its end. */
  private static List<String> output(ContainerSpec container) throws IOException {
    runtime.runContainer(container);
    await().atMost(LONG).until(() -> state(container.id()) instanceof State.Exited);
    return said(container.id());
  }

  private static State state(String id) {
    return runtime.container(id).orElseThrow().state();
  }

  private static List<String> said(String id) throws IOException {
    return Files.readAllLines(shim.log(id)).stream().map(line -> line.split(" ", 4)[3]).toList();
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static String owner(Path file) throws IOException {
    int mode = (int) attribute(file, "mode");
    return "%s:%s %o".formatted(attribute(file, "uid"), attribute(file, "gid"), mode & 07777);
  }

  private static Object attribute(Path file, String name) throws IOException {
    return Files.getAttribute(file, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
  }

  @ParameterizedTest
  @EnumSource(names = {"HOST", "OWN"})
  void anImageIsMountedAsItIsAndForReadingOnly(SandboxSpec.Users users) throws IOException {
    String id = "image-" + users.name().toLowerCase(java.util.Locale.ROOT);
    sandbox(id, users);
    Source image = new Source.Image(List.of("lower", "upper"));
    List<String> said =
        output(
            container(
                id,
                id,
                List.of(),
                """
                busybox cat /all/srv/site/page; echo; busybox cat /part/more; echo
                busybox cat /one/srv/site/page; echo
                busybox stat -c %u:%g /all/srv/site/page
                echo x 2>/dev/null > /all/srv/new || echo read-only
                """,
                new VolumeMount(image, "/all", true, ""),
                new VolumeMount(image, "/part", true, "srv/site"),
                new VolumeMount(new Source.Image(List.of("lower")), "/one", true, "")));
    assertThat(said).containsExactly("upper", "more", "lower", "7:7", "read-only");
    assertThatThrownBy(() -> runtime.removeLayer("upper"))
        .hasMessageContaining("is used by container " + id);
    runtime.removeSandbox(id);
  }

  @Test
  void aPathOfTheMachineIsOfTheKindThatIsAskedForOrIsMade() throws IOException {
    Path machine = Files.createDirectory(directory.resolve("machine"));
    Path file = Files.writeString(machine.resolve("file"), "content");
    Files.createSymbolicLink(machine.resolve("loop"), Path.of("loop"));
    Path made = machine.resolve("made/deep");
    Path madeFile = machine.resolve("made-file");
    sandbox("kinds", SandboxSpec.Users.HOST);
    assertThat(
            output(
                container(
                    "kinds-1",
                    "kinds",
                    List.of(),
                    "cat /file; ls -d /made /zero; echo x >/new; stat -c %a /made /new",
                    path(file, "File", "/file"),
                    path(made, "DirectoryOrCreate", "/made"),
                    path(madeFile, "FileOrCreate", "/new"),
                    path(machine, "Directory", "/all"),
                    path(Path.of("/dev/zero"), "CharDevice", "/zero"))))
        .containsExactly("content/made", "/zero", "755", "644");
    assertThat(madeFile).hasContent("x\n");
    assertThat(
            output(
                container(
                    "kinds-2",
                    "kinds",
                    List.of(),
                    "stat -c %F /beneath",
                    beneath(machine, "beneath", "FileOrCreate"))))
        .containsExactly("regular empty file");

    refused(path(file, "Directory", "/x"), "hostPath " + file + " is not a directory");
    refused(path(file, "DirectoryOrCreate", "/x"), "hostPath " + file + " is not a directory");
    refused(path(machine, "File", "/x"), "hostPath " + machine + " is not a file");
    refused(path(machine, "FileOrCreate", "/x"), "hostPath " + machine + " is not a file");
    refused(path(file, "Socket", "/x"), "is not a socket");
    refused(path(file, "BlockDevice", "/x"), "is not a block device");
    refused(path(file, "CharDevice", "/x"), "is not a character device");
    Path absent = machine.resolve("absent");
    for (String kind : Arrays.asList(null, "Directory", "File", "Socket")) {
      refused(path(absent, kind, "/x"), "hostPath " + absent + " does not exist");
    }
    refused(path(machine.resolve("loop"), "Directory", "/x"), "loop cannot be read: ");
    refused(path(file.resolve("below"), "Directory", "/x"), "file/below does not exist");
    refused(beneath(machine, "file", "Directory"), "hostPath " + file + " is not a directory");
    refused(beneath(machine, "absent", "Directory"), "subPath absent of " + machine);
    refused(beneath(machine, "../x", "FileOrCreate"), "leads out of the volume");
    assertThat(absent).doesNotExist();
    runtime.removeSandbox("kinds");
  }

  private static VolumeMount path(Path path, @Nullable String kind, String at) {
    return mount(new Source.HostPath(path.toString(), kind), at, Manner.PLAIN);
  }

  private static VolumeMount beneath(Path prefix, String relative, String kind) {
    return new VolumeMount(
        new Source.HostPath(prefix.toString(), kind), "/beneath", false, relative, Manner.PLAIN);
  }

  private static void refused(VolumeMount mount, String why) {
    assertThatThrownBy(
            () -> runtime.createContainer(container("refused", "kinds", List.of(), "true", mount)))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining(why);
  }

  @Test
  void aSubPathOfAnImageCannotLeadOutOfIt() {
    sandbox("outside", SandboxSpec.Users.HOST);
    Source image = new Source.Image(List.of("lower", "upper"));
    assertThatThrownBy(
            () ->
                runtime.runContainer(
                    container(
                        "outside",
                        "outside",
                        List.of(),
                        "true",
                        new VolumeMount(image, "/all", true, "../../volumes"))))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("subPath ../../volumes of an image");
  }

  @ParameterizedTest
  @EnumSource(names = {"HOST", "OWN"})
  void anEmptyVolumeGetsWhatTheImageHasThereOnceWithItsOwners(SandboxSpec.Users users)
      throws IOException {
    String id = "seed-" + users.name().toLowerCase(java.util.Locale.ROOT);
    Path volume = Path.of(runtime.ensureVolume(spec(id)).path());
    sandbox(id, users);
    VolumeMount seeded =
        mount(new Source.Volume(id), "/srv/site", manner(Propagation.NONE, true, null));
    List<String> layers = List.of("lower", "upper");
    assertThat(
            output(
                container(
                    id + "-1",
                    id,
                    layers,
                    "cd /srv/site; busybox stat -c %u:%g:%a . page",
                    seeded)))
        .containsExactly("7:7:755", "7:7:755");
    assertThat(owner(volume.resolve("more"))).isEqualTo("7:7 755");
    Files.delete(volume.resolve("page"));
    assertThat(output(container(id + "-2", id, layers, "busybox ls /srv/site", seeded)))
        .containsExactly("more");
    assertThat(
            output(
                container(
                    id + "-3",
                    id,
                    List.of(),
                    "busybox ls /nowhere; echo fine",
                    mount(
                        new Source.Volume(id), "/nowhere", manner(Propagation.NONE, true, null)))))
        .containsExactly("more", "fine");
    runtime.removeSandbox(id);
    runtime.removeVolume(id);
  }

  private static VolumeSpec spec(String id) {
    return new VolumeSpec(id, VolumeSpec.Driver.LOCAL, 0);
  }

  @ParameterizedTest
  @EnumSource(names = {"HOST", "OWN"})
  void aGroupIsGivenWhatIsInAVolumeAndNothingThatALinkLeadsTo(SandboxSpec.Users users)
      throws IOException {
    String id = "group-" + users.name().toLowerCase(java.util.Locale.ROOT);
    Path volume = Path.of(runtime.ensureVolume(spec(id)).path());
    Path outside = Files.writeString(directory.resolve(id), "not of the volume");
    String before = owner(outside);
    Files.createDirectories(volume.resolve("old"));
    Files.setAttribute(Files.writeString(volume.resolve("old/file"), "x"), "unix:mode", 0600);
    Files.createSymbolicLink(volume.resolve("old/trap"), outside);
    sandbox(id, users);
    VolumeMount shared =
        mount(
            new Source.Volume(id),
            "/data",
            manner(Propagation.NONE, false, new SharedGroup(2000, true)));
    List<String> said =
        output(
            container(
                id,
                id,
                List.of(),
                "echo new > /data/old/new; busybox stat -c %g /data/old/new /data/old/file",
                shared));
    assertThat(said).containsExactly("2000", "2000");
    assertThat(owner(volume)).isEqualTo("0:2000 2777");
    assertThat(owner(volume.resolve("old"))).endsWith(":2000 2775");
    assertThat(owner(volume.resolve("old/file"))).endsWith(":2000 660");
    assertThat(owner(outside)).isEqualTo(before);

    Files.setAttribute(volume.resolve("old/file"), "unix:gid", 0);
    sandbox(id + "-2", users);
    assertThat(output(container(id + "-2", id + "-2", List.of(), "echo", shared))).isNotEmpty();
    assertThat(owner(volume.resolve("old/file"))).as("only if the root differs").contains(":0 ");
    runtime.removeSandbox(id);
    runtime.removeSandbox(id + "-2");
    runtime.removeVolume(id);
  }

  @ParameterizedTest
  @EnumSource(names = {"HOST", "OWN"})
  void aSubPathThatIsMadeIsForWhoMayWriteToTheVolume(SandboxSpec.Users users) throws IOException {
    String id = "below-" + users.name().toLowerCase(java.util.Locale.ROOT);
    Path volume = Path.of(runtime.ensureVolume(spec(id)).path());
    Files.setAttribute(volume, "unix:mode", 0770);
    sandbox(id, users);
    Manner shared = manner(Propagation.NONE, false, new SharedGroup(2000, true));
    VolumeMount below = new VolumeMount(new Source.Volume(id), "/data", false, "new/er", shared);
    assertThat(output(container(id, id, List.of(), "busybox stat -c '%g %a' /data", below)))
        .containsExactly("2000 2770");
    runtime.removeSandbox(id);
    runtime.removeVolume(id);
  }

  @Test
  void filesThatAreGivenAreReadableByTheGroupAlsoAfterTheyChange() throws IOException {
    Path volume = Path.of(runtime.ensureVolume(spec("files")).path());
    runtime.writeVolume("files", List.of(file("one")));
    sandbox("files", SandboxSpec.Users.OWN);
    VolumeMount mount =
        new VolumeMount(
            new Source.Volume("files"),
            "/etc/app",
            true,
            "",
            manner(Propagation.NONE, false, new SharedGroup(2000, false)));
    assertThat(
            output(
                container("files", "files", List.of(), "busybox stat -Lc %g:%a /etc/app/a", mount)))
        .containsExactly("2000:440");
    Path link = Files.readSymbolicLink(volume.resolve("..data"));
    runtime.writeVolume("files", List.of(file("one")));
    assertThat(Files.readSymbolicLink(volume.resolve("..data"))).as("no change").isEqualTo(link);
    runtime.writeVolume("files", List.of(file("two")));
    assertThat(owner(volume.resolve("a").toRealPath())).isEqualTo("0:2000 440");
    runtime.removeSandbox("files");
    runtime.removeVolume("files");
  }

  private static VolumeFile file(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new VolumeFile("a", 0400, Base64.getEncoder().encodeToString(bytes));
  }

  @Test
  void laterMountsAreSeenAsFarAsIsAskedFor() throws Exception {
    Path shared = Files.createDirectories(directory.resolve("shared"));
    run("mount", "-t", "tmpfs", "t", shared.toString());
    try {
      run("mount", "--make-shared", shared.toString());
      Files.createDirectories(shared.resolve("later"));
      sandbox("spread", SandboxSpec.Users.HOST);
      String wait =
          "while ! busybox test -e /m/later/file; do busybox usleep 50000; done; echo seen";
      runtime.runContainer(
          container("from", "spread", List.of(), wait, host(shared, Propagation.FROM_HOST)));
      runtime.runContainer(
          container(
              "none", "spread", List.of(), "exec sleep 1000", host(shared, Propagation.NONE)));
      run("mount", "-t", "tmpfs", "t", shared.resolve("later").toString());
      Files.writeString(shared.resolve("later/file"), "x");
      await().atMost(LONG).until(() -> said("from").equals(List.of("seen")));
      int pid = ((State.Running) state("none")).pid();
      assertThat(Files.readString(Path.of("/proc/" + pid + "/mountinfo")))
          .doesNotContain("/m/later");
      assertThat(
              output(
                  container(
                      "both",
                      "spread",
                      List.of(),
                      "echo x 2>/dev/null > /m/later/new || echo deep",
                      new VolumeMount(
                          new Source.HostPath(shared.toString()),
                          "/m",
                          true,
                          "",
                          new Manner(Propagation.NONE, true, false, null)))))
          .containsExactly("deep");
      run("umount", shared.resolve("later").toString());
      run("mount", "--make-private", shared.toString());
      assertThatThrownBy(
              () ->
                  runtime.runContainer(
                      container(
                          "refused", "spread", List.of(), "true", host(shared, Propagation.BOTH))))
          .hasMessageContaining("mountPropagation Bidirectional takes a shared mount")
          .hasMessageContaining("mount --make-shared");
      runtime.removeSandbox("spread");
    } finally {
      run("umount", "-R", shared.toString());
    }
  }

  private static VolumeMount host(Path path, Propagation propagation) {
    return mount(new Source.HostPath(path.toString()), "/m", manner(propagation, false, null));
  }

  @Test
  void whatIsMountedInsideIsSeenOnTheMachineWhereThatIsAskedFor() throws Exception {
    Path shared = Files.createDirectories(directory.resolve("both"));
    run("mount", "-t", "tmpfs", "t", shared.toString());
    try {
      run("mount", "--make-shared", shared.toString());
      Files.createDirectories(shared.resolve("in"));
      sandbox("two-way", SandboxSpec.Users.HOST);
      runtime.runContainer(
          container(
              "two-way", "two-way", List.of(), "exec sleep 1000", host(shared, Propagation.BOTH)));
      int pid = ((State.Running) state("two-way")).pid();
      run("nsenter", "-t", "" + pid, "-m", "/bin/busybox", "mount", "-t", "tmpfs", "t", "/m/in");
      assertThat(Arrays.asList(Files.readString(Path.of("/proc/self/mountinfo")).split(" ")))
          .contains(shared.resolve("in").toString());
      runtime.removeSandbox("two-way");
    } finally {
      run("umount", "-R", shared.toString());
    }
  }
}
