package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * dockerd, and with it containerd, with this runtime, in namespaces and with storage of its own.
 */
class DockerPrivilegedIT {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private static final String SCRIPT =
      """
      set -u
      cd "$1"
      busybox ip link set lo up
      mount -t tmpfs tmpfs /run
      mount -t tmpfs tmpfs /dev/shm
      export DOCKER_HOST=unix://$1/docker.sock
      dockerd --add-runtime "jshim=$1/jshim" --default-runtime jshim --data-root "$1/data" --exec-root /run/docker \\
        --pidfile "$1/docker.pid" -H "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false --storage-driver vfs \\
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent jshim-docker >dockerd.log 2>&1 &
      dockerd=$!
      d() { timeout 60 docker "$@"; }
      for _ in $(seq 450); do docker version >/dev/null 2>&1 && break; sleep 0.2; done
      tar -C rootfs -c . | d import - test >/dev/null || tail -5 dockerd.log >&2
      d run --name first --network none --memory 64m test sh -c 'echo out; exit 3'; echo "run $?"
      d logs first
      d run -d --init --name second --network none --read-only --tmpfs /tmp test sleep 600 >/dev/null
      d exec second sh -c 'id -u; ps -o args | grep -c ^/sbin/docker-init; exit 7'; echo "exec $?"
      d pause second >/dev/null && d inspect second --format '{{.State.Status}}' && d unpause second >/dev/null
      d top second -o pid,args | grep -vc -e docker-init -e PID
      d stats --no-stream --format '{{.PIDs}}' second
      d update --memory 32m --memory-swap 32m second
      cat /sys/fs/cgroup/memory/jshim-docker/*/memory.limit_in_bytes
      d stop -t 20 second
      d inspect second --format '{{.State.Status}} {{.State.ExitCode}}'
      d run -d --name third --network none test sleep 600 >/dev/null
      d kill -s KILL third >/dev/null
      d wait third
      d run --rm --network none test nosuch 2>/dev/null; echo "missing $?"
      d rm -f first second third >/dev/null
      find /run/docker/runtime-*/moby -mindepth 1
      find /sys/fs/cgroup/*/jshim-docker -mindepth 1 -type d
      kill $dockerd; wait $dockerd
      find /sys/fs/cgroup/*/jshim-docker -depth -type d -exec rmdir {} +
      """;

  @TempDir Path directory;

  @Test
  void dockerRunsExecsPausesUpdatesStopsAndKillsWithIt() throws IOException, InterruptedException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(Files.isExecutable(BUSYBOX), "needs a static /bin/busybox (Debian: busybox-static)");
    assumeTrue(
        Files.isExecutable(Path.of("/usr/sbin/dockerd")), "needs dockerd (Debian: docker.io)");
    assumeTrue(Files.isDirectory(Path.of("/sys/fs/cgroup/memory")), "needs hybrid cgroups, or v1");
    EngineScript.Said said = EngineScript.run(directory, SCRIPT);
    assertThat(said.out())
        .as(said.err())
        .isEqualTo(
            """
            out
            run 3
            out
            0
            1
            exec 7
            paused
            1
            2
            second
            33554432
            second
            exited 143
            137
            missing 127
            """);
  }
}
