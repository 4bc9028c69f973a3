#!/bin/bash
# Makes the AOT cache of bin/jshim: the usual commands run on a container in namespaces of its own, and what the JVM had loaded and linked by
# then is kept. Run once after each build, in the background; that it fails is told only in $build/train.log.
#
# Arguments: build directory, JDK home. Needs root, as containers do.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/bin/lib/common.sh"
build=$1 jdk=$2

if [ -z "${JSHIM_TRAINING:-}" ]; then
  bundle=$(mktemp -d "$build/jshim-training.XXXXXX")
  export JSHIM_TRAINING=$bundle
  # whatever it began ends with its namespace of processes; what that leaves is removed here, also when it was cut off
  finish() {
    find /sys/fs/cgroup -maxdepth 2 -name "jshim-training-${bundle##*.}" -type d -exec rmdir {} + 2>/dev/null || true
    rm -rf "$bundle"
  }
  trap finish EXIT
  nice -n "${training_nice:-19}" timeout 120 unshare -m -p -f --kill-child --mount-proc "$0" "$@"
  exit
fi

bundle=$JSHIM_TRAINING
group=jshim-training-${bundle##*.}

main() { # class arguments...
  # shellcheck disable=SC2046
  "$jdk/bin/java" $(jshim_flags) ${cache:-} -cp "$build/runtime-shim/jctl-runtime-shim.jar" "dev.jctl.shim.command.$1" "${@:2}"
}

mkdir "$bundle/rootfs"
# where busybox is missing or needs libraries the container does not start: even so most of what a start needs is loaded
cp /bin/busybox "$bundle/rootfs/busybox" || true
main JshimMain spec --bundle "$bundle"
sed -i "s/\"terminal\": true/\"terminal\": false/; s|\"sh\"|\"/busybox\", \"sleep\", \"600\"|; s|\"linux\": {|&\"cgroupsPath\": \"/$group\",|" "$bundle/config.json"
cache=-XX:AOTCacheOutput=$bundle/jshim.aot main TrainingMain "$bundle"
mv "$bundle/jshim.aot" "$build/jshim.aot"
