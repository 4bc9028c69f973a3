/* Follows what processes change below a directory, by ptrace: prints each step, a system call and what it is about, or ends the process by SIGKILL when it
 * is about to do a certain one. Digests, ids and numbers in names count as the same: "rename images/blobs/sha256/#" is one step, done many times.
 *
 * kills DIRECTORY NAME=PID...                 prints "NAME STEP" for each call, until SIGTERM
 * kills DIRECTORY -k N "NAME STEP" NAME=PID... ends NAME before the N-th such call, says so and ends
 *
 * Prints "ready" once it follows all of their threads. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>

enum { MAX_PROCESSES = 4, MAX_THREADS = 4096, MAX_PATH = 4096 };

/* Where a call says what it is about: by a descriptor, a path, or a path from a directory. */
enum about { FD, PATH, AT };

static const struct call {
  long number;
  const char *name;
  enum about about;
  int argument; /* of the descriptor or path; of AT the directory, before the path */
  int flags;    /* argument of flags that must have O_CREAT; -1 for none */
} CALLS[] = {
  {SYS_write, "write", FD, 0, -1},         {SYS_pwrite64, "write", FD, 0, -1},      {SYS_writev, "write", FD, 0, -1},
  {SYS_copy_file_range, "write", FD, 2, -1}, {SYS_sendfile, "write", FD, 0, -1},
  {SYS_ftruncate, "truncate", FD, 0, -1},  {SYS_fallocate, "allocate", FD, 0, -1},
  {SYS_fsync, "fsync", FD, 0, -1},         {SYS_fdatasync, "fsync", FD, 0, -1},     {SYS_syncfs, "fsync", FD, 0, -1},
  {SYS_openat, "create", AT, 0, 2},        {SYS_mkdirat, "mkdir", AT, 0, -1},       {SYS_mknodat, "mknod", AT, 0, -1},
  {SYS_symlinkat, "symlink", AT, 1, -1},   {SYS_linkat, "link", AT, 2, -1},         {SYS_renameat, "rename", AT, 2, -1},
  {SYS_renameat2, "rename", AT, 2, -1},    {SYS_unlinkat, "unlink", AT, 0, -1},
#ifdef SYS_open
  {SYS_open, "create", PATH, 0, 1},        {SYS_mkdir, "mkdir", PATH, 0, -1},       {SYS_symlink, "symlink", PATH, 1, -1},
  {SYS_link, "link", PATH, 1, -1},         {SYS_rename, "rename", PATH, 1, -1},     {SYS_unlink, "unlink", PATH, 0, -1},
  {SYS_rmdir, "unlink", PATH, 0, -1},
#endif
};

static struct { const char *name; pid_t pid; } processes[MAX_PROCESSES];
static int process_count;
static char directory[MAX_PATH];
static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static void fail(const char *what) { fprintf(stderr, "kills: %s: %s\n", what, strerror(errno)); exit(2); }

static int process_of(pid_t thread) {
  char path[64];
  for (int i = 0; i < process_count; i++) {
    snprintf(path, sizeof path, "/proc/%d/task/%d", processes[i].pid, thread);
    if (access(path, F_OK) == 0) return i;
  }
  return -1;
}

/* Threads that begin meanwhile are followed by PTRACE_O_TRACECLONE, or found by the next look. */
static void follow(pid_t pid) {
  static pid_t known[MAX_THREADS];
  int count = 0, found = 1;
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  while (found) {
    found = 0;
    DIR *tasks = opendir(path);
    if (!tasks) fail(path);
    for (struct dirent *task; (task = readdir(tasks));) {
      pid_t thread = atoi(task->d_name);
      int is_known = thread == 0;
      for (int i = 0; i < count && !is_known; i++) is_known = known[i] == thread;
      if (is_known || count == MAX_THREADS) continue;
      known[count++] = thread;
      if (ptrace(PTRACE_SEIZE, thread, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD) == 0) {
        ptrace(PTRACE_INTERRUPT, thread, 0, 0);
        found = 1;
      }
    }
    closedir(tasks);
  }
}

static int link_of(pid_t thread, long fd, char *out) {
  char path[64];
  if (fd == AT_FDCWD) snprintf(path, sizeof path, "/proc/%d/cwd", thread);
  else snprintf(path, sizeof path, "/proc/%d/fd/%ld", thread, fd);
  ssize_t length = readlink(path, out, MAX_PATH - 1);
  if (length < 0) return 0;
  out[length] = 0;
  return 1;
}

static int text_of(pid_t thread, unsigned long address, char *out) {
  size_t done = 0;
  while (done < MAX_PATH - 1) {
    size_t part = 256 - (address + done) % 256; /* never over the end of a page */
    if (part > MAX_PATH - 1 - done) part = MAX_PATH - 1 - done;
    struct iovec here = {out + done, part}, there = {(void *)(address + done), part};
    ssize_t read = process_vm_readv(thread, &here, 1, &there, 1, 0);
    if (read <= 0) return 0;
    if (memchr(out + done, 0, read)) return 1;
    done += read;
  }
  return 0;
}

static int path_of(pid_t thread, const struct call *call, const uint64_t *args, char *out) {
  char name[MAX_PATH];
  long fd = (int)args[call->argument];
  if (call->about == FD) return link_of(thread, fd, out);
  if (!text_of(thread, args[call->argument + (call->about == AT)], name)) return 0;
  if (name[0] == '/') { strcpy(out, name); return 1; }
  if (!link_of(thread, call->about == AT ? fd : AT_FDCWD, out)) return 0;
  size_t length = strlen(out);
  snprintf(out + length, MAX_PATH - length, "/%s", name);
  return 1;
}

/* Of the word up to its next separator, when it is made of digits of base 16 and holds one of base 10, or is a group of a UUID; else 0. */
static size_t number_length(const char *text, int group) {
  size_t length = 0;
  int decimal = 0;
  while (isxdigit((unsigned char)text[length])) decimal |= isdigit((unsigned char)text[length++]);
  return (decimal || (group && (length == 4 || length == 12))) && !isalpha((unsigned char)text[length]) ? length : 0;
}

static void normalize(const char *path, char *out) {
  char before = '/';
  while (*path) {
    size_t length = isalnum((unsigned char)before) ? 0 : number_length(path, out[-1] == '#');
    if (length) {
      before = path[length - 1];
      path += length;
      if (out[-1] != '#') *out++ = '#';
    } else if (*path == '-' && out[-1] == '#' && number_length(path + 1, 1)) {
      before = *path++; /* the groups of a UUID are one number */
    } else {
      before = *path;
      *out++ = *path++;
    }
  }
  *out = 0;
}

/* "NAME CALL PATH", or nothing when the call changes nothing below the directory. */
static int step_of(pid_t thread, const struct __ptrace_syscall_info *info, char *step) {
  char path[2 * MAX_PATH];
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
    const struct call *call = &CALLS[i];
    if ((long)info->entry.nr != call->number) continue;
    if (call->flags >= 0 && !(info->entry.args[call->flags] & O_CREAT)) return 0;
    size_t length = strlen(directory);
    if (!path_of(thread, call, info->entry.args, path) || strncmp(path, directory, length) || path[length] != '/') return 0;
    const char *below = path + length + 1;
    if (!strncmp(below, "log", 3) || !strncmp(below, "tmp/", 4)) return 0;
    int process = process_of(thread);
    if (process < 0) return 0;
    int written = sprintf(step, "%s %s ", processes[process].name, call->name);
    normalize(below, step + written);
    /* what is in a layer is the image's */
    char *layer = strstr(step, " layers/");
    char *content = layer ? strchr(layer + 8, '/') : NULL;
    if (content) strcpy(content, "/...");
    return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  int next = 2, occurrence = 0, seen = 0, status;
  const char *target = NULL;
  if (argc > 4 && !strcmp(argv[2], "-k")) { occurrence = atoi(argv[3]); target = argv[4]; next = 5; }
  if (argc < 3 || next >= argc) { fprintf(stderr, "usage: kills DIRECTORY [-k N STEP] NAME=PID...\n"); return 2; }
  if (!realpath(argv[1], directory)) fail(argv[1]);
  for (; next < argc && process_count < MAX_PROCESSES; next++) {
    char *equals = strchr(argv[next], '=');
    if (!equals) { fprintf(stderr, "kills: %s is not NAME=PID\n", argv[next]); return 2; }
    *equals = 0;
    processes[process_count].name = argv[next];
    processes[process_count++].pid = atoi(equals + 1);
  }
  struct sigaction action = {.sa_handler = stop}; /* without SA_RESTART: it ends the wait */
  sigaction(SIGTERM, &action, NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 0; i < process_count; i++) follow(processes[i].pid);
  puts("ready");
  while (!stopped) {
    pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0) break; /* interrupted, or nothing is left to follow */
    if (!WIFSTOPPED(status)) continue;
    int event = status >> 16, signal = WSTOPSIG(status), pass = 0;
    if (signal == (SIGTRAP | 0x80)) {
      struct __ptrace_syscall_info info;
      char step[3 * MAX_PATH];
      if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY && step_of(thread, &info, step)) {
        if (!target) puts(step);
        else if (!strcmp(step, target) && ++seen == occurrence) {
          kill(processes[process_of(thread)].pid, SIGKILL);
          puts("killed");
          return 0;
        }
      }
    } else if (event == PTRACE_EVENT_STOP) {
      if (signal != SIGTRAP) { ptrace(PTRACE_LISTEN, thread, 0, 0); continue; }
      /* a child that is no thread is none of ours */
      if (process_of(thread) < 0) { ptrace(PTRACE_DETACH, thread, 0, 0); continue; }
    } else if (event == 0) {
      pass = signal;
    }
    ptrace(PTRACE_SYSCALL, thread, 0, pass);
  }
  return 0; /* whoever is still followed goes on */
}
