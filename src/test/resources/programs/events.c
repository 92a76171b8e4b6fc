/* Files that stand for events, pipes with names, owners, and timers of a process's own time: what
   programs wait for and ask about besides bytes. Each line is a number or more that must be right. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failure(long result) { return result < 0 ? errno : 0; }

static void counters(void) {
  uint64_t value = 0, most = UINT64_MAX - 1, all = UINT64_MAX;
  int fd = eventfd(3, EFD_NONBLOCK), one = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  read(fd, &value, 8);
  printf("counter %d, empty %d, short %d", (int)value, failure(read(fd, &value, 8)) == EAGAIN,
         failure(read(fd, &value, 4)) == EINVAL);
  write(fd, &most, 8);
  value = 1;
  printf(", full %d, never %d\n", failure(write(fd, &value, 8)) == EAGAIN,
         failure(write(fd, &all, 8)) == EINVAL);
  int taken = 0;
  while (read(one, &value, 8) == 8) taken += (int)value;
  printf("semaphore %d\n", taken);
  close(fd);
  close(one);
}

static void *add_later(void *fd) {
  uint64_t five = 5;
  usleep(2000);
  write(*(int *)fd, &five, 8);
  return 0;
}

static void waiting_for_a_thread(void) {
  pthread_t thread;
  uint64_t value = 0;
  int fd = eventfd(0, 0);
  pthread_create(&thread, 0, add_later, &fd);
  read(fd, &value, 8);
  pthread_join(thread, 0);
  printf("waited for %d\n", (int)value);
  close(fd);
}

static void timers(void) {
  uint64_t value = 0;
  struct itimerspec spec = {{0, 1000000}, {0, 2000000}}, old;
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  timerfd_settime(fd, 0, &spec, 0);
  timerfd_gettime(fd, &old);
  read(fd, &value, 8);
  printf("timer %d, rest %d, every %ld", value >= 1, old.it_value.tv_nsec <= 2000000,
         old.it_interval.tv_nsec);
  struct pollfd polled = {fd, POLLIN, 0};
  printf(", polled %d, not written %d", poll(&polled, 1, 1000),
         failure(write(fd, &value, 8)) == EINVAL);
  struct itimerspec none = {{0, 0}, {0, 0}};
  timerfd_settime(fd, 0, &none, &old);
  printf(", off %d", poll(&polled, 1, 3));
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int real = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  struct itimerspec past = {{0, 0}, {now.tv_sec - 1, 0}};
  timerfd_settime(real, TFD_TIMER_ABSTIME, &past, 0);
  value = 0;
  read(real, &value, 8);
  printf(", past %d", (int)value);
  printf(", bad clock %d\n", failure(timerfd_create(99, 0)) == EINVAL);
  close(fd);
  close(real);
}

static void print_events(int epoll, int timeout) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, timeout);
  printf(" [");
  for (int i = 0; i < count; i++)
    printf("%s%c:%x", i ? " " : "", (int)events[i].data.u64, events[i].events);
  printf("]");
}

static void polls(void) {
  int ends[2], epoll = epoll_create1(EPOLL_CLOEXEC), inner = epoll_create1(0);
  char buffer[8];
  uint64_t one = 1;
  pipe(ends);
  int counter = eventfd(0, EFD_NONBLOCK);
  struct epoll_event in = {EPOLLIN, {.u64 = 'p'}}, edge = {EPOLLIN | EPOLLET, {.u64 = 'e'}},
                     out = {EPOLLOUT | EPOLLONESHOT, {.u64 = 'w'}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &in);
  epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &edge);
  printf("epoll, nothing");
  print_events(epoll, 0);
  print_events(epoll, 3);
  write(ends[1], "abc", 3);
  write(counter, &one, 8);
  printf(", both");
  print_events(epoll, -1);
  printf(", level");
  print_events(epoll, 0);
  write(counter, &one, 8);
  read(ends[0], buffer, 8);
  printf(", edge");
  print_events(epoll, 0);
  print_events(epoll, 0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &out);
  printf(", once");
  print_events(epoll, 0);
  print_events(epoll, 0);
  epoll_ctl(epoll, EPOLL_CTL_MOD, ends[1], &out);
  print_events(epoll, 0);
  epoll_ctl(epoll, EPOLL_CTL_DEL, ends[1], 0);
  close(ends[1]);
  printf(", end");
  print_events(epoll, 0);
  close(ends[0]);
  print_events(epoll, 0);
  printf("\n");
  int null = open("/dev/null", O_RDONLY), file = open("/tmp/plain", O_CREAT | O_RDWR, 0600);
  printf("refused: twice %d, unknown %d, file %d, null %d, itself %d, closed %d",
         failure(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &in)) == EEXIST,
         failure(epoll_ctl(epoll, EPOLL_CTL_MOD, inner, &in)) == ENOENT,
         failure(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &in)) == EPERM,
         failure(epoll_ctl(epoll, EPOLL_CTL_ADD, null, &in)) == EPERM,
         failure(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &in)) == EINVAL,
         failure(epoll_ctl(epoll, EPOLL_CTL_ADD, 99, &in)) == EBADF);
  epoll_ctl(inner, EPOLL_CTL_ADD, epoll, &in);
  printf(", circle %d", failure(epoll_ctl(epoll, EPOLL_CTL_ADD, inner, &in)) == ELOOP);
  printf(", no room %d\n", failure(epoll_wait(epoll, &in, 0, 0)) == EINVAL);
  write(counter, &one, 8);
  printf("epoll in epoll");
  print_events(inner, 0);
  printf("\n");
  close(null), close(file), close(inner), close(epoll), close(counter);
  unlink("/tmp/plain");
}

static void names(void) {
  char buffer[16] = "";
  struct stat status;
  mkfifo("/tmp/fifo", 0640);
  stat("/tmp/fifo", &status);
  printf("fifo %o, nobody reads %d", status.st_mode,
         failure(open("/tmp/fifo", O_WRONLY | O_NONBLOCK)) == ENXIO);
  fflush(stdout);
  if (fork() == 0) {
    int out = open("/tmp/fifo", O_WRONLY);
    write(out, "through", 7);
    _exit(0);
  }
  int in = open("/tmp/fifo", O_RDONLY);
  int first = (int)read(in, buffer, 16), last = (int)read(in, buffer + 8, 8);
  wait(0);
  printf(", %d bytes %s, then %d", first, buffer, last);
  close(in);
  int early = open("/tmp/fifo", O_RDONLY | O_NONBLOCK);
  struct pollfd polled = {early, POLLIN, 0};
  int ready = poll(&polled, 1, 0);
  printf(", no writer yet %d %d", ready, (int)read(early, buffer, 1));
  int late = open("/tmp/fifo", O_WRONLY);
  close(late);
  polled.revents = 0;
  poll(&polled, 1, 0);
  printf(", gone %x", polled.revents);
  int both = open("/tmp/fifo", O_RDWR);
  write(both, "x", 1);
  printf(", itself %d", (int)read(both, buffer, 4));
  printf(", device %d\n", failure(mknod("/tmp/fifo", S_IFIFO | 0600, 0)) == EEXIST);
  close(both), close(early);
  unlink("/tmp/fifo");
}

static void *open_to_read(void *result) {
  *(int *)result = open("/tmp/meet", O_RDONLY);
  return 0;
}

static volatile int interrupted;
static void note(int number) { interrupted += number; }

static void cut_open(void) {
  struct sigaction action = {.sa_handler = note};
  sigaction(SIGALRM, &action, 0);
  mkfifo("/tmp/meet", 0600);
  struct itimerval soon = {{0, 0}, {0, 2000}};
  setitimer(ITIMER_REAL, &soon, 0);
  int cut = failure(open("/tmp/meet", O_RDONLY)) == EINTR;
  printf("open is cut %d by %d", cut, interrupted);
  printf(", and leaves no reader %d", failure(open("/tmp/meet", O_WRONLY | O_NONBLOCK)) == ENXIO);
  pthread_t thread;
  int reader = -1;
  pthread_create(&thread, 0, open_to_read, &reader);
  int writer = open("/tmp/meet", O_WRONLY);
  pthread_join(thread, 0);
  printf(", they meet %d\n", reader >= 0 && writer >= 0);
  close(reader), close(writer);
  unlink("/tmp/meet");
}

static void owners(void) {
  struct stat status;
  int file = open("/tmp/owned", O_CREAT | O_RDWR, 0600);
  fchmod(file, 06755);
  fchown(file, 12, 34);
  fstat(file, &status);
  printf("owner %d %d mode %o", status.st_uid, status.st_gid, status.st_mode & 07777);
  chown("/tmp/owned", -1, 56);
  stat("/tmp/owned", &status);
  printf(", then %d %d", status.st_uid, status.st_gid);
  symlink("owned", "/tmp/link");
  lchown("/tmp/link", 7, 8);
  lstat("/tmp/link", &status);
  printf(", link %d %d", status.st_uid, status.st_gid);
  mkdir("/tmp/shared", 0777);
  chmod("/tmp/shared", 02777);
  chown("/tmp/shared", 5, 99);
  mkdir("/tmp/shared/below", 0755);
  stat("/tmp/shared/below", &status);
  printf(", below %d %d %o", status.st_uid, status.st_gid, status.st_mode & 07777);
  fflush(stdout);
  if (fork() == 0) {
    umask(0);
    setgid(200);
    setuid(100);
    close(open("/tmp/shared/mine", O_CREAT | O_WRONLY, 0644));
    mkdir("/tmp/own", 0755);
    _exit(0);
  }
  wait(0);
  stat("/tmp/shared/mine", &status);
  printf(", made by another %d %d", status.st_uid, status.st_gid);
  stat("/tmp/own", &status);
  printf(" %d %d\n", status.st_uid, status.st_gid);
  unlink("/tmp/shared/mine"), rmdir("/tmp/shared/below"), rmdir("/tmp/shared"), rmdir("/tmp/own");
  unlink("/tmp/link"), unlink("/tmp/owned"), close(file);
}

static void own_time(void) {
  struct sigaction action = {.sa_handler = note};
  struct itimerval soon = {{0, 0}, {0, 4000}}, rest;
  sigaction(SIGVTALRM, &action, 0);
  sigaction(SIGPROF, &action, 0);
  interrupted = 0;
  setitimer(ITIMER_VIRTUAL, &soon, 0);
  usleep(20000);
  getitimer(ITIMER_VIRTUAL, &rest);
  printf("asleep it stands %d %d", interrupted, rest.it_value.tv_usec > 0);
  while (!interrupted) continue;
  printf(", awake it runs %d", interrupted);
  interrupted = 0;
  setitimer(ITIMER_PROF, &soon, 0);
  while (!interrupted) continue;
  printf(" %d", interrupted);
  interrupted = 0;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
  struct itimerspec spec = {{0, 0}, {0, 3000000}};
  timer_t timer;
  timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer);
  timer_settime(timer, 0, &spec, 0);
  while (!interrupted) continue;
  printf(" %d\n", interrupted);
}

static void sockets(void) {
  int ends[2], count = 0, yes = 1;
  char buffer[8] = "";
  socklen_t size = sizeof count;
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  write(ends[0], "abcd", 4);
  ioctl(ends[1], FIONREAD, &count);
  recv(ends[1], buffer, 2, MSG_PEEK);
  printf("sockets %d %s", count, buffer);
  recv(ends[1], buffer, 8, 0);
  printf(" %s", buffer);
  send(ends[1], "back", 4, MSG_NOSIGNAL);
  read(ends[0], buffer, 4);
  getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &count, &size);
  printf(" %s type %d", buffer, count);
  ioctl(ends[0], FIONBIO, &yes);
  printf(", empty %d", failure(read(ends[0], buffer, 1)) == EAGAIN);
  shutdown(ends[0], SHUT_WR);
  printf(", end %d", (int)read(ends[1], buffer, 1));
  close(ends[1]);
  struct pollfd polled = {ends[0], POLLIN | POLLOUT, 0};
  poll(&polled, 1, 0);
  printf(", hung up %x, nobody %d, a pipe is none %d\n", polled.revents & ~POLLOUT,
         failure(send(ends[0], "x", 1, MSG_NOSIGNAL)) == EPIPE,
         failure(send(1, "x", 1, 0)) == ENOTSOCK);
  close(ends[0]);
}

int main(void) {
  umask(022);
  counters();
  waiting_for_a_thread();
  timers();
  polls();
  names();
  cut_open();
  owners();
  own_time();
  sockets();
  return 0;
}
