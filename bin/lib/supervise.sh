#!/bin/bash
# Keeps the controller and the shim of one instance running: starts them, restarts one that ends (at once, then with growing delays),
# ends them when told to (TERM). Started by `jctl up`, detached. One process for both, and none for any container.
#
# Arguments: build directory, JDK home. JCTL_DATA_DIR and JCTL_RUN_DIR are set.
# Writes $JCTL_RUN_DIR/{supervisor,controller,shim}.pid: "PID START_TIME BUILD". Processes that a killed supervisor left are taken over.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/bin/lib/common.sh"
build=$1 jdk=$2
logs=$JCTL_DATA_DIR/log
declare -A job born delay
stopping=

write_pid_file() { # name pid
  read_start_time "$2" || return 0
  printf '%s %s %s\n' "$2" "$start_time" "$build" >"$JCTL_RUN_DIR/$1.pid.new"
  mv "$JCTL_RUN_DIR/$1.pid.new" "$JCTL_RUN_DIR/$1.pid"
}

# Replaces this (sub)shell by the program.
run() { # name
  case $1 in
    controller)
      module=controller flags=$(controller_flags)
      # what the second compiler takes by pieces of 32 KiB is the machine's again when it is given back
      export MALLOC_MMAP_THRESHOLD_=24576
      # only a training knows what is worth it
      [ -e "$build/controller.aot" ] || flags="$flags -XX:TieredStopAtLevel=1"
      ;;
    shim) module=runtime-shim flags=$(shim_flags) ;;
  esac
  [ ! -e "$build/$module.aot" ] || flags="$flags -XX:AOTCache=$build/$module.aot"
  # few malloc arenas keep freed native memory from being spread over one per thread
  export MALLOC_ARENA_MAX=2
  # native libraries are unpacked there, and stay when the process is killed; not below the run directory, as /run is often noexec
  local scratch=$JCTL_DATA_DIR/tmp/$1
  rm -rf "$scratch"
  mkdir -p "$scratch"
  # shellcheck disable=SC2086
  exec "$jdk/bin/java" $flags -Djava.io.tmpdir="$scratch" -jar "$build/$module/jctl-$module.jar" --data-dir "$JCTL_DATA_DIR" --run-dir "$JCTL_RUN_DIR"
}

start() { # name delay
  born[$1]=$SECONDS
  (
    trap - TERM HUP INT
    [ "$2" = 0 ] || sleep "$2"
    # a log that grew large starts anew; one old one is kept
    if [ "$(stat -c %s "$logs/$1.log" 2>/dev/null || echo 0)" -gt 16777216 ]; then mv "$logs/$1.log" "$logs/$1.log.1"; fi
    run "$1" </dev/null >>"$logs/$1.log" 2>&1
  ) &
  job[$1]=$!
  write_pid_file "$1" "$!"
}

# Takes over what the pid file names, else starts it.
start_or_adopt() { # name
  if read_pid_file "$JCTL_RUN_DIR/$1.pid"; then
    adopted=$pid
    born[$1]=$SECONDS
    # not a child of ours: looked at twice a second
    tail --pid="$adopted" -s 0.5 -f /dev/null &
    job[$1]=$!
  else
    start "$1" 0
  fi
}

restart() { # name
  local lived=$((SECONDS - born[$1]))
  if [ "$lived" -ge 10 ]; then delay[$1]=0; fi
  printf '%s %s ended after %ss; starting it again in %ss\n' "$(date -u +%FT%TZ)" "$1" "$lived" "${delay[$1]:-0}" >>"$logs/supervisor.log"
  start "$1" "${delay[$1]:-0}"
  case ${delay[$1]:-0} in
    0) delay[$1]=0.2 ;;
    0.2) delay[$1]=1 ;;
    1) delay[$1]=5 ;;
    *) delay[$1]=15 ;;
  esac
}

# The controller first, so that it never sees its runtime go.
stop_all() {
  for name in controller shim; do
    # a pid file that someone removed must not leave a process behind
    read_pid_file "$JCTL_RUN_DIR/$name.pid" || write_pid_file "$name" "${job[$name]}"
    read_pid_file "$JCTL_RUN_DIR/$name.pid" || continue
    kill -TERM "$pid"
    for _ in $(seq 150); do
      read_pid_file "$JCTL_RUN_DIR/$name.pid" || break
      sleep 0.1
    done
    if read_pid_file "$JCTL_RUN_DIR/$name.pid"; then kill -KILL "$pid"; fi
    rm -f "$JCTL_RUN_DIR/$name.pid"
  done
  rm -rf "$JCTL_DATA_DIR/tmp"
  rm -f "$JCTL_RUN_DIR/supervisor.pid"
}

# Whether the run directory was removed, or is another supervisor's by now.
is_lost() {
  ! read_pid_file "$JCTL_RUN_DIR/supervisor.pid" || [ "$pid" != $$ ]
}

# A shell reads its script as it goes: in a function, all of it is read before it runs, and a new version of the file does no harm.
supervise() {
  mkdir -p "$logs"
  write_pid_file supervisor $$
  trap 'stopping=1' TERM
  trap '' HUP INT
  start_or_adopt shim
  start_or_adopt controller
  tick=
  while [ -z "$stopping" ]; do
    # `wait -n` misses a child that ended while the shell looked at another: hence the tick, after which both are looked at in any case
    [ -n "$tick" ] && kill -0 "$tick" 2>/dev/null || { sleep 2 & tick=$!; }
    wait -n
    [ -z "$stopping" ] || break
    if is_lost; then
      kill "${job[@]}" "$tick" 2>/dev/null
      exit 1
    fi
    for name in shim controller; do
      # a zombie has no start time
      read_start_time "${job[$name]}" || restart "$name"
    done
  done
  kill "$tick" 2>/dev/null
  stop_all
  exit
}

supervise
