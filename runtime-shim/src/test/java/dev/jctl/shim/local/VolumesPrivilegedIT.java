package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import dev.jctl.shim.spec.SnapshotSpec;
import dev.jctl.shim.spec.SnapshotSpec.Quiesce;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import dev.jctl.shim.spec.VolumeSpec.Driver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes, snapshots and archives with the kernel's file systems and the machine's tools. */
class VolumesPrivilegedIT {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private final RecordFiles records = new RecordFiles();
  private final List<String> made = new ArrayList<>();
  private Places places;
  private Snapshots snapshots;
  private Volumes volumes;

  @BeforeEach
  void start() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root: it mounts");
    places = new Places(directory.resolve("data"), directory.resolve("run"));
    open();
  }

  private void open() {
    snapshots = new Snapshots(places, records, InstantSource.system());
    volumes = new Volumes(places, records, snapshots, (id, path, root) -> false);
    snapshots.adopt();
    volumes.adopt();
  }

  @AfterEach
  void removeAll() {
    made.forEach(id -> volumes.withdraw(id).ifPresent(volumes::remove));
  }

  private Path make(String id, Driver driver, long bytes) {
    made.add(id);
    return Path.of(volumes.ensure(new VolumeSpec(id, driver, bytes)).path());
  }

  private Path fill(String id, VolumeSource source) {
    made.add(id);
    return Path.of(volumes.populate(new VolumeSpec(id, Driver.LOCAL, 0), source).path());
  }

  private static void write(Path file, int bytes) throws IOException {
    Files.write(file, new byte[bytes]);
  }

  private static SnapshotSpec snapshot(String id, String volume, @Nullable Path archive) {
    return new SnapshotSpec(id, volume, Quiesce.NONE, archive == null ? null : archive.toString());
  }

  private static Snapshots.Stopping nobody() {
    return () -> () -> {};
  }

  @Test
  void aDiskIsFullByItselfAndGrowsButNeverShrinks() throws IOException {
    Path disk = make("d", Driver.DISK, 16 * MIB);
    try (Stream<Path> content = Files.list(disk)) {
      assertThat(content).isEmpty();
    }
    assertThatThrownBy(() -> write(disk.resolve("much"), 17 * MIB)).hasMessageContaining("space");
    assertThat(volumes.usage("d").orElseThrow().limit()).isEqualTo(Limit.FILE_SYSTEM);
    write(directory.resolve("outside"), MIB);

    Files.delete(disk.resolve("much"));
    write(disk.resolve("kept"), MIB);
    if (mayResize()) {
      make("d", Driver.DISK, 32 * MIB);
      write(disk.resolve("much"), 17 * MIB);
    } else {
      assertThatThrownBy(() -> make("d", Driver.DISK, 32 * MIB))
          .hasMessageContaining("CAP_SYS_RESOURCE");
    }
    assertThatThrownBy(() -> make("d", Driver.DISK, 8 * MIB))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("cannot become smaller")
        .hasMessageContaining("spec.source.volume");

    assertThatThrownBy(() -> make("huge", Driver.DISK, 1L << 60))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("ask for less as the capacity");
    try (Stream<Path> files = Files.list(directory.resolve("data/disks"))) {
      assertThat(files).as("nothing is left of it").hasSize(1);
    }

    volumes.release();
    assertThat(disk).doesNotExist();
    open();
    assertThat(disk.resolve("kept")).hasSize(MIB);
  }

  /** CAP_SYS_RESOURCE, capability 24. */
  private static boolean mayResize() throws IOException {
    String effective =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .findFirst()
            .orElseThrow();
    return (Long.parseUnsignedLong(effective.substring(7).strip(), 16) >> 24 & 1) == 1;
  }

  /** As when a container still has the one that was taken away. */
  @Test
  void aDiskThatIsMountedElsewhereIsTheSameWhenItIsMountedAgain() throws IOException {
    Path disk = make("d", Driver.DISK, 8 * MIB);
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    Kernel.mount(disk.toString(), elsewhere.toString(), null, Kernel.MS_BIND, null);
    try {
      Kernel.umount(disk.toString(), Kernel.MNT_DETACH);
      assertThat(volumes.lost()).containsExactly("d");
      make("d", Driver.DISK, 8 * MIB);
      assertThat(volumes.lost()).isEmpty();
      Files.writeString(elsewhere.resolve("seen"), "by both");
      assertThat(disk.resolve("seen")).hasContent("by both");
    } finally {
      Kernel.umount(elsewhere.toString(), Kernel.MNT_DETACH);
    }
  }

  @Test
  void memoryIsResizedInPlaceAndMeasuredByItsFileSystem() throws IOException {
    Path tmpfs = make("t", Driver.TMPFS, MIB);
    write(tmpfs.resolve("a"), MIB / 2);
    make("t", Driver.TMPFS, 4 * MIB);
    write(tmpfs.resolve("b"), 2 * MIB);
    assertThat(volumes.usage("t").orElseThrow().usedBytes()).isBetween(2L * MIB, 3L * MIB);
    assertThatThrownBy(() -> make("t", Driver.TMPFS, MIB))
        .hasMessageContaining("more in it than 1048576 bytes")
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    assertThat(volumes.usage("t").orElseThrow().limitBytes()).isEqualTo(4L * MIB);
    make("t", Driver.TMPFS, 0);
    assertThat(volumes.usage("t").orElseThrow().limitBytes()).isGreaterThan(4L * MIB);
  }

  @Test
  void whatADirectoryHoldsIsMeasuredEachFileOnce() throws IOException {
    Path local = make("l", Driver.LOCAL, MIB);
    write(local.resolve("a"), 1000);
    Files.createLink(local.resolve("b"), local.resolve("a"));
    Files.createSymbolicLink(local.resolve("c"), Path.of("/etc"));
    assertThat(volumes.usage("l").orElseThrow().usedBytes()).isBetween(1000L, 20_000L);
  }

  @Test
  void aSnapshotStaysAsItWasAndFillsAnotherVolumeWithOwnersModesAndLinks() throws IOException {
    Path local = make("l", Driver.LOCAL, 0);
    Files.writeString(local.resolve("f"), "before");
    Files.setPosixFilePermissions(local.resolve("f"), PosixFilePermissions.fromString("rw-r-----"));
    Files.setAttribute(local.resolve("f"), "unix:uid", 1234);
    Files.createLink(local.resolve("g"), local.resolve("f"));
    AtomicInteger still = new AtomicInteger();
    snapshots.create(
        snapshot("s", "l", null),
        local,
        () -> {
          still.incrementAndGet();
          return still::incrementAndGet;
        });
    assertThat(still).hasValue(2);
    Files.writeString(local.resolve("f"), "after");
    open();

    Path copy = fill("c", new VolumeSource.Snapshot("s"));
    assertThat(copy.resolve("f")).hasContent("before");
    assertThat(Files.getAttribute(copy.resolve("f"), "unix:uid")).isEqualTo(1234);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("f"))))
        .isEqualTo("rw-r-----");
    assertThat(Files.isSameFile(copy.resolve("f"), copy.resolve("g"))).isTrue();
    assertThat(fill("c2", new VolumeSource.Volume("l")).resolve("f")).hasContent("after");
    String layer = "a".repeat(64);
    Path unpacked = Files.createDirectories(directory.resolve("data/layers").resolve(layer));
    Files.writeString(unpacked.resolve("f"), "layer");
    assertThat(fill("c3", new VolumeSource.Layer(layer)).resolve("f")).hasContent("layer");
    assertThatThrownBy(() -> fill("c4", new VolumeSource.Layer("../" + layer)))
        .hasMessageContaining("is not unpacked");
    snapshots.remove("s");
    assertThat(snapshots.all()).isEmpty();
  }

  @Test
  void anArchiveRestoresWhatItWasMadeOfAndADamagedOneChangesNothing() throws IOException {
    Path local = make("l", Driver.LOCAL, 0);
    Files.createDirectories(local.resolve("deep/er"));
    // Nothing repeats: in what does, a changed distance of DEFLATE can mean the same content.
    byte[] content = new byte[160_000];
    new Random(1).nextBytes(content);
    Files.write(local.resolve("deep/er/f"), content);
    Path archive = directory.resolve("backup.tar.gz");
    snapshots.create(snapshot("s", "l", archive), local, nobody());
    assertThat(archive).isRegularFile();
    assertThat(fill("r", new VolumeSource.Archive(archive.toString())).resolve("deep/er/f"))
        .hasBinaryContent(content);

    byte[] whole = Files.readAllBytes(archive);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 0x10;
    for (byte[] damaged :
        List.of(flipped, java.util.Arrays.copyOf(whole, whole.length - 20), new byte[] {1, 2})) {
      Files.write(archive, damaged);
      assertThatThrownBy(() -> fill("x", new VolumeSource.Archive(archive.toString())))
          .isInstanceOfSatisfying(
              RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
          .hasMessageContaining("damaged");
      assertThat(places.localVolume("x")).doesNotExist();
    }
    assertThatThrownBy(() -> fill("x", new VolumeSource.Archive("/nonexistent")))
        .hasMessageContaining("archive /nonexistent does not exist");
  }

  @Test
  void anArchiveThatDoesNotFitLeavesNothingAndIsWrittenOnceThereIsRoom() throws IOException {
    Path local = make("l", Driver.LOCAL, 0);
    byte[] noise = new byte[2 * MIB];
    new Random(7).nextBytes(noise);
    Files.write(local.resolve("f"), noise);
    Path archive = make("small", Driver.TMPFS, MIB).resolve("l.tar.gz");
    assertThatThrownBy(() -> snapshots.create(snapshot("s", "l", archive), local, nobody()))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE))
        .hasMessageStartingWith("there is no room for archive " + archive + "; make some");
    assertThat(archive.getParent()).isEmptyDirectory();
    make("small", Driver.TMPFS, 4 * MIB);
    snapshots.create(snapshot("s", "l", archive), local, nobody());
    assertThat(fill("again", new VolumeSource.Archive(archive.toString())).resolve("f"))
        .hasBinaryContent(noise);
  }

  @Test
  void whatDoesNotFitLeavesNoVolumeAndWhatWasCutShortGoesAtTheNextStart() throws IOException {
    Path local = make("l", Driver.LOCAL, 0);
    write(local.resolve("f"), 4 * MIB);
    made.add("small");
    assertThatThrownBy(
            () ->
                volumes.populate(
                    new VolumeSpec("small", Driver.TMPFS, MIB), new VolumeSource.Volume("l")))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE))
        .hasMessageContaining("volume small is too small for its source: 1048576 bytes");
    Path archive = directory.resolve("large.tar.gz");
    snapshots.create(snapshot("s", "l", archive), local, nobody());
    assertThatThrownBy(
            () ->
                volumes.populate(
                    new VolumeSpec("small", Driver.TMPFS, MIB),
                    new VolumeSource.Archive(archive.toString())))
        .hasMessageContaining("volume small is too small for its source: 1048576 bytes");
    assertThat(volumes.observe()).extracting(v -> v.spec().id()).containsExactly("l");
    assertThat(places.mountedVolume("small")).doesNotExist();

    Files.createDirectories(places.localVolume("half"));
    records.writeDurably(
        places.volumeRecords().resolve("half.filling"), new VolumeSpec("half", Driver.LOCAL, 0));
    open();
    assertThat(places.localVolume("half")).doesNotExist();
    assertThat(RecordFiles.entries(places.volumeRecords())).hasSize(1);
  }

  // --- what others keep

  @Test
  void aPluginKeepsAVolumeAndIsNotBelieved() throws Exception {
    Path kept = directory.resolve("kept");
    Path socket =
        Files.createDirectories(directory.resolve("data/volume-plugins")).resolve("dirs.sock");
    Path source =
        Path.of(System.getProperty("jctl.root", ".."))
            .resolve("examples/volume-plugin/DirectoryPlugin.java");
    VolumeSpec spec =
        new VolumeSpec("p.v", Driver.PLUGIN, 0, new VolumeSpec.Backend.Plugin("dirs", Map.of()));
    assertThatThrownBy(() -> volumes.ensure(spec))
        .hasMessageContaining("volume plug-in dirs does not answer")
        .hasMessageContaining("start it");
    Process plugin =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                source.toString(),
                socket.toString(),
                kept.toString())
            .inheritIO()
            .start();
    try {
      // its socket is there a moment before it listens
      Path path =
          await()
              .atMost(Duration.ofSeconds(60))
              .ignoreExceptionsInstanceOf(RuntimeFailure.class)
              .until(() -> Path.of(volumes.ensure(spec).path()), made -> true);
      Files.writeString(path.resolve("file"), "content");
      assertThat(kept.resolve("p.v/file")).hasContent("content");
      Kernel.umount(path.toString(), 0);
      assertThat(volumes.lost()).containsExactly("p.v");
      open();
      volumes.ensure(spec);
      assertThat(path.resolve("file")).hasContent("content");
      assertThatThrownBy(
              () -> volumes.ensure(new VolumeSpec("p.v", Driver.PLUGIN, 1000, spec.backend())))
          .hasMessageContaining("keeps no capacity; leave out spec.capacity of volume p.v");
      volumes.withdraw("p.v").ifPresent(volumes::remove);
      assertThat(path).doesNotExist();
      assertThat(kept).isEmptyDirectory();
    } finally {
      plugin.destroyForcibly().waitFor();
    }
  }

  @Test
  void aServerThatCannotBeMountedIsSaidAndWhatIsMissing() {
    VolumeSpec spec =
        new VolumeSpec(
            "n", Driver.NFS, 0, new VolumeSpec.Backend.Nfs("127.0.0.1", "/exports", "soft"));
    assertThatThrownBy(() -> volumes.ensure(spec))
        .hasMessageContaining("volume n, 127.0.0.1:/exports: ")
        .message()
        .containsAnyOf(
            "has no NFS client; load its module",
            "nobody answers on port 2049",
            "the server has no such path");
    assertThat(directory.resolve("run/volumes/n")).doesNotExist();
  }
}
