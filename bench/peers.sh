# podman and docker for benches, to be sourced after bench/engine.sh: in a mount and a network namespace of their own, with their own storage, so
# that nothing of them stays behind. Calls of `podman` and `docker` go there; a bench that ends calls finish_peers.
ensure_packages podman crun conmon netavark aardvark-dns catatonit docker.io iptables iproute2

holder= dockerd_pid=
finish_peers() {
  [ -z "$dockerd_pid" ] || { kill "$dockerd_pid" || true; wait "$dockerd_pid" || true; } 2>/dev/null
  [ -z "$holder" ] || { kill "$holder" || true; wait "$holder" || true; } 2>/dev/null
  # the peers' parents of cgroups, when nothing else is in them
  find /sys/fs/cgroup/*/libpod_parent /sys/fs/cgroup/*/docker -depth -type d -exec rmdir {} + 2>/dev/null || true
}

# Prepares the namespaces, then holds them. An empty file hides the unified cgroup controllers: crun refuses a hybrid layout.
hold() {
  ip link set lo up
  for place in /run /dev/shm; do mount -t tmpfs tmpfs "$place"; done
  : >"$scratch/empty"
  [ ! -e /sys/fs/cgroup/unified/cgroup.controllers ] || mount --bind "$scratch/empty" /sys/fs/cgroup/unified/cgroup.controllers
  : >"$scratch/held"
  exec sleep infinity
}

start_peers() {
  # podman asks for more open files and processes than a machine without CAP_SYS_RESOURCE gives, unless told otherwise
  cat >"$scratch/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[network]
network_backend = "netavark"
network_config_dir = "$scratch/networks"
CONF
  export -f hold
  export scratch CONTAINERS_CONF=$scratch/containers.conf
  unshare -m -n --propagation private bash -c hold &
  holder=$!
  until [ -e "$scratch/held" ]; do kill -0 "$holder" || die "cannot make namespaces for the peers"; sleep 0.05; done
  inside dockerd --data-root "$scratch/docker-data" --exec-root "$scratch/docker-exec" -H "unix://$scratch/docker.sock" -p "$scratch/docker.pid" \
    >"$scratch/dockerd.log" 2>&1 &
  for _ in $(seq 450); do docker version >/dev/null 2>&1 && break; sleep 0.2; done
  dockerd_pid=$(cat "$scratch/docker.pid")
}

inside() { nsenter -t "$holder" -m -n "$@"; }
docker() { inside docker -H "unix://$scratch/docker.sock" "$@"; }
podman() { inside podman --root "$scratch/podman" --runroot "$scratch/podman-run" --tmpdir "$scratch/podman-tmp" "$@"; }
