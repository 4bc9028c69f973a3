// What the kernel alone needs for containers: the same system calls that the shim makes for that of bench/start, in a loop, without anything else.
// Arguments: runs, scratch directory, layer, command: prints nanoseconds to execve and to the end of each run.
// Arguments: hold, containers, scratch directory, layer, command: starts that many as bench/many has, each in a bridge; prints a line when they
// run, and ends with its input. It must be the first process of a PID namespace and in a network namespace of its own, which end all with it.
// Made ahead, as by the shim: namespaces of the sandbox, directories, FIFOs, files.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
static const char *HIERARCHIES[] = {"cpu", "cpuacct", "cpuset", "devices", "memory", "pids"};
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

static const char *common(const char *what) {
  snprintf(path, sizeof path, "%s/%s", place, what);
  return path;
}

static void make_common(void) {
  must(mkdir(common("empty"), 0755), "mkdir");
  must(mkdir(common("cgroup"), 0755), "mkdir");
  for (int i = 0; i < 6; i++) {
    snprintf(path, sizeof path, "%s/cgroup/%s", place, HIERARCHIES[i]);
    must(mkdir(path, 0755), path);
  }
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s/jctl-floor", GROUPS[i]);
    mkdir(path, 0755);
  }
}

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

static void let_go(int run) {
  for (const char **k = (const char *[]){"net", "ipc", "uts", "merged", NULL}; *k; k++) umount2(in(*k, run), MNT_DETACH);
}

static void discard(int run) {
  let_go(run);
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

static int clone_of(int at, const char *what, unsigned flags) {
  int tree = syscall(SYS_open_tree, at, what, 1 | O_CLOEXEC | flags);
  must(tree, what);
  return tree;
}

static void attach(int tree, const char *at) {
  must(syscall(SYS_move_mount, tree, "", AT_FDCWD, at, 4), at);
}

static void child(int run, char **command) {
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
  for (int i = 0; i < 3; i++) files[i] = clone_of(AT_FDCWD, in(FILES[i], run), 0);
  int empty = clone_of(AT_FDCWD, common("empty"), 0), hierarchies = clone_of(AT_FDCWD, common("cgroup"), 0);
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
  must(mkdir("dev/shm", 01777), "dev/shm");
  attach(clone_of(AT_FDCWD, "dev/shm", 0), "dev/shm");
  fresh("mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
  fresh("sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL);
  attach(hierarchies, "sys/fs/cgroup");
  for (int i = 0; i < 6; i++) {
    char name[64];
    snprintf(name, sizeof name, "sys/fs/cgroup/%s", HIERARCHIES[i]);
    fresh("cgroup", name, MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, HIERARCHIES[i]);
  }
  for (int i = 0; i < 3; i++) {
    char name[64];
    snprintf(name, sizeof name, "etc/%s", FILES[i]);
    attach(files[i], name);
  }
  uint64_t read_only[4] = {1, 0, 0, 0};
  for (int i = 0; i < 5; i++) {
    int tree = syscall(SYS_open_tree, AT_FDCWD, READ_ONLY[i], 1 | O_CLOEXEC | 0x8000);
    if (tree < 0) continue;
    syscall(SYS_mount_setattr, tree, "", 0x1000 | 0x8000, read_only, 32);
    attach(tree, READ_ONLY[i]);
  }
  for (int i = 0; i < 4; i++) {
    struct stat s;
    if (stat(MASKED[i], &s) < 0) continue;
    attach(clone_of(S_ISDIR(s.st_mode) ? empty : null, "", 0x1000), MASKED[i]);
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
  must(unshare(CLONE_NEWUSER), "user namespace");
  execv(command[0], command);
  must(-1, command[0]);
}

struct started {
  int64_t begun, executed;
  long pid;
  int kept[7]; // until the end is known, as by the shim
};

static struct started start(const char *layer, int run, char **command) {
  struct started result = {.begun = now()};
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
  result.pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  must(result.pid, "clone3");
  if (result.pid == 0) child(run, command);
  result.executed = now();
  for (int i = 0; i < 3; i++) {
    must(setns(own[i], 0), "back");
    close(own[i]);
  }
  snprintf(path, sizeof path, "/proc/%ld/ns/mnt", result.pid);
  int mounts = open(path, O_RDONLY | O_CLOEXEC);
  memcpy(result.kept, (int[]){out, err, closing[0], closing[1], pidfd, group, mounts}, sizeof result.kept);
  return result;
}

static void close_kept(struct started *of) {
  for (int i = 0; i < 7; i++) close(of->kept[i]);
}

static void time_one(const char *layer, int run, char **command) {
  prepare(run);
  usleep(30000);
  struct started started = start(layer, run, command);
  int status;
  must(waitpid(started.pid, &status, 0), "waitpid");
  int64_t ended = now();
  if (status != 0) {
    fprintf(stderr, "run %d ended with %x\n", run, status);
    exit(1);
  }
  printf("%ld %ld\n", (long)(started.executed - started.begun), (long)(ended - started.begun));
  close_kept(&started);
  discard(run);
}

// --- containers that are held

// Of a link of that name.
struct request {
  struct nlmsghdr header;
  struct ifinfomsg link;
  char attributes[512];
};

static struct rtattr *attribute(struct request *to, int type, const void *value, int length) {
  struct rtattr *added = (struct rtattr *)((char *)to + to->header.nlmsg_len);
  added->rta_type = type;
  added->rta_len = RTA_LENGTH(length);
  memcpy(RTA_DATA(added), value, length);
  to->header.nlmsg_len += RTA_SPACE(length);
  return added;
}

static void end_nest(struct request *of, struct rtattr *nest) {
  nest->rta_len = (char *)of + of->header.nlmsg_len - (char *)nest;
}

static struct request request(const char *name, int flags, unsigned state) {
  struct request made = {
      .header = {.nlmsg_len = NLMSG_LENGTH(sizeof made.link), .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags},
      .link = {.ifi_flags = state, .ifi_change = state}};
  attribute(&made, IFLA_IFNAME, name, strlen(name) + 1);
  return made;
}

static void perform(int netlink, struct request *request, const char *what) {
  struct { struct nlmsghdr header; struct nlmsgerr error; char request[1024]; } answer;
  must(send(netlink, request, request->header.nlmsg_len, 0), what);
  must(recv(netlink, &answer, sizeof answer, 0), what);
  errno = -answer.error.error;
  must(answer.error.error, what);
}

static int make_bridge(int control) {
  struct ifreq up = {.ifr_name = "floor", .ifr_flags = IFF_UP};
  must(ioctl(control, SIOCBRADDBR, "floor"), "bridge");
  must(ioctl(control, SIOCSIFFLAGS, &up), "bridge up");
  return if_nametoindex("floor");
}

static void one_queue(struct request *request) {
  int one = 1;
  attribute(request, IFLA_NUM_TX_QUEUES, &one, sizeof one);
  attribute(request, IFLA_NUM_RX_QUEUES, &one, sizeof one);
}

// As the shim's: one queue each, the near end without IPv6 address.
static void connect_to(int netlink, int bridge, int run) {
  char name[16];
  snprintf(name, sizeof name, "floor%d", run);
  struct request made = request(name, NLM_F_CREATE | NLM_F_EXCL, 0);
  one_queue(&made);
  struct rtattr *info = attribute(&made, IFLA_LINKINFO, "", 0);
  attribute(&made, IFLA_INFO_KIND, "veth", 4);
  struct rtattr *data = attribute(&made, IFLA_INFO_DATA, "", 0), *peer = attribute(&made, VETH_INFO_PEER, &(struct ifinfomsg){0}, sizeof made.link);
  attribute(&made, IFLA_IFNAME, "eth0", 5);
  int namespace = open(in("net", run), O_RDONLY | O_CLOEXEC);
  attribute(&made, IFLA_NET_NS_FD, &namespace, sizeof namespace);
  one_queue(&made);
  end_nest(&made, peer);
  end_nest(&made, data);
  end_nest(&made, info);
  perform(netlink, &made, "veth");
  close(namespace);

  struct request port = request(name, 0, IFF_UP);
  attribute(&port, IFLA_MASTER, &bridge, sizeof bridge);
  struct rtattr *families = attribute(&port, IFLA_AF_SPEC, "", 0), *inet6 = attribute(&port, AF_INET6, "", 0);
  attribute(&port, IFLA_INET6_ADDR_GEN_MODE, &(uint8_t){IN6_ADDR_GEN_MODE_NONE}, 1);
  end_nest(&port, inet6);
  end_nest(&port, families);
  perform(netlink, &port, "port of the bridge");
}

static void give_address(int run) {
  int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), other = open(in("net", run), O_RDONLY | O_CLOEXEC);
  must(setns(other, 0), "setns");
  struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP}, eth0 = {.ifr_name = "eth0"};
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0ad60002 + run)};
  memcpy(&eth0.ifr_addr, &address, sizeof address);
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  must(ioctl(control, SIOCSIFFLAGS, &lo), "lo up");
  must(ioctl(control, SIOCSIFADDR, &eth0), "address");
  eth0.ifr_flags = IFF_UP | IFF_BROADCAST | IFF_MULTICAST;
  must(ioctl(control, SIOCSIFFLAGS, &eth0), "eth0 up");
  must(setns(own, 0), "back");
  close(control);
  close(other);
  close(own);
}

// What holds namespaces and mounts is the process alone.
static void hold_containers(int count, const char *layer, char **command) {
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int bridge = make_bridge(control);
  for (int run = 0; run < count; run++) {
    prepare(run);
    connect_to(netlink, bridge, run);
    give_address(run);
    struct started started = start(layer, run, command);
    close_kept(&started);
    let_go(run);
  }
  puts("held");
  fflush(stdout);
  while (getchar() != EOF) {}
}

int main(int count, char **words) {
  int holds = count > 1 && strcmp(words[1], "hold") == 0;
  words += holds;
  if (count - holds < 5 || (holds && getpid() != 1)) return 2;
  snprintf(place, sizeof place, "%s", words[2]);
  make_common();
  if (holds) hold_containers(atoi(words[1]), words[3], words + 4);
  else for (int run = 0; run < atoi(words[1]); run++) time_one(words[3], run, words + 4);
  return 0;
}
