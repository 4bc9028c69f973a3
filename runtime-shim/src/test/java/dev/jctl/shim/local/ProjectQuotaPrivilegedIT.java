package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.spec.Observed.VolumeUsage;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import dev.jctl.shim.spec.VolumeSpec;
import dev.jctl.shim.spec.VolumeSpec.Driver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The limit of a local volume on an ext4 of its own: kept by a project quota if the kernel has them
 * (CONFIG_QUOTA, as Debian's), else only measured.
 */
class ProjectQuotaPrivilegedIT {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private Path disk;
  private boolean quotas;
  private Volumes volumes;

  @BeforeEach
  void mountDisk() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root: it mounts");
    disk = Files.createDirectory(directory.resolve("disk"));
    String image = directory.resolve("disk.ext4").toString();
    run("truncate", "-s", "64M", image);
    run("mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota", image);
    quotas = exitCode("mount", "-o", "loop,prjquota", image, disk.toString()) == 0;
    if (!quotas) {
      run("mkfs.ext4", "-q", "-F", image);
      run("mount", "-o", "loop", image, disk.toString());
    }
    Places places = new Places(disk.resolve("data"), directory.resolve("run"));
    RecordFiles records = new RecordFiles();
    volumes =
        new Volumes(
            places,
            records,
            new Snapshots(places, records, InstantSource.system()),
            (id, path, root) -> false);
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  @Test
  void aLocalVolumeIsFullAtItsCapacityWhereTheKernelCounts() throws Exception {
    Path path = volume(8 * MIB);
    reachable(path);
    assertThat(written(path, "first", 4)).isZero();
    if (!quotas) {
      assertThat(written(path, "second", 8)).isZero();
      assertThat(volumes.usage("v")).contains(new VolumeUsage(12 * MIB, 8 * MIB, Limit.MEASURED));
      return;
    }
    assertThat(written(path, "second", 8)).isNotZero();
    VolumeUsage full = volumes.usage("v").orElseThrow();
    assertThat(full.limit()).isEqualTo(Limit.QUOTA);
    assertThat(full.usedBytes()).isBetween(7L * MIB, 8L * MIB);
    assertThat(written(disk.resolve("data"), "beside", 12)).as("what is beside it").isZero();

    volume(16 * MIB);
    assertThat(written(path, "second", 8)).as("after it has grown").isZero();
  }

  private Path volume(long bytes) {
    return Path.of(volumes.ensure(new VolumeSpec("v", Driver.LOCAL, bytes)).path());
  }

  /** For another user than root, whom a machine may let write more than a quota allows. */
  private void reachable(Path path) throws Exception {
    Path data = disk.resolve("data");
    for (Path step : List.of(directory, disk, data, path.resolveSibling(""))) {
      run("chmod", "0777", step.toString());
    }
  }

  private static int written(Path into, String name, int mebibytes)
      throws IOException, InterruptedException {
    return exitCode(
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "dd",
        "if=/dev/zero",
        "of=" + into.resolve(name),
        "bs=1M",
        "count=" + mebibytes,
        "conv=fsync");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(exitCode(command)).as(String.join(" ", command)).isZero();
  }

  private static int exitCode(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
