// What the kernel alone needs for a start: the same system calls that the shim makes for the container of bench/start, in a loop, without
// anything else. Prints nanoseconds to execve and to the end of each run. Arguments: runs, scratch directory, layer, command.
// Made ahead, as by the shim: namespaces of the sandbox, directories, FIFOs, files.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *GROUPS[] = {"unified", "cpu", "cpuacct", "memory", "pids"};
static const char *READ_ONLY[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
static const char *MASKED[] = {"proc/kcore", "proc/keys", "proc/timer_list", "sys/firmware"};
static const char *DEVICES[] = {"null", "zero", "full", "random", "urandom", "tty"};
static const char *FILES[] = {"hosts", "hostname", "resolv.conf"};

static char place[512], path[1024];

static const char *in(const char *what, int run) {
  snprintf(path, sizeof path, "%s/%d/%s", place, run, what);
  return path;
}

static void must(long result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    _exit(1);
  }
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void put(const char *file, const char *text) {
  int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  must(fd, file);
  must(write(fd, text, strlen(text)), file);
  close(fd);
}

// --- made ahead

static void hold(const char *kind, int run) {
  char from[64];
  snprintf(from, sizeof from, "/proc/self/ns/%s", kind);
  put(in(kind, run), "");
  must(mount(from, path, NULL, MS_BIND, NULL), "bind namespace");
}

static void prepare(int run) {
  must(mkdir(in("", run), 0755), "mkdir");
  for (const char **d = (const char *[]){"upper", "work", "merged", NULL}; *d; d++) must(mkdir(in(*d, run), 0755), *d);
  for (const char **f = (const char *[]){"stdout", "stderr", NULL}; *f; f++) must(mkfifo(in(*f, run), 0600), *f);
  for (int i = 0; i < 3; i++) put(in(FILES[i], run), "");
  int own[3], n = 0;
  for (const char **k = (const char *[]){"net", "ipc", "uts", NULL}; *k; k++) {
    snprintf(path, sizeof path, "/proc/self/ns/%s", *k);
    own[n++] = open(path, O_RDONLY | O_CLOEXEC);
  }
  must(unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS), "unshare");
  hold("net", run);
  hold("ipc", run);
  hold("uts", run);
  for (int i = 0; i < 3; i++) {
    must(setns(own[i], 0), "back");
    close(own[i]);
  }
}

static void discard(int run) {
  for (const char **k = (const char *[]){"net", "ipc", "uts", "merged", NULL}; *k; k++) umount2(in(*k, run), MNT_DETACH);
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s/jctl-floor/%d", GROUPS[i], run);
    rmdir(path);
  }
}

// --- the start

static int overlay(const char *layer, int run) {
  int fs = syscall(SYS_fsopen, "overlay", 1);
  must(fs, "fsopen");
  must(syscall(SYS_fsconfig, fs, 1, "lowerdir+", layer, 0), "lowerdir");
  must(syscall(SYS_fsconfig, fs, 1, "upperdir", in("upper", run), 0), "upperdir");
  must(syscall(SYS_fsconfig, fs, 1, "workdir", in("work", run), 0), "workdir");
  must(syscall(SYS_fsconfig, fs, 6, NULL, NULL, 0), "create overlay");
  int tree = syscall(SYS_fsmount, fs, 1, 0);
  must(tree, "fsmount");
  close(fs);
  must(syscall(SYS_move_mount, tree, "", AT_FDCWD, in("merged", run), 4), "mount overlay");
  close(tree);
  return 0;
}

static void make_groups(int run) {
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s/jctl-floor/%d", GROUPS[i], run);
    must(mkdir(path, 0755), path);
  }
  snprintf(path, sizeof path, "/sys/fs/cgroup/pids/jctl-floor/%d/pids.max", run);
  put(path, "1024");
}

static void fresh(const char *type, const char *at, unsigned long flags, const char *data) {
  mkdir(at, 0755);
  must(chdir(at), at);
  must(mount(type, ".", type, flags, data), at);
  must(chdir("/"), "chdir");
}

static void child(const char *layer, int run, char **command, int closing) {
  (void)layer;
  int fd = open(in("stdout", run), O_RDWR | O_CLOEXEC);
  dup2(fd, 1);
  dup2(open(in("stderr", run), O_RDWR | O_CLOEXEC), 2);
  for (int i = 1; i < 5; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s/jctl-floor/%d/tasks", GROUPS[i], run);
    put(path, "0");
  }
  must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
  setsid();
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
  int files[3];
  for (int i = 0; i < 3; i++) must(files[i] = syscall(SYS_open_tree, AT_FDCWD, in(FILES[i], run), 1 | O_CLOEXEC), "open_tree");
  int null = open("/dev/null", O_PATH | O_CLOEXEC), host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  char root[sizeof path];
  snprintf(root, sizeof root, "%s", in("merged", run));
  must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), "bind");
  must(chdir(root), "chdir");
  must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(chdir("/"), "chdir");
  fresh("proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
  fresh("tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  for (int i = 0; i < 6; i++) {
    char name[32];
    snprintf(name, sizeof name, "dev/%s", DEVICES[i]);
    must(mknod(name, S_IFCHR | 0666, (1 << 8) | 3), name);
  }
  for (const char **l = (const char *[]){"fd", "stdin", "stdout", "stderr", "ptmx", NULL}; *l; l++) {
    char name[32];
    snprintf(name, sizeof name, "dev/%s", *l);
    must(symlink("/proc/self/fd", name), name);
  }
  fresh("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  fresh("tmpfs", "dev/shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k");
  fresh("mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
  fresh("sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL);
  for (int i = 0; i < 3; i++) {
    char name[64];
    snprintf(name, sizeof name, "etc/%s", FILES[i]);
    must(syscall(SYS_move_mount, files[i], "", AT_FDCWD, name, 4), name);
  }
  uint64_t read_only[4] = {1, 0, 0, 0};
  for (int i = 0; i < 5; i++) {
    int tree = syscall(SYS_open_tree, AT_FDCWD, READ_ONLY[i], 1 | O_CLOEXEC | 0x8000);
    if (tree < 0) continue;
    syscall(SYS_mount_setattr, tree, "", 0x1000 | 0x8000, read_only, 32);
    must(syscall(SYS_move_mount, tree, "", AT_FDCWD, READ_ONLY[i], 4), READ_ONLY[i]);
  }
  for (int i = 0; i < 4; i++) {
    struct stat s;
    if (stat(MASKED[i], &s) < 0) continue;
    if (S_ISDIR(s.st_mode)) {
      must(mount("tmpfs", MASKED[i], "tmpfs", MS_RDONLY, "size=0k"), MASKED[i]);
    } else {
      int tree = syscall(SYS_open_tree, null, "", 1 | O_CLOEXEC | 0x1000);
      must(syscall(SYS_move_mount, tree, "", AT_FDCWD, MASKED[i], 4), MASKED[i]);
    }
  }
  must(fchdir(host), "fchdir");
  must(umount2(".", MNT_DETACH), "umount");
  must(chdir("/"), "chdir");
  for (int i = 0; i <= 40; i++) {
    if (i != 0 && i != 5 && i != 10) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
  }
  must(setresgid(0, 0, 0), "setresgid");
  must(setresuid(0, 0, 0), "setresuid");
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  (void)closing;
  execv(command[0], command);
  must(-1, command[0]);
}

static void start(const char *layer, int run, char **command) {
  int64_t begun = now();
  make_groups(run);
  overlay(layer, run);
  int out = open(in("stdout", run), O_RDONLY | O_NONBLOCK | O_CLOEXEC), err = open(in("stderr", run), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  int own[3], n = 0;
  for (const char **k = (const char *[]){"net", "ipc", "uts", NULL}; *k; k++) {
    char self[64];
    snprintf(self, sizeof self, "/proc/self/ns/%s", *k);
    own[n++] = open(self, O_RDONLY | O_CLOEXEC);
    int fd = open(in(*k, run), O_RDONLY | O_CLOEXEC);
    must(setns(fd, 0), "setns");
    close(fd);
  }
  int closing[2], pidfd = -1;
  must(pipe2(closing, O_CLOEXEC), "pipe");
  snprintf(path, sizeof path, "/sys/fs/cgroup/unified/jctl-floor/%d", run);
  int group = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct { uint64_t flags, pidfd, child, parent, signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; } arguments = {
      .flags = CLONE_VFORK | CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID | 0x200000000ULL, .pidfd = (uint64_t)&pidfd, .signal = SIGCHLD, .cgroup = group};
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  must(pid, "clone3");
  if (pid == 0) child(layer, run, command, closing[1]);
  int64_t executed = now();
  // held until the end is known, as by the shim
  snprintf(path, sizeof path, "/proc/%ld/ns/mnt", pid);
  int mounts = open(path, O_RDONLY | O_CLOEXEC);
  int status;
  must(waitpid(pid, &status, 0), "waitpid");
  int64_t ended = now();
  if (status != 0) {
    fprintf(stderr, "run %d ended with %x\n", run, status);
    exit(1);
  }
  printf("%ld %ld\n", (long)(executed - begun), (long)(ended - begun));
  for (int i = 0; i < 3; i++) {
    must(setns(own[i], 0), "back");
    close(own[i]);
  }
  for (const int *fd = (const int[]){out, err, closing[0], closing[1], pidfd, group, mounts, -1}; *fd >= 0; fd++) close(*fd);
}

int main(int count, char **words) {
  if (count < 5) return 2;
  int runs = atoi(words[1]);
  snprintf(place, sizeof place, "%s", words[2]);
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s/jctl-floor", GROUPS[i]);
    mkdir(path, 0755);
  }
  for (int run = 0; run < runs; run++) {
    prepare(run);
    usleep(30000);
    start(words[3], run, words + 4);
    discard(run);
  }
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s/jctl-floor", GROUPS[i]);
    rmdir(path);
  }
  return 0;
}
