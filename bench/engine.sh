# What benches of a whole engine share, to be sourced after bin/lib/common.sh: sets $scratch, places an instance of its own there, and makes an
# image whose /bin/sleep is busybox. All is gone when the script ends.
ensure_static_busybox
ensure_jdk
ensure_built
await_training

scratch=$(mktemp -d /tmp/jctl-bench.XXXXXX)
export JCTL_DATA_DIR=$scratch/data JCTL_RUN_DIR=$scratch/run
finish() {
  [ ! -d "$JCTL_RUN_DIR" ] || "$root/bin/jctl" down --all >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap finish EXIT

mkdir -p "$scratch/image/bin"
cp /bin/busybox "$scratch/image/bin/" && ln -s busybox "$scratch/image/bin/sleep"

# The manifest of an Image of what is at that path.
image_manifest() { # path
  printf 'apiVersion: jctl.dev/v1\nkind: Image\nmetadata: {name: bench}\nspec: {rootfs: {path: %s}}\n' "$1"
}

# Manifests of that many Containers that sleep.
container_manifests() { # N
  for i in $(seq "$1"); do
    printf -- '---\napiVersion: jctl.dev/v1\nkind: Container\nmetadata: {name: bench-%s}\nspec: {image: bench, command: [/bin/sleep, "3600"], terminationGracePeriodSeconds: 0}\n' "$i"
  done
}

# Of the controller, the shim or the supervisor.
pid_of() { cut -d' ' -f1 "$JCTL_RUN_DIR/$1.pid"; }
