# Shell parts that bin/jctl, bin/test and bench/* share. POSIX sh, to be sourced with $root set to the project's directory.
# Nothing here forks on the way of a command that finds all in place, but for one `find` over the sources.

die() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

say() {
  printf '%s\n' "$*" >&2
}

# --- Java ---------------------------------------------------------------------------------------------------------------

# ArchiveRelocationMode=0: an AOT cache is mapped where it was made for, if there is room. Elsewhere, as is the default, the JVM goes through all of
# it to put its addresses right, which takes time at each start and makes 43 of the controller's 55 MB memory of its own.

# Sets `jdk` when $1 is the home of a JDK of at least 25.
try_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='="' read -r key _ value _; do
    [ "$key" = JAVA_VERSION ] || continue
    [ "${value%%[!0-9]*}" -ge 25 ] 2>/dev/null && jdk=$1
    break
  done <"$1/release"
  [ -n "$jdk" ]
}

# Sets `jdk`: JAVA_HOME, then that of the latest build, those of /usr/lib/jvm, and the one on the PATH.
find_jdk() {
  jdk=
  [ -z "${JAVA_HOME:-}" ] || try_jdk "$JAVA_HOME" && [ -n "$jdk" ] && return
  { read -r jdk <"$root/target/dist/jdk"; } 2>/dev/null && [ -x "$jdk/bin/javac" ] && return
  jdk=
  for home in /usr/lib/jvm/*; do
    ! try_jdk "$home" || return 0
  done
  on_path=$(command -v javac) && on_path=$(readlink -f "$on_path") && try_jdk "${on_path%/bin/javac}"
}

# Sets `jdk`, installing one when there is none.
ensure_jdk() {
  ! find_jdk || return 0
  for package in temurin-25-jdk openjdk-25-jdk-headless; do
    if has_candidate "$package"; then
      ensure_packages "$package"
      find_jdk && return
    fi
  done
  die "a JDK of version 25 or later is needed. None was found in JAVA_HOME, /usr/lib/jvm or PATH, and no configured apt source has temurin-25-jdk or openjdk-25-jdk-headless. Install one (https://adoptium.net) and set JAVA_HOME"
}

# Prints the JDK's home, for scripts that need it once.
java_home() {
  ensure_jdk && printf '%s\n' "$jdk"
}

# A command lives for a fraction of a second: the cheapest collector, only the first compiler and only for what turns out to be hot, a
# heap that faults in by large pages, no look through cgroups and mounts for how large it may be, and none through all jars for another way to wait
# for sockets. Reflection, by which the JDK's first Unix socket gets a source of random numbers, calls rather than compiles. BigInteger is compiled at
# once: BigDecimal, which Jackson needs, multiplies for 25 ms when it is first used, 12 then.
cli_flags='-XX:CompileCommand=quiet -XX:CompileCommand=CompileThresholdScaling,java.math.BigInteger::*,0.1 -Djdk.reflect.useNativeAccessorOnly=true -Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:-AOTReplayTraining -XX:+UseTransparentHugePages -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=4 -XX:-UsePerfData -XX:-UseContainerSupport -Xmx256m'

# Sets `jars` to all that the command is made of, for the loader of the JDK's own classes: for that of a class path the JVM makes a URL, a manifest and
# packages for each jar at each start. Only for a command that asks neither for its class loader nor for the place of its jars.
list_cli_jars() {
  jars=$build/cli/jctl-cli.jar
  for jar in "$build"/cli/lib/*.jar; do jars=$jars:$jar; done
}

# More carriers of virtual threads than processors: one that waits while it loads a class, or for the lock of a jar, keeps its carrier, and who holds
# that lock may be a virtual thread that waits for a carrier. With two, an engine that started on a busy machine stood still for good. There are
# fewer only while that does no harm (class Carriers).
# Virtual threads wait for sockets, as is the default on Linux: with those of the platform (jdk.pollerMode=1) the answer to one who asks takes twice as long.
carriers='-Djdk.virtualThreadScheduler.parallelism=32'

# How large a heap may become, in MiB: as that part of the machine's memory, within bounds. A thousand idle containers take 50 MiB of the
# controller's, and 20 of the shim's. What is not needed is not kept (IdleHeap).
heap_bound() { # part least most
  local name kib
  while read -r name kib _; do [ "$name" != MemTotal: ] || break; done </proc/meminfo
  local bound=$((kib / 1024 / $1))
  printf '%s' $((bound < $2 ? $2 : bound > $3 ? $3 : bound))
}

# The processes that stay are small rather than fast: small heaps and stacks, few threads of the JVM itself. What a young generation may
# have it fills, however little lives; the old one grows only when it must, and after a collection has little more room than what lives, and no gaps.
heap_habits='-XX:+UseSerialGC -XX:MinHeapFreeRatio=3 -XX:MaxHeapFreeRatio=5 -XX:MarkSweepDeadRatio=0 -XX:-ShrinkHeapInSteps -Xss256k'

# What is worth the second compiler: with the JVM's thresholds for it, and without what a training has learnt, containers that start would pay for
# finding that out.
second_compiler='-XX:Tier2InvokeNotifyFreqLog=17 -XX:Tier2BackedgeNotifyFreqLog=20 -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000'

# What is left of the requests that are under way at a collection is more than small survivor spaces take, and copied from one to the other again
# and again in large ones; so nearly all of the young generation is for what is new.
controller_flags() {
  printf '%s' "-Djava.library.path=$build/controller/native $carriers " '-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:AsyncDeflationInterval=5000 -XX:CompileThresholdScaling=0.2 -Xms34m -Xmn14m -XX:SurvivorRatio=24 -XX:TrimNativeHeapInterval=10000 '"-Xmx$(heap_bound 16 128 1024)m $heap_habits"' -XX:ReservedCodeCacheSize=48m '"$second_compiler"' -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED'
}

# The shim's heap starts at what it needs, and what it does for a start is compiled after a few starts rather than a hundred. Large pages: a start
# comes when nothing of the shim is in the processor's caches any more, and finds code and heap with fewer look-ups; they take it 3 MB.
shim_flags() {
  printf '%s' '-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:AsyncDeflationInterval=5000 -XX:TrimNativeHeapInterval=10000 -Xms14m -Xmn8m '"-Xmx$(heap_bound 32 64 512)m $heap_habits"' -XX:+UseTransparentHugePages -XX:CompileThresholdScaling=0.1 -XX:ReservedCodeCacheSize=48m -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED'
}

# Of a command that lives for a fraction of a second, and whose memory stays with the process that it makes until that is started.
jshim_flags() {
  [ ! -e "$build/runtime-shim/native/libjffi-1.2.so" ] || printf '%s' "-Djffi.boot.library.path=$build/runtime-shim/native "
  printf '%s' "-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:-AOTReplayTraining -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xms8m -Xmx64m -Xss256k --enable-native-access=ALL-UNNAMED"
}

# --- Debian packages ------------------------------------------------------------------------------------------------------

is_root() {
  [ "${uid:=$(id -u)}" = 0 ]
}

# Does apt know a version of $1? Reads the package lists anew when there are none.
has_candidate() {
  command -v apt-get >/dev/null || return 1
  apt_lists
  apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'
}

# Fetches apt's package lists, once, when this machine has none.
apt_lists() {
  [ -z "${apt_lists_read:-}" ] || return 0
  apt_lists_read=1
  ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || return 0
  is_root && apt-get -qq update >&2
}

# Installs those of the named packages that are missing.
ensure_packages() {
  missing=
  for package in "$@"; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
      installed) ;;
      *) missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "missing, and there is no apt-get to install it:$missing"
  is_root || die "missing Debian packages; install them as root: apt-get install$missing"
  say "installing$missing"
  apt_lists
  # shellcheck disable=SC2086
  install_packages $missing || { apt-get -qq update >&2 && install_packages $missing; } ||
    { cat "$apt_log" >&2; rm -f "$apt_log"; die "apt-get could not install$missing"; }
  rm -f "$apt_log"
}

install_packages() {
  apt_log=${apt_log:-$(mktemp)}
  DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends install "$@" >"$apt_log" 2>&1 </dev/null
}

# Is there a busybox that runs in an image without libraries? Debian's `busybox` may be linked dynamically.
has_static_busybox() {
  # who needs the dynamic linker names it in its first page; the C library, which a static one carries, names it further on
  [ -x /bin/busybox ] && ! head -c 4096 /bin/busybox | grep -q 'ld-linux'
}

# busybox-static takes the place of busybox: taken only when nothing else would be removed with it.
ensure_static_busybox() {
  ! has_static_busybox || return 0
  is_root || die "this needs a static /bin/busybox; install it as root: apt-get install busybox-static"
  apt_lists
  removed=$(apt-get -s install busybox-static 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p')
  case $removed in
    '' | busybox) ensure_packages busybox-static ;;
    *) die "this needs a static /bin/busybox, and installing busybox-static would remove $(echo $removed)" ;;
  esac
}

# --- the build ------------------------------------------------------------------------------------------------------------

# Commands run from a copy of the jars, $root/target/dist/build.N/{cli,controller,runtime-shim}; the file `current` beside it names it.
# Processes keep the files of the build they were started from, so a rebuild never changes a jar under a running JVM.

# Sets `dist` and, when there is a build, `build`.
read_build() {
  dist=$root/target/dist build=
  { read -r build <"$dist/current"; } 2>/dev/null && build=$dist/$build && [ -e "$build/stamp" ]
}

# Prints one of the sources that are newer than the build, if there are any. For a subshell, which it ends.
newer_source() {
  LC_ALL=C exec find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main -newer "$build/stamp" -print -quit 2>/dev/null
}

# Sets `dist` and, when there is a build that no source is newer than, `build`.
find_build() {
  read_build && [ -z "$(newer_source)" ]
}

# Builds when a source is newer than the build, and sets `build`. Two at once: one builds, the other waits for it.
ensure_built() {
  ! find_build || return 0
  mkdir -p "$dist" 2>/dev/null || die "cannot write $dist to build; build as the owner of $root"
  (
    flock 9
    find_build || make_build
  ) 9>"$dist/lock" || exit 1
  find_build || :
}

make_build() {
  ensure_jdk
  command -v mvn >/dev/null || ensure_packages maven
  say "building from source (a minute or two)"
  new_build
  # what checks the sources themselves is left to bin/test
  if ! (cd "$root" && JAVA_HOME=$jdk mvn -q -B -Dquick -Dmaven.test.skip=true package </dev/null 9>&-) >"$build/log" 2>&1; then
    tail -n 60 "$build/log" >&2
    rm -rf "$build"
    die "the build failed"
  fi
  install_build
}

# Sets `build` to a new directory. What is built from then on is newer than its stamp.
new_build() {
  mkdir -p "$dist"
  build=$dist/build.$(date +%s).$$
  mkdir "$build"
  touch "$build/stamp"
}

# Makes $build of the jars that Maven has made, and the current one. Called with the lock held.
install_build() {
  for module in cli controller runtime-shim; do
    mkdir "$build/$module"
    cp -r "$root/$module/target/jctl-$module.jar" "$root/$module/target/lib" "$build/$module/" || die "cannot copy the build"
  done
  "$jdk/bin/java" -XX:TieredStopAtLevel=1 "$root/bin/lib/RemoveSignatures.java" "$build"/controller/lib/*.jar || die "cannot take the signatures off libraries"
  unpack_natives
  note jdk "$jdk"
  note current "${build##*/}"
  for old in "$dist"/build.*; do
    [ "$old" = "$build" ] || grep -qsF "$old" /proc/[0-9]*/cmdline || rm -rf "$old"
  done
  # begun with the lock held, so that who waits for it never comes before
  exec 8>"$build/training"
  flock 8
  train </dev/null >"$build/train.log" 2>&1 9>&- &
  exec 8>&-
}

# Writes $2 to the file $1 beside the builds, whole for who reads it meanwhile.
note() {
  printf '%s\n' "$2" >"$dist/$1.new"
  mv "$dist/$1.new" "$dist/$1"
}

# Puts native libraries where they are found: who needs them would unpack them at each start. Where that fails, it does.
unpack_natives() {
  mkdir "$build/controller/native" "$build/runtime-shim/native"
  unzip_flat "$build/runtime-shim" jffi-*-native.jar "jni/$(uname -m)-Linux/libjffi-1.2.so" || :
  case $(uname -m) in
    x86_64) library=librocksdbjni-linux64.so ;;
    aarch64) library=librocksdbjni-linux-aarch64.so ;;
    *) return 0 ;;
  esac
  unzip_flat "$build/controller" rocksdbjni-*.jar "$library" || :
}

# Takes the file $3 out of the jar $2 of the module in $1, without the directories above it.
unzip_flat() {
  (cd "$1/native" && "$jdk/bin/jar" xf ../lib/$2 "$3" && case $3 in */*) mv "$3" . && rm -r "${3%%/*}" ;; esac)
}

# Makes the AOT caches, in the background: what starts meanwhile does without them. Only the command's can be made without root.
# What else goes on comes first, unless $training_nice (19) is less.
train() {
  ! is_root || "$root/bin/lib/train.sh" "$build" "$jdk"
  ! is_root || "$root/bin/lib/train-jshim.sh" "$build" "$jdk"
  # shellcheck disable=SC2086
  [ -e "$build/cli.aot" ] ||
    { nice -n "${training_nice:-19}" "$jdk/bin/java" $cli_flags -XX:AOTCacheOutput="$build/cli.aot.new" -cp "$build/cli/jctl-cli.jar" dev.jctl.cli.TrainingMain &&
      mv "$build/cli.aot.new" "$build/cli.aot"; }
}

# Waits for the AOT caches that a build is still making, for measurements.
await_training() {
  [ ! -e "$build/training" ] || flock "$build/training" true
}

# --- processes ------------------------------------------------------------------------------------------------------------

# Sets `start_time` to that of process $1 in clock ticks since boot; fails when there is none.
read_start_time() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # after the name in brackets, which may hold anything, come state (3) to start time (22)
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" != Z ] || return 1
  shift 19
  start_time=$1
}

# Sets `pid` to the living process that the pid file $1 ("PID START_TIME BUILD") names, and `pid_build`. A recycled pid has another start time.
read_pid_file() {
  pid= pid_build=
  { read -r found started pid_build <"$1"; } 2>/dev/null || return 1
  read_start_time "$found" && [ "$start_time" = "$started" ] && pid=$found
}
