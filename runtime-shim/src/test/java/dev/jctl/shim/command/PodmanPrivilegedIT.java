package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** podman with this runtime, in namespaces and with storage of its own. */
class PodmanPrivilegedIT {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private static final String SCRIPT =
      """
      set -eu
      cd "$1"
      busybox ip link set lo up
      mount -t tmpfs tmpfs /run
      mount -t tmpfs tmpfs /dev/shm
      podman() {
        command podman --root "$1/storage" --runroot "$1/run" --tmpdir "$1/tmp" --runtime "$1/jshim" "${@:2}"
      }
      p() { podman "$scratch" "$@"; }
      scratch=$1
      export CONTAINERS_CONF=$scratch/containers.conf
      tar -C rootfs -c . | p import -q - localhost/test >/dev/null
      p run --name first --network none --memory 64m localhost/test sh -c 'echo out; exit 3' || echo "run $?"
      p logs first
      p run -d --name second --network none localhost/test sleep 600 >/dev/null
      p exec second sh -c 'id -u; exit 7' || echo "exec $?"
      p inspect second --format '{{.State.Status}}'
      p pause second >/dev/null && p inspect second --format '{{.State.Status}}' && p unpause second >/dev/null
      p kill -s KILL second >/dev/null
      p wait second
      p run --name third --network none localhost/test nosuch 2>/dev/null || echo "missing $?"
      p run -d --name fourth --network none localhost/test sleep 600 >/dev/null
      p stop -t 0 fourth >/dev/null 2>&1
      p inspect fourth --format '{{.State.Status}}'
      p run --rm --read-only --network none localhost/test sh -c 'echo a >/a 2>/dev/null || echo written >/tmp/a && echo done'
      p rm -f -a >/dev/null
      ls /run/jshim
      # podman's own parents of cgroups, when nothing else is in them
      find /sys/fs/cgroup/*/libpod_parent -depth -type d -exec rmdir {} + 2>/dev/null || true
      """;

  @TempDir Path directory;

  @Test
  void podmanRunsExecsPausesKillsAndStopsWithIt() throws IOException, InterruptedException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(Files.isExecutable(BUSYBOX), "needs a static /bin/busybox (Debian: busybox-static)");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/podman")), "needs podman (Debian: podman)");
    Files.writeString(
        directory.resolve("containers.conf"),
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        """);
    EngineScript.Said said = EngineScript.run(directory, SCRIPT);
    assertThat(said.out())
        .as(said.err())
        .isEqualTo(
            """
            out
            run 3
            out
            0
            exec 7
            running
            paused
            137
            missing 127
            exited
            done
            """);
  }
}
