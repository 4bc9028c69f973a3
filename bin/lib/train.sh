#!/bin/bash
# Makes the AOT caches of the controller, the shim and the command: an engine of its own, in namespaces of its own, starts, runs a few
# containers and ends, and what the JVMs had loaded and linked by then is kept for the next start. Run once after each build, in the
# background.
# Without the caches all works, slower at first: that this fails is told only in $build/train.log.
#
# Arguments: build directory, JDK home. Needs root, as an engine does.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/bin/lib/common.sh"
build=$1 jdk=$2

if [ -z "${JCTL_TRAINING:-}" ]; then
  export JCTL_TRAINING=1
  exec nice -n "${training_nice:-19}" timeout 600 unshare -m -n --propagation private "$0" "$@"
fi

scratch=$(mktemp -d "$build/training.XXXXXX")
# the path of a socket has a hundred characters at most
sockets=$(mktemp -d /tmp/jctl.XXXXXX)
export JCTL_DATA_DIR=$scratch/data JCTL_RUN_DIR=$sockets MALLOC_ARENA_MAX=2
# Of a run that was cut off: its processes, cgroups and mounts; its links go with its namespaces.
remove_leftovers() {
  local instance group
  instance=$(cat "$JCTL_DATA_DIR/instance" 2>/dev/null) || return 0
  for group in /sys/fs/cgroup/jctl-"$instance" /sys/fs/cgroup/*/jctl-"$instance"; do
    [ -d "$group" ] || continue
    find "$group" -name cgroup.procs -exec cat {} + | sort -u | xargs -r kill -KILL || true
    # an end is seen in its group a little later
    for _ in $(seq 50); do find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break; sleep 0.1; done
  done
  awk -v a="$scratch/" -v b="$sockets/" 'index($2, a) == 1 || index($2, b) == 1 { print $2 }' /proc/self/mounts | tac | xargs -r umount -l || true
}
# what was begun is ended, whatever failed
finish() {
  for pid in "${controller:-}" "${shim:-}"; do
    [ -z "$pid" ] || { kill -TERM "$pid" && wait "$pid"; } || true
  done
  remove_leftovers
  rm -rf "$scratch" "$sockets"
}
trap finish EXIT

engine() { # module flags...
  local module=$1
  shift
  mkdir -p "$scratch/tmp/$module"
  exec "$jdk/bin/java" "$@" -XX:AOTCacheOutput="$scratch/$module.aot" -Djava.io.tmpdir="$scratch/tmp/$module" \
    -jar "$build/$module/jctl-$module.jar" --data-dir "$JCTL_DATA_DIR" --run-dir "$JCTL_RUN_DIR"
}

jctl() {
  # shellcheck disable=SC2086
  "$jdk/bin/java" $cli_flags -cp "$build/cli/jctl-cli.jar" dev.jctl.cli.JctlMain "$@"
}

manifests() {
  printf 'apiVersion: jctl.dev/v1\nkind: Image\nmetadata: {name: training}\nspec: {rootfs: {path: %s}}\n' "$scratch/image"
  for i in 1 2 3 4 5 6 7 8; do
    printf -- '---\napiVersion: jctl.dev/v1\nkind: Container\nmetadata: {name: training-%s}\n' "$i"
    printf 'spec: {image: training, command: [/busybox, sleep, "600"], terminationGracePeriodSeconds: 0}\n'
  done
}

ip link set lo up
# where busybox is missing or needs libraries the containers do not start: even so most of what a start needs is loaded
mkdir -p "$scratch/image"
cp /bin/busybox "$scratch/image/busybox" || true
manifests >"$scratch/manifests.yaml"
# shellcheck disable=SC2046
engine runtime-shim $(shim_flags) &
shim=$!
# shellcheck disable=SC2046
engine controller $(controller_flags) &
controller=$!
for _ in $(seq 300); do [ -S "$JCTL_RUN_DIR/jctl.sock" ] && break; sleep 0.2; done
# shellcheck disable=SC2086
"$jdk/bin/java" $cli_flags -XX:AOTCacheOutput="$scratch/cli.aot" -cp "$build/cli/jctl-cli.jar" dev.jctl.cli.TrainingMain \
  "$JCTL_RUN_DIR/jctl.sock" "$scratch/manifests.yaml"
mv "$scratch/cli.aot" "$build/cli.aot"
# what is read most has one of its own: every class that is in a cache costs each start that does not need it
jctl apply -f "$scratch/manifests.yaml" --wait --timeout 20s || true
list_cli_jars
# shellcheck disable=SC2086
"$jdk/bin/java" $cli_flags -XX:AOTCacheOutput="$scratch/cli-get.aot" "-Xbootclasspath/a:$jars" dev.jctl.cli.JctlMain \
  get containers,pods,images,networks,volumes,services,configmaps,secrets,events,nodes
mv "$scratch/cli-get.aot" "$build/cli-get.aot"
"$jdk/bin/java" -XX:+UseSerialGC -Xmx256m -cp "$build/cli/jctl-cli.jar" dev.jctl.cli.TrainingWrites "$JCTL_RUN_DIR/jctl.sock"
jctl down --all
for module in controller runtime-shim; do
  case $module in controller) pid=$controller ;; *) pid=$shim ;; esac
  kill -TERM "$pid"
  wait "$pid" || true
  mv "$scratch/$module.aot" "$build/$module.aot"
done
controller= shim=
