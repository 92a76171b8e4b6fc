/* System V semaphores: all of a call's operations or none, who waits, what is undone at the end of a process. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *name(void) {
  static char number[16];
  switch (errno) {
    case EAGAIN: return "EAGAIN";
    case EFBIG: return "EFBIG";
    case E2BIG: return "E2BIG";
    case ERANGE: return "ERANGE";
    case EINVAL: return "EINVAL";
    case ENOENT: return "ENOENT";
    case EEXIST: return "EEXIST";
    case EIDRM: return "EIDRM";
    default: sprintf(number, "errno %d", errno); return number;
  }
}

static void said(const char *what, long result) {
  if (result == -1) printf("%s: %s\n", what, name());
  else printf("%s: %ld\n", what, result);
}

union semun { int val; struct semid_ds *buf; unsigned short *array; };

static int operate(int id, int number, int change, int flags) {
  struct sembuf one = {(unsigned short)number, (short)change, (short)flags};
  return semop(id, &one, 1);
}

static void values(const char *what, int id, int count) {
  unsigned short all[8];
  semctl(id, 0, GETALL, (union semun){.array = all});
  printf("%s:", what);
  for (int i = 0; i < count; i++) printf(" %d", all[i]);
  printf(", waiting %d %d, last me %d\n", semctl(id, 0, GETNCNT), semctl(id, 0, GETZCNT), semctl(id, 0, GETPID) == getpid());
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  said("none", semget(0x77, 1, 0));
  said("no semaphores", semget(0x77, 0, IPC_CREAT | 0600));
  int id = semget(0x77, 3, IPC_CREAT | 0640);
  said("exclusive", semget(0x77, 3, IPC_CREAT | IPC_EXCL));
  said("more", semget(0x77, 4, 0));
  values("new", id, 3);
  said("one more", operate(id, 0, 2, 0));
  struct sembuf both[2] = {{0, -1, IPC_NOWAIT}, {1, -1, IPC_NOWAIT}};
  said("both", semop(id, both, 2));
  values("neither", id, 3);
  said("no such semaphore", operate(id, 3, 1, 0));
  said("no operation", semop(id, both, 0));
  said("too high", semctl(id, 0, SETVAL, (union semun){.val = 40000}));
  said("beyond", operate(id, 0, 32767, 0));
  struct timespec soon = {0, 5000000};
  struct sembuf wait = {1, -1, 0};
  said("in time", semtimedop(id, &wait, 1, &soon));
  pid_t child = fork();
  if (!child) {
    operate(id, 2, 3, SEM_UNDO);
    operate(id, 0, -2, SEM_UNDO);
    values("in the child", id, 3);
    _exit(0);
  }
  waitpid(child, 0, 0);
  values("undone", id, 3);
  child = fork();
  if (!child) {
    said("waited", operate(id, 0, -3, 0));
    _exit(0);
  }
  usleep(200000);
  values("one waits", id, 3);
  operate(id, 0, 1, 0);
  waitpid(child, 0, 0);
  values("went on", id, 3);
  operate(id, 0, 1, 0);
  child = fork();
  if (!child) {
    said("until zero", operate(id, 0, 0, 0));
    said("removed", operate(id, 0, -1, 0));
    _exit(0);
  }
  usleep(200000);
  values("waits for zero", id, 3);
  unsigned short set[3] = {0, 7, 9};
  long result = semctl(id, 0, SETALL, (union semun){.array = set});
  usleep(200000);
  said("all", result);
  struct semid_ds status;
  semctl(id, 0, IPC_STAT, (union semun){.buf = &status});
  printf("%d of them, mode %o\n", (int)status.sem_nsems, status.sem_perm.mode);
  result = semctl(id, 0, IPC_RMID);
  waitpid(child, 0, 0);
  said("remove", result);
  said("gone", operate(id, 0, 1, 0));
  said("free", semget(0x77, 1, 0));
}
