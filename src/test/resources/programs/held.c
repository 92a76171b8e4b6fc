/* A thread waits in a call on a descriptor, and another thread gives its number to something else. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGE = 200000 };
static char large[LARGE];

struct call { int fd; long result; char bytes[16]; };

static void *write_all(void *of) {
  struct call *call = of;
  call->result = write(call->fd, large, LARGE);
  return 0;
}

static void *read_some(void *of) {
  struct call *call = of;
  memset(call->bytes, 0, sizeof call->bytes);
  call->result = read(call->fd, call->bytes, sizeof call->bytes - 1);
  return 0;
}

static void *receive(void *of) {
  struct call *call = of;
  memset(call->bytes, 0, sizeof call->bytes);
  call->result = recv(call->fd, call->bytes, sizeof call->bytes - 1, 0);
  return 0;
}

static void *wait_for_event(void *of) {
  struct call *call = of;
  struct epoll_event event;
  call->result = epoll_wait(call->fd, &event, 1, -1);
  return 0;
}

static pthread_t begin(void *(*what)(void *), struct call *call) {
  pthread_t thread;
  pthread_create(&thread, 0, what, call);
  usleep(200000);
  return thread;
}

static long drain(int fd) {
  char buffer[50000];
  long total = 0, length;
  while (total < LARGE && (length = read(fd, buffer, sizeof buffer)) > 0) total += length;
  return total;
}

static int waiting(int fd) {
  struct pollfd asked = {fd, POLLIN, 0};
  poll(&asked, 1, 0);
  return asked.revents;
}

static void writer(void) {
  int a[2], b[2];
  pipe(a);
  pipe(b);
  struct call call = {a[1]};
  pthread_t thread = begin(write_all, &call);
  dup2(b[1], a[1]);
  close(b[1]);
  long there = drain(a[0]);
  pthread_join(thread, 0);
  printf("write %ld, read %ld, then %x, the other %x\n", call.result, there, waiting(a[0]), waiting(b[0]));
  close(a[1]);
  printf("closed %x\n", waiting(b[0]));
  close(a[0]);
  close(b[0]);
}

static void reader(void *(*what)(void *), int isSocket) {
  int a[2], b[2];
  isSocket ? socketpair(AF_UNIX, SOCK_STREAM, 0, a) : pipe(a);
  isSocket ? socketpair(AF_UNIX, SOCK_STREAM, 0, b) : pipe(b);
  struct call call = {a[0]};
  pthread_t thread = begin(what, &call);
  dup2(b[0], a[0]);
  write(b[1], "other", 5);
  usleep(200000);
  int wrote = (int)write(a[1], "mine", 4);
  pthread_join(thread, 0);
  printf("read %ld %s, wrote %d, now %d\n", call.result, call.bytes, wrote, (int)write(a[1], "more", 4));
  read_some(&call);
  printf("again %ld %s\n", call.result, call.bytes);
  for (int i = 0; i < 2; i++) {
    close(a[i]);
    close(b[i]);
  }
}

static void closed(void) {
  int a[2];
  pipe(a);
  struct call call = {a[0]};
  pthread_t thread = begin(read_some, &call);
  close(a[0]);
  int wrote = (int)write(a[1], "late", 4);
  pthread_join(thread, 0);
  printf("closed: read %ld %s, wrote %d", call.result, call.bytes, wrote);
  printf(", then %d\n", (int)write(a[1], "more", 4));
  close(a[1]);
}

static void events(void) {
  int a[2], epoll = epoll_create1(0), other = epoll_create1(0);
  pipe(a);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, a[0], &event);
  struct call call = {epoll};
  pthread_t thread = begin(wait_for_event, &call);
  dup2(other, epoll);
  write(a[1], "x", 1);
  pthread_join(thread, 0);
  printf("events %ld\n", call.result);
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  signal(SIGPIPE, SIG_IGN);
  writer();
  reader(read_some, 0);
  reader(receive, 1);
  closed();
  events();
}
