# What bench/floor and bench/many share, to be sourced after bin/lib/common.sh: floor.c, which makes containers without an engine. $scratch is the
# directory of who asks; what an interrupted floor.c has mounted goes with its namespace.

# Compiles it and makes what its containers have of files, with that name of busybox.
build_floor() { # NAME
  ensure_packages gcc libc6-dev
  ensure_static_busybox
  gcc -O2 -Wall -o "$scratch/floor" "$root/bench/floor.c"
  mkdir -p "$scratch"/layer/{bin,dev,etc,proc,sys} "$scratch/runs"
  cp /bin/busybox "$scratch/layer/bin/" && ln -s busybox "$scratch/layer/bin/$1"
  touch "$scratch"/layer/etc/{hosts,hostname,resolv.conf}
}

# Prints nanoseconds to execve and to the end, of each run.
time_floor() { # RUNS COMMAND...
  unshare -m --propagation private "$scratch/floor" "$1" "$scratch/runs" "$scratch/layer" "${@:2}"
}

# Starts that many containers, which run until end_floor.
hold_floor() { # CONTAINERS COMMAND...
  coproc HOLDER { exec unshare -mnpf --kill-child --mount-proc --propagation private "$scratch/floor" hold "$1" "$scratch/runs" "$scratch/layer" "${@:2}"; }
  read -r _ <&"${HOLDER[0]}"
}

# Of what either made, nothing is left afterwards.
end_floor() {
  local holder=${HOLDER_PID:-}
  [ -z "$holder" ] || { exec {HOLDER[1]}>&-; wait "$holder" || true; }
  find /sys/fs/cgroup/*/jctl-floor -depth -type d -exec rmdir {} + 2>/dev/null || true
}
