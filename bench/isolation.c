// What a process may do where it is: a line for each row of docs/security.md, a tab, and a word for each thing that it is granted.
// Nothing is changed by trying: arguments are such that a call that is let through fails for another reason than rights.
// To be linked statically, for images without a C library.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *CAPABILITIES[] = {
  "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
  "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
  "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
  "PERFMON", "BPF", "CHECKPOINT_RESTORE"};

static void row(const char *name) { printf("%s\t", name); }
static void grant(const char *what) { printf("%s ", what); }
static void end(void) { printf("\n"); }

// The value of a line "NAME: value" of /proc/self/status.
static char *status(const char *name) {
  static char value[256];
  FILE *file = fopen("/proc/self/status", "r");
  char line[512];
  value[0] = 0;
  while (file && fgets(line, sizeof line, file)) {
    if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':') sscanf(line + strlen(name) + 1, "%255s", value);
  }
  if (file) fclose(file);
  return value;
}

static void capabilities(const char *name, const char *set) {
  unsigned long long bits = strtoull(status(set), NULL, 16);
  row(name);
  for (int i = 0; i < 41; i++) if (bits & 1ULL << i) grant(CAPABILITIES[i]);
  end();
}

static int first_line(const char *path, char *line, int size) {
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  int read = fgets(line, size, file) != NULL;
  fclose(file);
  return read;
}

static void users(void) {
  char line[128];
  unsigned inside, outside = 0;
  row("user namespace");
  if (first_line("/proc/self/uid_map", line, sizeof line) && sscanf(line, "%u %u", &inside, &outside) == 2 && outside == 0) grant("root-of-the-machine");
  end();
}

static void privileges(void) {
  row("no_new_privs");
  if (strcmp(status("NoNewPrivs"), "1")) grant("may-gain");
  end();
  row("seccomp");
  if (strcmp(status("Seccomp"), "2")) grant("no-filter");
  end();
}

static void writable(void) {
  static const char *paths[] = {"/proc/sys/kernel/panic", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger",
    "/proc/irq/default_smp_affinity", "/proc/sys/net/ipv4/ip_forward", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/module/printk/parameters/time",
    "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/tasks", "/sys/fs/cgroup/devices/devices.allow", "/sys/fs/cgroup/pids/tasks"};
  row("/proc and /sys for writing");
  for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
    int fd = open(paths[i], O_WRONLY);
    if (fd >= 0) { grant(paths[i]); close(fd); }
  }
  if (!mkdir("/sys/fs/cgroup/memory/probe", 0755)) { grant("groups"); rmdir("/sys/fs/cgroup/memory/probe"); }
  end();
}

static int shows_something(const char *path) {
  struct stat info;
  if (stat(path, &info)) return 0;
  if (S_ISDIR(info.st_mode)) {
    DIR *directory = opendir(path);
    int entries = 0;
    while (directory && readdir(directory)) entries++;
    if (directory) closedir(directory);
    return entries > 2;
  }
  char byte;
  int fd = open(path, O_RDONLY);
  int got = fd >= 0 && read(fd, &byte, 1) == 1;
  if (fd >= 0) close(fd);
  return got;
}

static void masked(void) {
  static const char *paths[] = {"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
    "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux", "/sys/dev/block",
    "/sys/devices/system/cpu/cpu0/thermal_throttle"};
  row("what /proc and /sys show");
  for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) if (shows_something(paths[i])) grant(paths[i]);
  end();
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void devices(void) {
  char *names[64];
  int count = 0;
  DIR *directory = opendir("/dev");
  for (struct dirent *entry; directory && (entry = readdir(directory)) && count < 64;) {
    char path[300];
    struct stat info;
    snprintf(path, sizeof path, "/dev/%s", entry->d_name);
    if (!lstat(path, &info) && (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))) names[count++] = strdup(path);
  }
  qsort(names, count, sizeof *names, compare);
  row("devices");
  for (int i = 0; i < count; i++) grant(names[i]);
  static const struct { const char *name; int type, major, minor; } made[] = {
    {"disk", S_IFBLK, 254, 0}, {"loop", S_IFBLK, 7, 0}, {"memory", S_IFCHR, 1, 1}, {"kernel-log", S_IFCHR, 1, 11}, {"fuse", S_IFCHR, 10, 229}, {"tun", S_IFCHR, 10, 200}};
  for (unsigned i = 0; i < sizeof made / sizeof *made; i++) {
    if (!mknod("/probe-node", made[i].type | 0600, makedev(made[i].major, made[i].minor))) {
      int fd = open("/probe-node", O_RDONLY | O_NONBLOCK);
      // ENXIO: there is no such device, but it would have been allowed
      if (fd >= 0 || errno == ENXIO || errno == ENODEV) grant(made[i].name);
      if (fd >= 0) close(fd);
      unlink("/probe-node");
    }
  }
  if (!mknod("/probe-node", S_IFCHR | 0600, makedev(1, 3))) { grant("making-nodes"); unlink("/probe-node"); }
  end();
}

static void mounts(void) {
  static const char *points[] = {"/proc", "/sys", "/sys/fs/cgroup", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};
  static const struct { const char *option, *without; } flags[] = {{"nosuid", "suid"}, {"nodev", "dev"}, {"noexec", "exec"}};
  row("mounts without nosuid, nodev, noexec");
  for (unsigned i = 0; i < sizeof points / sizeof *points; i++) {
    FILE *file = fopen("/proc/self/mountinfo", "r");
    char line[4096], at[1024], options[1024];
    while (file && fgets(line, sizeof line, file)) {
      if (sscanf(line, "%*s %*s %*s %*s %1023s %1023s", at, options) != 2 || strcmp(at, points[i])) continue;
      for (unsigned f = 0; f < 3; f++) if (!strstr(options, flags[f].option)) printf("%s:%s ", at, flags[f].without);
    }
    if (file) fclose(file);
  }
  end();
}

static void syscalls(void) {
  static const struct { const char *name; long number, a, b, c, d; } calls[] = {
    {"add_key", SYS_add_key, 0, 0, 0, 0}, {"request_key", SYS_request_key, 0, 0, 0, 0}, {"keyctl", SYS_keyctl, 99, 0, 0, 0},
    {"bpf", SYS_bpf, 999, 0, 0, 0}, {"perf_event_open", SYS_perf_event_open, 0, 0, -1, -1}, {"userfaultfd", SYS_userfaultfd, 0x4000, 0, 0, 0},
    {"kexec_load", SYS_kexec_load, 0, 99999, 0, 0}, {"init_module", SYS_init_module, 0, 0, 0, 0}, {"finit_module", SYS_finit_module, -1, 0, 0, 0},
    {"delete_module", SYS_delete_module, (long)"no-such-module", 0, 0, 0}, {"mount", SYS_mount, (long)"x", (long)"/nowhere", (long)"x", 0},
    {"umount2", SYS_umount2, (long)"/nowhere", 0, 0, 0}, {"pivot_root", SYS_pivot_root, (long)"/nowhere", (long)"/nowhere", 0, 0},
    {"swapon", SYS_swapon, (long)"/nowhere", 0, 0, 0}, {"swapoff", SYS_swapoff, (long)"/nowhere", 0, 0, 0}, {"reboot", SYS_reboot, 0, 0, 0, 0},
    {"setns", SYS_setns, -1, 0, 0, 0}, {"process_vm_readv", SYS_process_vm_readv, -1, 0, 0, 0}, {"open_by_handle_at", SYS_open_by_handle_at, -1, 0, 0, 0},
    {"iopl", SYS_iopl, 3, 0, 0, 0}, {"acct", SYS_acct, (long)"/nowhere", 0, 0, 0}, {"clock_settime", SYS_clock_settime, 0, 0, 0, 0},
    {"quotactl", SYS_quotactl, 0x7fffffff, 0, 0, 0}, {"move_pages", SYS_move_pages, -1, 0, 0, 0}, {"mbind", SYS_mbind, 1, 0, 0, 0},
    {"set_mempolicy", SYS_set_mempolicy, 99, 0, 0, 0}, {"kcmp", SYS_kcmp, -1, -1, 0, 0}, {"io_uring_setup", SYS_io_uring_setup, 0, 0, 0, 0},
    {"fanotify_init", SYS_fanotify_init, 0x7fffffff, 0, 0, 0}, {"personality", SYS_personality, 0x0040000, 0, 0, 0}, {"syslog", SYS_syslog, 3, 0, -1, 0},
    {"uselib", SYS_uselib, (long)"/nowhere", 0, 0, 0}, {"ustat", SYS_ustat, -1, 0, 0, 0}, {"sysfs", SYS_sysfs, 99, 0, 0, 0},
    {"move_mount", SYS_move_mount, -1, (long)"", -1, (long)""}, {"open_tree", SYS_open_tree, -1, (long)"", 1, 0}, {"fsopen", SYS_fsopen, (long)"no-such", 0, 0, 0},
    {"mount_setattr", SYS_mount_setattr, -1, (long)"", 0, 0}, {"pidfd_getfd", SYS_pidfd_getfd, -1, 0, 0, 0}, {"chroot", SYS_chroot, (long)"/nowhere", 0, 0, 0},
    {"setdomainname", SYS_setdomainname, 0, 9999, 0, 0}, {"vmsplice", SYS_vmsplice, -1, 0, 0, 0}, {"name_to_handle_at", SYS_name_to_handle_at, -1, 0, 0, 0}};
  row("system calls");
  for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
    // in a process of its own, as a filter may kill it
    pid_t child = fork();
    if (child == 0) {
      long result = syscall(calls[i].number, calls[i].a, calls[i].b, calls[i].c, calls[i].d, 0);
      _exit(result >= 0 || (errno != EPERM && errno != ENOSYS) ? 1 : 0);
    }
    int ended = 0;
    if (child > 0 && waitpid(child, &ended, 0) == child && WIFEXITED(ended) && WEXITSTATUS(ended) == 1) grant(calls[i].name);
  }
  end();
}

static void namespaces(void) {
  static const struct { const char *name; int flag; } kinds[] = {{"user", CLONE_NEWUSER}, {"mount", CLONE_NEWNS}, {"network", CLONE_NEWNET}, {"pid", CLONE_NEWPID},
    {"ipc", CLONE_NEWIPC}, {"uts", CLONE_NEWUTS}, {"cgroup", CLONE_NEWCGROUP}};
  row("new namespaces");
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    pid_t child = fork();
    if (child == 0) _exit(unshare(kinds[i].flag) == 0);
    int ended = 0;
    if (child > 0 && waitpid(child, &ended, 0) == child && WIFEXITED(ended) && WEXITSTATUS(ended) == 1) grant(kinds[i].name);
  }
  end();
}

static void sockets(void) {
  static const struct { const char *name; int family, type, protocol; } kinds[] = {{"raw", AF_INET, SOCK_RAW, 1}, {"packet", AF_PACKET, SOCK_RAW, 0},
    {"vsock", AF_VSOCK, SOCK_STREAM, 0}, {"audit", AF_NETLINK, SOCK_RAW, 9}, {"crypto", AF_ALG, SOCK_SEQPACKET, 0}, {"key", AF_KEY, SOCK_RAW, 2}};
  row("sockets");
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    int fd = socket(kinds[i].family, kinds[i].type, kinds[i].protocol);
    if (fd >= 0) { grant(kinds[i].name); close(fd); }
  }
  end();
}

static void surroundings(void) {
  int processes = 0;
  DIR *directory = opendir("/proc");
  for (struct dirent *entry; directory && (entry = readdir(directory));) processes += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
  row("the machine's processes");
  if (processes > 8) grant("seen");
  if (!kill(-1, 0) && processes > 8) grant("signalled");
  end();
  char line[1024];
  row("cgroup namespace");
  if (first_line("/proc/self/cgroup", line, sizeof line) && (!strrchr(line, ':') || strcmp(strrchr(line, ':'), ":/\n"))) grant("place-on-the-machine");
  end();
  row("number of processes");
  int bounded = first_line("/sys/fs/cgroup/pids/pids.max", line, sizeof line) || first_line("/sys/fs/cgroup/pids.max", line, sizeof line);
  if (!bounded || !strncmp(line, "max", 3)) grant("unlimited");
  end();
}

int main(void) {
  users();
  capabilities("capabilities", "CapEff");
  capabilities("capabilities that a program may gain", "CapBnd");
  privileges();
  syscalls();
  namespaces();
  sockets();
  mounts();
  devices();
  masked();
  writable();
  surroundings();
  return 0;
}
