/* How long an answer over TCP takes, for bench/network.
   latency serve PORT: answers each byte with one, on both families.
   latency ask ADDRESS PORT COUNT: over one connection COUNT times, then over as many new connections a tenth of that; prints the median and the 99th
   percentile of each in microseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void at_once(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void serve(int port) {
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  int on = 1, listener = socket(AF_INET6, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 128)) die("listen");
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) die("accept");
    at_once(fd);
    char byte;
    while (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) == 1) {}
    close(fd);
  }
}

/* Without a TIME_WAIT: those of the rounds before would hold the ports, and from about 14,000 a minute on (all even ones of the usual range, which
   connect tries first) the kernel searches for one that is free for milliseconds. */
static void reset(int fd) {
  struct linger none = {.l_onoff = 1};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(fd);
}

static int connected(struct addrinfo *to) {
  int fd = socket(to->ai_family, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen)) die("connect");
  at_once(fd);
  return fd;
}

static void ask(int fd) {
  char byte = 'x';
  if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) die("no answer");
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print(double *took, int count) {
  qsort(took, count, sizeof *took, ascending);
  printf("%.1f %.1f", took[count / 2], took[(int)(count * 0.99)]);
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "serve")) serve(atoi(argv[2]));
  if (argc != 5) return 2;
  struct addrinfo *to, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
  if (getaddrinfo(argv[2], argv[3], &hints, &to)) die(argv[2]);
  int count = atoi(argv[4]), fresh = count / 10;
  double *took = calloc(count, sizeof *took);
  int fd = connected(to);
  for (int i = 0; i < count; i++) {
    double begin = now();
    ask(fd);
    took[i] = now() - begin;
  }
  close(fd);
  print(took, count);
  for (int i = 0; i < fresh; i++) {
    double begin = now();
    fd = connected(to);
    ask(fd);
    took[i] = now() - begin;
    reset(fd);
  }
  putchar(' ');
  print(took, fresh);
  putchar('\n');
}
