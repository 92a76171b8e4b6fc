/* Locks on ranges and on whole files, by process and by open file description; the sizes of pipes;
   and who has no terminal. Each line is a number or more that must be right. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static const char *path = "/tmp/locked";
static int parent;

static int failure(long result) { return result < 0 ? errno : 0; }

static int lock(int fd, int command, int type, long start, long length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return failure(fcntl(fd, command, &range));
}

static void ask(int fd, int command, int type, long start, long length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  if (fcntl(fd, command, &range) < 0)
    printf(" error %d", errno);
  else if (range.l_type == F_UNLCK)
    printf(" free");
  else
    printf(" %c %ld+%ld%s", range.l_type == F_WRLCK ? 'w' : 'r', (long)range.l_start,
           (long)range.l_len, range.l_pid == parent ? "" : range.l_pid == -1 ? " nobody's" : "?");
}

/* Runs in a child that has opened the file anew. */
static void in_child(void (*todo)(int)) {
  fflush(stdout);
  if (fork() == 0) {
    todo(open(path, O_RDWR));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}

static void ask_some(int fd) {
  ask(fd, F_GETLK, F_WRLCK, 0, 0);
  ask(fd, F_GETLK, F_WRLCK, 40, 0);
  ask(fd, F_GETLK, F_WRLCK, 40, 20);
  ask(fd, F_GETLK, F_RDLCK, 0, 0);
}

static void try_some(int fd) {
  printf(" try %d", lock(fd, F_SETLK, F_WRLCK, 50, 1));
  printf(" %d", lock(fd, F_SETLK, F_RDLCK, 99, 1));
  printf(" %d", lock(fd, F_SETLK, F_WRLCK, 100, 1));
}

static void ranges(void) {
  int fd = open(path, O_CREAT | O_RDWR, 0600);
  lock(fd, F_SETLK, F_WRLCK, 0, 100);
  printf("held:");
  in_child(ask_some);
  in_child(try_some);
  lock(fd, F_SETLK, F_UNLCK, 40, 20);
  printf("\nsplit:");
  in_child(ask_some);
  lock(fd, F_SETLK, F_WRLCK, 40, 20);
  printf("\nwhole again:");
  in_child(ask_some);
  lock(fd, F_SETLK, F_RDLCK, 40, 20);
  printf("\npartly to read:");
  in_child(ask_some);
  struct flock before = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 210, .l_len = -5};
  fcntl(fd, F_SETLK, &before);
  lseek(fd, 300, SEEK_SET);
  struct flock here = {.l_type = F_RDLCK, .l_whence = SEEK_CUR, .l_start = 20, .l_len = 0};
  fcntl(fd, F_SETLK, &here);
  lock(fd, F_SETLK, F_UNLCK, 0, 200);
  printf("\nbackwards and from here on:");
  in_child(ask_some);
  lock(fd, F_SETLK, F_UNLCK, 0, 300);
  in_child(ask_some);
  close(open(path, O_RDONLY));
  printf("\nlost with any descriptor:");
  in_child(ask_some);
  printf("\n");
  close(fd);
}

static void child_goes(int fd) {
  printf(" child %d", lock(fd, F_SETLK, F_WRLCK, 0, 1));
  lock(fd, F_SETLK, F_UNLCK, 0, 0);
}

static void wait_for_it(int fd) {
  printf(" child %d", lock(fd, F_SETLKW, F_WRLCK, 0, 10));
}

static void note(int number) { (void)number; }

static void waiting(void) {
  int fd = open(path, O_RDWR), ends[2];
  char byte = 0;
  lock(fd, F_SETLK, F_WRLCK, 0, 10);
  printf("not inherited:");
  in_child(child_goes);
  in_child(ask_some);
  printf("\nwaited:");
  fflush(stdout);
  pipe(ends);
  if (fork() == 0) {
    wait_for_it(open(path, O_RDWR));
    fflush(stdout);
    _exit(0);
  }
  usleep(20000);
  printf(" parent");
  fflush(stdout);
  lock(fd, F_SETLK, F_UNLCK, 0, 10);
  wait(0);
  printf(", then %d\n", lock(fd, F_SETLK, F_WRLCK, 0, 1));
  fflush(stdout);
  if (fork() == 0) {
    int own = open(path, O_RDWR);
    lock(own, F_SETLK, F_WRLCK, 1, 1);
    write(ends[1], "x", 1);
    int waited = lock(own, F_SETLKW, F_WRLCK, 0, 1);
    printf("circle: child %d", waited);
    fflush(stdout);
    _exit(0);
  }
  read(ends[0], &byte, 1);
  usleep(20000);
  int circle = lock(fd, F_SETLKW, F_WRLCK, 1, 1);
  lock(fd, F_SETLK, F_UNLCK, 0, 0);
  wait(0);
  printf(" parent %d\n", circle == EDEADLK);
  fflush(stdout);
  int child = fork();
  if (child == 0) {
    lock(open(path, O_RDWR), F_SETLK, F_WRLCK, 0, 1);
    write(ends[1], "x", 1);
    pause();
  }
  read(ends[0], &byte, 1);
  struct sigaction action = {.sa_handler = note};
  sigaction(SIGALRM, &action, 0);
  ualarm(20000, 0);
  printf("interrupted %d", lock(fd, F_SETLKW, F_WRLCK, 0, 1) == EINTR);
  kill(child, SIGKILL);
  wait(0);
  printf(", free with its end %d\n", lock(fd, F_SETLK, F_WRLCK, 0, 1));
  close(fd), close(ends[0]), close(ends[1]);
}

static void descriptions(void) {
  int one = open(path, O_RDWR), two = open(path, O_RDWR), same = dup(one);
  printf("descriptions: %d", lock(one, F_OFD_SETLK, F_WRLCK, 0, 10));
  printf(" %d", lock(two, F_OFD_SETLK, F_WRLCK, 0, 10) == EAGAIN);
  printf(" %d", lock(same, F_OFD_SETLK, F_WRLCK, 5, 1));
  ask(two, F_OFD_GETLK, F_RDLCK, 0, 0);
  ask(two, F_GETLK, F_RDLCK, 0, 0);
  close(same);
  printf(", kept %d", lock(two, F_OFD_SETLK, F_WRLCK, 0, 10) == EAGAIN);
  fflush(stdout);
  if (fork() == 0) {
    printf(", in a child %d", lock(one, F_OFD_SETLK, F_UNLCK, 0, 5));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  printf(" %d", lock(two, F_OFD_SETLK, F_WRLCK, 0, 5));
  printf(" %d", lock(two, F_OFD_SETLK, F_RDLCK, 5, 1) == EAGAIN);
  close(one);
  printf(", gone %d", lock(two, F_OFD_SETLK, F_WRLCK, 5, 5));
  struct flock with_pid = {.l_type = F_RDLCK, .l_pid = 1};
  printf(", pid %d\n", failure(fcntl(two, F_OFD_SETLK, &with_pid)) == EINVAL);
  close(two);
}

static void whole(void) {
  int one = open(path, O_RDWR), two = open(path, O_RDONLY);
  printf("whole: %d", flock(one, LOCK_SH));
  printf(" %d", flock(two, LOCK_SH | LOCK_NB));
  printf(" %d", failure(flock(one, LOCK_EX | LOCK_NB)) == EWOULDBLOCK);
  printf(", lost %d", flock(two, LOCK_EX | LOCK_NB));
  printf(", other kind %d", lock(one, F_SETLK, F_WRLCK, 0, 0));
  fflush(stdout);
  if (fork() == 0) {
    usleep(20000);
    printf(", unlocked by a child");
    fflush(stdout);
    flock(two, LOCK_UN);
    _exit(0);
  }
  int locked = flock(one, LOCK_EX);
  wait(0);
  printf(", waited %d", locked);
  close(one);
  printf(", gone %d\n", flock(two, LOCK_EX | LOCK_NB));
  close(two);
}

static void refusals(void) {
  int fd = open(path, O_RDWR), reads = open(path, O_RDONLY), writes = open(path, O_WRONLY);
  struct flock odd = {.l_type = F_RDLCK, .l_whence = 9};
  printf("refused: %d %d %d %d %d %d %d %d %d\n", lock(reads, F_SETLK, F_WRLCK, 0, 0) == EBADF,
         lock(writes, F_SETLK, F_RDLCK, 0, 0) == EBADF, lock(fd, F_SETLK, 7, 0, 0) == EINVAL,
         failure(fcntl(fd, F_SETLK, &odd)) == EINVAL, lock(fd, F_SETLK, F_RDLCK, -1, 0) == EINVAL,
         lock(fd, F_SETLK, F_RDLCK, 3, -5) == EINVAL,
         lock(fd, F_SETLK, F_RDLCK, LONG_MAX, 2) == EOVERFLOW,
         lock(99, F_SETLK, F_RDLCK, 0, 0) == EBADF, failure(flock(fd, 3)) == EINVAL);
  close(fd), close(reads), close(writes);
}

static void pipes(void) {
  int ends[2], file = open(path, O_RDWR);
  static char bytes[70000];
  pipe2(ends, O_NONBLOCK);
  for (int i = 0; i < 70000; i++) bytes[i] = (char)(i / 100);
  printf("pipe: %d", fcntl(ends[0], 1032));
  printf(" %d", fcntl(ends[1], 1031, 5000));
  printf(" %d", fcntl(ends[1], 1031, 0));
  printf(", takes %d", (int)write(ends[1], bytes, 70000));
  printf(", to %d", fcntl(ends[1], 1031, 131072));
  printf(", takes %d", (int)write(ends[1], bytes + 4096, 65904));
  printf(", too full %d", failure(fcntl(ends[1], 1031, 4096)) == EBUSY);
  static char found[70001];
  int count = (int)read(ends[0], found, 70001), same = 1;
  for (int i = 0; i < 70000; i++) same &= found[i] == bytes[i];
  printf(", holds %d, same %d", count, same);
  printf(", no pipe %d\n", failure(fcntl(file, 1032)) == EBADF);
  close(ends[0]), close(ends[1]), close(file);
}

static void no_terminal(int fd) {
  setsid();
  printf("terminal %d\n", failure(open("/dev/tty", O_RDWR)) == ENXIO);
  close(fd);
}

int main(void) {
  parent = getpid();
  ranges();
  waiting();
  descriptions();
  whole();
  refusals();
  pipes();
  in_child(no_terminal);
  unlink(path);
  return 0;
}
