/* Processes, their groups, signals and timers: each line says what Linux says. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int value;
static volatile sig_atomic_t alarms, code, sender, number;
static char stack[65536];

static void count(int signal, siginfo_t *info, void *context) {
  alarms++;
  number = signal;
  code = info->si_code;
  sender = info->si_value.sival_int;
}

static void handle(int signal, int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = count;
  action.sa_flags = flags | SA_SIGINFO;
  sigaction(signal, &action, 0);
}

static int share(void *argument) {
  value = *(int *)argument;
  return 3;
}

static void *exec_in_thread(void *path) {
  char *arguments[] = {path, "again", 0};
  execv(path, arguments);
  return 0;
}

static void *wait_for_ever(void *nothing) {
  for (;;) pause();
  return nothing;
}

static void sleep_ms(long ms) {
  struct timespec time = {0, ms * 1000000};
  nanosleep(&time, 0);
}

int main(int count_of, char **arguments) {
  int status;
  siginfo_t info;
  pid_t child;
  if (count_of > 1) {
    printf("%s: one thread, its number is the process's: %d\n", arguments[1], getpid() == gettid());
    return 0;
  }
  setvbuf(stdout, 0, _IONBF, 0);

  if ((child = vfork()) == 0) {
    value = 42;
    _exit(1);
  }
  waitpid(child, &status, 0);
  printf("vfork shares: %d, status %d\n", value, WEXITSTATUS(status));

  int number_given = 77;
  child = clone(share, stack + sizeof stack, CLONE_VM | SIGCHLD, &number_given);
  waitpid(child, &status, 0);
  printf("clone with CLONE_VM shares: %d, status %d\n", value, WEXITSTATUS(status));
  child = clone(share, stack + sizeof stack, CLONE_VM, &number_given);
  int plain = waitpid(child, &status, WNOHANG);
  int error = errno;
  int with_all = waitpid(child, &status, __WALL) == child;
  printf("a child without a signal: %d %d, with __WALL %d\n", plain, error == ECHILD, with_all);

  char *echo[] = {arguments[0], "spawned", 0};
  if (posix_spawn(&child, arguments[0], 0, 0, echo, 0) == 0) waitpid(child, &status, 0);
  printf("posix_spawn %d, of nothing %d\n", WEXITSTATUS(status),
      posix_spawn(&child, "/nothing", 0, 0, echo, 0));

  if ((child = fork()) == 0) {
    pause();
    _exit(9);
  }
  kill(child, SIGSTOP);
  waitpid(child, &status, WUNTRACED);
  printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
  kill(child, SIGCONT);
  waitpid(child, &status, WCONTINUED);
  printf("continued %d\n", WIFCONTINUED(status));
  kill(child, SIGTERM);
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  printf("waitid: code %d status %d\n", info.si_code, info.si_status);
  printf("still there %d\n", waitpid(child, &status, 0) == child);
  printf("then not %d\n", waitpid(child, &status, 0) == -1 && errno == ECHILD);

  if ((child = fork()) == 0) {
    setsid();
    printf("session %d group %d\n", getsid(0) == getpid(), getpgrp() == getpid());
    if (fork() == 0) pause();
    if (fork() == 0) pause();
    sleep_ms(5);
    kill(0, SIGUSR1);
    pause();
  }
  waitpid(child, &status, 0);
  printf("the group got %d\n", WTERMSIG(status));

  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if ((child = fork()) == 0) {
    if (fork() == 0) {
      sleep_ms(5);
      _exit(8);
    }
    _exit(7);
  }
  waitpid(child, &status, 0);
  child = wait(&status);
  printf("an orphan is ours: %d, status %d\n", child > 0, WEXITSTATUS(status));

  signal(SIGCHLD, SIG_IGN);
  if ((child = fork()) == 0) _exit(0);
  printf("nobody to wait for: %d\n", wait(&status) == -1 && errno == ECHILD);
  signal(SIGCHLD, SIG_DFL);

  handle(SIGALRM, 0);
  struct itimerval timer = {{0, 10000}, {0, 10000}};
  setitimer(ITIMER_REAL, &timer, 0);
  while (alarms < 3) pause();
  memset(&timer, 0, sizeof timer);
  setitimer(ITIMER_REAL, &timer, 0);
  printf("alarms %d code %d\n", (int)alarms, (int)code);

  alarms = 0;
  timer.it_value.tv_usec = 5000;
  setitimer(ITIMER_REAL, &timer, 0);
  while (!alarms) value++;
  printf("an alarm while it runs\n");

  struct timespec second = {1, 0}, rest = {0, 0};
  timer.it_value.tv_usec = 100000;
  setitimer(ITIMER_REAL, &timer, 0);
  int slept = nanosleep(&second, &rest);
  printf("sleep is cut: %d %d, rest %d\n", slept, errno == EINTR,
      rest.tv_nsec > 800000000 && rest.tv_nsec < 950000000);

  int ends[2];
  char byte;
  pipe(ends);
  handle(SIGALRM, SA_RESTART);
  setitimer(ITIMER_REAL, &timer, 0);
  if ((child = fork()) == 0) {
    sleep_ms(300);
    write(ends[1], "x", 1);
    _exit(0);
  }
  alarms = 0;
  int got = (int)read(ends[0], &byte, 1);
  printf("read restarts: %d after %d\n", got, (int)alarms);
  waitpid(child, &status, 0);
  handle(SIGALRM, 0);
  setitimer(ITIMER_REAL, &timer, 0);
  got = (int)read(ends[0], &byte, 1);
  printf("read is cut: %d\n", got == -1 && errno == EINTR);

  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, &old);
  union sigval one = {.sival_int = 1}, two = {.sival_int = 2};
  sigqueue(getpid(), SIGRTMIN, one);
  sigqueue(getpid(), SIGRTMIN, two);
  sigqueue(getpid(), SIGUSR2, one);
  sigqueue(getpid(), SIGUSR2, two);
  for (int i = 0; i < 4; i++) {
    struct timespec none = {0, 1000000};
    int taken = sigtimedwait(&set, &info, &none);
    printf("took %d value %d\n", taken == SIGRTMIN ? 1000 : taken,
        taken < 0 ? errno == EAGAIN : info.si_value.sival_int);
  }
  handle(SIGUSR2, SA_RESTART);
  kill(getpid(), SIGUSR2);
  sigemptyset(&set);
  alarms = 0;
  int suspended = sigsuspend(&set);
  sigprocmask(SIG_SETMASK, 0, &set);
  printf("sigsuspend %d %d, blocked again %d\n", suspended, (int)alarms, sigismember(&set, SIGUSR2));
  sigprocmask(SIG_SETMASK, &old, 0);

  timer_t posix;
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR2;
  event.sigev_value.sival_int = 99;
  timer_create(CLOCK_MONOTONIC, &event, &posix);
  struct itimerspec every = {{0, 5000000}, {0, 5000000}};
  alarms = 0;
  timer_settime(posix, 0, &every, 0);
  while (alarms < 2) pause();
  timer_delete(posix);
  printf("timer %d value %d code %d\n", (int)alarms, (int)sender, (int)code);

  prctl(PR_SET_NAME, "a name longer than fifteen");
  char name[16];
  prctl(PR_GET_NAME, name);
  printf("name %s\n", name);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("used time %d\n", usage.ru_utime.tv_sec + usage.ru_utime.tv_usec > 0);
  printf("users %d %d\n", setresuid(0, 1000, 0) | setuid(0), (int)geteuid());
  if ((child = fork()) == 0) {
    setresuid(5, 5, 5);
    _exit(setuid(0) == -1 && errno == EPERM ? (int)getuid() : 0);
  }
  waitpid(child, &status, 0);
  printf("no way back %d\n", WEXITSTATUS(status));

  pthread_t thread;
  pthread_create(&thread, 0, wait_for_ever, 0);
  pthread_create(&thread, 0, exec_in_thread, arguments[0]);
  pthread_exit(0);
}
