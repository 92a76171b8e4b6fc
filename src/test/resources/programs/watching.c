/* What programs are told of files, of signals and of pipes that are full: inotify(7), signalfd(2),
   pipe(7). Each line must be what Linux prints. Works in its own directory, which is its argument. */
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
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failure(long result) { return result < 0 ? errno : 0; }

static const char *const names[] = {"access",     "modify",   "attrib", "close-write", "close",
                                    "open",       "from",     "to",     "create",      "delete",
                                    "delete-self", "move-self"};

/* What has gathered, each as watch:event[/][=name][#n], n the same for both halves of a move. */
static void told(const char *what, int fd) {
  char buffer[8192] __attribute__((aligned(8)));
  static uint32_t first;
  printf("%s:", what);
  long length;
  while ((length = read(fd, buffer, sizeof buffer)) > 0) {
    for (char *at = buffer; at < buffer + length;) {
      struct inotify_event *event = (struct inotify_event *)at;
      printf(" %d:", event->wd);
      for (int i = 0; i < 12; i++)
        if (event->mask >> i & 1) printf("%s", names[i]);
      if (event->mask & IN_IGNORED) printf("ignored");
      if (event->mask & IN_Q_OVERFLOW) printf("overflow");
      if (event->mask & IN_ISDIR) printf("/");
      if (event->len) printf("=%s", event->name);
      if (event->len % 16) printf("?");
      if (event->cookie) {
        if (!first) first = event->cookie;
        printf("#%d", (int)(event->cookie - first));
      }
      at += sizeof *event + event->len;
    }
  }
  printf(failure(length) == EAGAIN ? "\n" : " %d\n", errno);
}

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  write(fd, text, strlen(text));
  close(fd);
}

static void directories_and_files(void) {
  char byte;
  int fd = inotify_init1(IN_NONBLOCK);
  mkdir("d", 0755);
  mkdir("e", 0755);
  printf("watches %d", inotify_add_watch(fd, "d", IN_ALL_EVENTS));
  printf(" %d", inotify_add_watch(fd, "e", IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE));
  printf(" %d\n", inotify_add_watch(fd, "d", IN_ALL_EVENTS));
  told("nothing", fd);
  put("d/a", "one");
  told("new", fd);
  put("d/a", "two");
  told("again", fd);
  put("e/b", "b");
  told("elsewhere", fd);
  int file = open("d/a", O_RDWR);
  read(file, &byte, 1);
  read(file, &byte, 1);
  write(file, "x", 1);
  write(file, "y", 1);
  ftruncate(file, 1);
  told("read and written", fd);
  pread(file, &byte, 1, 0);
  read(file, &byte, 0);
  dup2(file, 77);
  close(file);
  told("a copy is left", fd);
  close(77);
  told("closed", fd);
  chmod("d/a", 0600);
  struct timespec times[2] = {{1, 0}, {2, 0}};
  utimensat(AT_FDCWD, "d/a", times, 0);
  chown("d/a", 0, 0);
  truncate("d/a", 3);
  told("attributes", fd);
  mkdir("d/s", 0755);
  symlink("a", "d/l");
  link("d/a", "d/h");
  mkfifo("d/p", 0600);
  told("names", fd);
  rename("d/a", "d/c");
  rename("d/c", "e/c");
  rename("e/c", "a");
  rename("d/s", "e/s");
  rename("e/s", "d/s");
  told("moved", fd);
  rename("a", "d/h");
  rename("e/b", "d/h");
  told("over another", fd);
  unlink("d/h");
  unlink("d/l");
  unlink("d/p");
  rmdir("d/s");
  told("gone", fd);
  rmdir("e");
  rmdir("d");
  told("directories gone", fd);
  printf("no watch left %d\n", failure(inotify_rm_watch(fd, 1)) == EINVAL);
  close(fd);
}

static void files_themselves(void) {
  int fd = inotify_init1(IN_NONBLOCK);
  mkdir("d", 0755);
  put("d/f", "f");
  inotify_add_watch(fd, "d", IN_MODIFY | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_OPEN);
  inotify_add_watch(fd, "d/f", IN_ALL_EVENTS);
  put("d/f", "g");
  told("both are told", fd);
  rename("d/f", "d/g");
  told("moved", fd);
  int held = open("d/g", O_RDONLY);
  unlink("d/g");
  told("held", fd);
  write(held, "x", 1);
  close(held);
  told("let go", fd);
  put("d/o", "o");
  inotify_add_watch(fd, "d/o", IN_MODIFY | IN_ONESHOT);
  put("d/o", "p");
  put("d/o", "q");
  told("once", fd);
  int watch = inotify_add_watch(fd, "d/o", IN_OPEN);
  printf("more of it %d", inotify_add_watch(fd, "d/o", IN_CLOSE | IN_MASK_ADD) == watch);
  printf(", is there %d", failure(inotify_add_watch(fd, "d/o", IN_OPEN | IN_MASK_CREATE)));
  printf(", no directory %d", failure(inotify_add_watch(fd, "d/o", IN_OPEN | IN_ONLYDIR)));
  printf(", no name %d", failure(inotify_add_watch(fd, "d/x", IN_OPEN)));
  printf(", no event %d", failure(inotify_add_watch(fd, "d/o", 0)));
  printf(", no inotify %d", failure(inotify_add_watch(0, "d/o", IN_OPEN)));
  printf(", bad flags %d\n", failure(inotify_init1(1)));
  put("d/o", "r");
  told("added", fd);
  inotify_rm_watch(fd, watch);
  told("removed", fd);
  symlink("o", "d/l");
  int link = inotify_add_watch(fd, "d/l", IN_OPEN | IN_DONT_FOLLOW);
  int target = inotify_add_watch(fd, "d/l", IN_OPEN);
  printf("link and file %d\n", target - link);
  unlink("d/l");
  unlink("d/o");
  told("gone", fd);
  rmdir("d");
  close(fd);
}

static void *create_later(void *path) {
  usleep(2000);
  put(path, "late");
  return 0;
}

static void waiting_for_files(void) {
  pthread_t thread;
  char buffer[256];
  int waiting = 0;
  int fd = inotify_init(), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  inotify_add_watch(fd, ".", IN_CREATE);
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  struct pollfd asked = {fd, POLLIN | POLLOUT, 0};
  printf("quiet %d %d", poll(&asked, 1, 0), epoll_wait(epoll, &event, 1, 0));
  pthread_create(&thread, 0, create_later, "later");
  printf(", waited %d", epoll_wait(epoll, &event, 1, -1));
  poll(&asked, 1, 0);
  ioctl(fd, FIONREAD, &waiting);
  printf(" %x, bytes %d, short %d", asked.revents, waiting, failure(read(fd, buffer, 31)));
  printf(", read %d", (int)read(fd, buffer, sizeof buffer));
  printf(" %s\n", buffer + 16);
  pthread_join(thread, 0);
  unlink("later");
  pthread_create(&thread, 0, create_later, "latest");
  printf("blocked until %d", (int)read(fd, buffer, sizeof buffer));
  printf(" %s, not written %d\n", buffer + 16, failure(write(fd, "x", 1)));
  pthread_join(thread, 0);
  unlink("latest");
  close(epoll);
  close(fd);
}

static void show(const char *what, int fd) {
  struct signalfd_siginfo info;
  memset(&info, 0, sizeof info);
  long length = read(fd, &info, sizeof info);
  if (length < 0) {
    printf(", %s none %d", what, errno == EAGAIN);
    return;
  }
  printf(", %s %d code %d", what, (int)info.ssi_signo, info.ssi_code);
  if (info.ssi_code == SI_QUEUE) printf(" value %d", info.ssi_int);
  if (info.ssi_signo == SIGCHLD) printf(" status %d", info.ssi_status);
  if (info.ssi_code <= 0 && info.ssi_code != SI_TIMER) printf(" own %d", info.ssi_pid == (uint32_t)getpid());
}

static void *wait_for_signal(void *fd) {
  struct signalfd_siginfo info;
  return (void *)(long)(read(*(int *)fd, &info, sizeof info) == sizeof info ? info.ssi_signo : 0);
}

static void signals_as_files(void) {
  sigset_t set, other;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, 0);
  int fd = signalfd(-1, &set, SFD_NONBLOCK), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  struct pollfd asked = {fd, POLLIN | POLLOUT, 0};
  printf("signals");
  show("at first", fd);
  printf(" %d %d", poll(&asked, 1, 0), epoll_wait(epoll, &event, 1, 0));
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGUSR1);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7});
  printf(", polled %d %x %d", poll(&asked, 1, 0), asked.revents, epoll_wait(epoll, &event, 1, 0));
  show("sent", fd);
  show("queued", fd);
  show("then", fd);
  printf("\n");
  pid_t child = fork();
  if (!child) _exit(5);
  printf("child");
  fflush(stdout);
  printf(" told %d", epoll_wait(epoll, &event, 1, -1));
  show("ended", fd);
  waitpid(child, 0, 0);
  raise(SIGUSR1);
  sigemptyset(&other);
  sigaddset(&other, SIGUSR2);
  sigprocmask(SIG_BLOCK, &other, 0);
  printf(", same %d", signalfd(fd, &other, 0) == fd);
  show("not wanted", fd);
  raise(SIGUSR2);
  show("wanted", fd);
  signalfd(fd, &set, 0);
  struct signalfd_siginfo two[2];
  raise(SIGCHLD);
  int count = (int)(read(fd, two, sizeof two) / sizeof *two);
  printf(", two %d %d %d\n", count, (int)two[0].ssi_signo, (int)two[1].ssi_signo);
  printf("refused: short %d, file %d, flags %d, written %d, closed %d\n", failure(read(fd, two, 100)),
         failure(signalfd(0, &set, 0)), failure(signalfd(-1, &set, 1)), failure(write(fd, two, 8)),
         failure(signalfd(99, &set, 0)));
  close(fd);
  close(epoll);
  pthread_t thread;
  void *got;
  fd = signalfd(-1, &set, 0);
  pthread_create(&thread, 0, wait_for_signal, &fd);
  usleep(2000);
  kill(getpid(), SIGUSR1);
  pthread_join(thread, &got);
  printf("a thread waited for %d\n", (int)(long)got);
  close(fd);
  sigprocmask(SIG_UNBLOCK, &set, 0);
}

enum { LARGE = 300000 };
static char large[LARGE];

static void drain(int fd, int pause) {
  static char buffer[50000];
  long total = 0, length, wrong = 0;
  while ((length = read(fd, buffer, sizeof buffer)) > 0) {
    for (long i = 0; i < length; i++) wrong += buffer[i] != (char)((total + i) * 7);
    total += length;
    if (pause) usleep(500);
  }
  _exit(total == LARGE && !wrong ? 0 : 1);
}

static void interrupted(int number) { (void)number; }

static void full_pipes(void) {
  int ends[2], status;
  for (int i = 0; i < LARGE; i++) large[i] = (char)(i * 7);
  for (int kind = 0; kind < 2; kind++) {
    if (kind) socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    else pipe(ends);
    pid_t child = fork();
    if (!child) {
      close(ends[1]);
      drain(ends[0], 1);
    }
    close(ends[0]);
    int all = write(ends[1], large, LARGE) == LARGE;
    close(ends[1]);
    waitpid(child, &status, 0);
    printf("%s: all of it %d, as it was %d\n", kind ? "socket" : "pipe", all, status == 0);
  }
  pipe2(ends, O_NONBLOCK);
  int part = (int)write(ends[1], large, LARGE);
  printf("without waiting %d, then %d", part, failure(write(ends[1], large, LARGE)) == EAGAIN);
  fcntl(ends[1], F_SETFL, 0);
  struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, 0);
  struct itimerval soon = {{0, 0}, {0, 3000}};
  action.sa_flags = 0;
  sigaction(SIGALRM, &action, 0);
  setitimer(ITIMER_REAL, &soon, 0);
  printf(", full and interrupted %d", failure(write(ends[1], large, 10)) == EINTR);
  while (read(ends[0], large, 4096) > 0) {}
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, 0);
  setitimer(ITIMER_REAL, &soon, 0);
  printf(", interrupted after %d\n", (int)write(ends[1], large, LARGE));
  signal(SIGPIPE, SIG_IGN);
  pid_t child = fork();
  if (!child) {
    char byte[100];
    close(ends[1]);
    usleep(1000);
    read(ends[0], byte, 100);
    _exit(0);
  }
  close(ends[0]);
  printf("reader gone %d", failure(write(ends[1], large, LARGE)) == EPIPE);
  waitpid(child, 0, 0);
  close(ends[1]);
  pipe(ends);
  child = fork();
  if (!child) {
    close(ends[1]);
    usleep(1000);
    _exit(0);
  }
  close(ends[0]);
  printf(", gone after %d\n", (int)write(ends[1], large, LARGE));
  waitpid(child, 0, 0);
}

int main(int count, char **arguments) {
  if (count > 1 && chdir(arguments[1])) return 1;
  directories_and_files();
  files_themselves();
  waiting_for_files();
  signals_as_files();
  full_pipes();
}
