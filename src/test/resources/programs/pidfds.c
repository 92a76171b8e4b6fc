/* Processes as files: to wait for, to signal and to take descriptors from. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { P_PIDFD_ = 3 };

static void said(const char *what, long result) {
  if (result < 0) printf("%s: error %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
}

static int file_of(int pid, int flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
static long send(int fd, int number) { return syscall(SYS_pidfd_send_signal, fd, number, 0, 0); }

static int ready(int fd, int time) {
  struct pollfd asked = {fd, POLLIN | POLLOUT, 0};
  poll(&asked, 1, time);
  return asked.revents;
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  int ends[2], back[2];
  char byte;
  pipe(ends);
  pipe(back);
  said("nobody", file_of(30000, 0));
  said("zero", file_of(0, 0));
  said("flags", file_of(getpid(), 1));
  pid_t child = fork();
  if (!child) {
    close(ends[1]);
    write(back[1], "r", 1);
    read(ends[0], &byte, 1);
    _exit(byte);
  }
  int fd = file_of(child, 0), quick = file_of(child, O_NONBLOCK);
  printf("cloexec %d, not ready %x\n", fcntl(fd, F_GETFD), ready(fd, 0));
  char name[64] = {0}, path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  readlink(path, name, sizeof name - 1);
  printf("%s\n", strstr(name, "pidfd") ? "a pidfd" : name);
  said("read", read(fd, &byte, 1));
  said("signal nothing", send(fd, 0));
  said("bad signal", send(fd, 99));
  said("no such file", send(ends[0], 0));
  siginfo_t info = {0};
  said("would wait", waitid(P_PIDFD_, quick, &info, WEXITED));
  said("not yet", waitid(P_PIDFD_, fd, &info, WEXITED | WNOHANG));
  read(back[0], &byte, 1);
  int taken = (int)syscall(SYS_pidfd_getfd, fd, back[1], 0);
  said("taken", write(taken, "t", 1));
  read(back[0], &byte, 1);
  printf("through it %c, cloexec %d\n", byte, fcntl(taken, F_GETFD));
  said("not open there", syscall(SYS_pidfd_getfd, fd, 99, 0));
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  said("epoll", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
  write(ends[1], "\5", 1);
  said("told", epoll_wait(epoll, &event, 1, -1));
  printf("ready %x\n", ready(fd, -1) & POLLIN);
  said("to a zombie", send(fd, SIGUSR1));
  said("waited", waitid(P_PIDFD_, fd, &info, WEXITED));
  printf("child %d, code %d, status %d\n", info.si_pid == child, info.si_code, info.si_status);
  said("again", waitid(P_PIDFD_, fd, &info, WEXITED));
  said("gone", send(fd, 0));
  printf("still ready %x\n", ready(fd, 0) & POLLIN);
  child = fork();
  if (!child) {
    pause();
    _exit(0);
  }
  fd = file_of(child, 0);
  said("kill", send(fd, SIGTERM));
  said("waited", waitid(P_PIDFD_, fd, &info, WEXITED));
  printf("code %d, status %d\n", info.si_code, info.si_status);
}
