/* Several pieces of memory at an offset, programs behind descriptors, modes of links, and policies of
   scheduling that are kept and told. Each line is a number or more that must be right. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int failure(long result) { return result < 0 ? errno : 0; }

static void pieces(void) {
  int fd = open("/tmp/pieces", O_CREAT | O_RDWR | O_TRUNC, 0600), ends[2];
  char one[5] = "", two[9] = "";
  struct iovec out[] = {{"abc", 3}, {"", 0}, {"defghij", 7}}, in[] = {{one, 4}, {two, 8}};
  printf("pieces %d", (int)pwritev(fd, out, 3, 5));
  printf(" %d", (int)preadv(fd, in, 2, 6));
  printf(" %s|%s at %d", one, two, (int)lseek(fd, 0, SEEK_CUR));
  printf(", at the end %d", (int)preadv(fd, in, 2, 15));
  printf(", before %d", failure(preadv(fd, in, 2, -1)));
  printf(", many %d", failure(preadv(fd, in, 1025, 0)));
  lseek(fd, 12, SEEK_SET);
  printf(", here %d", (int)syscall(SYS_preadv2, fd, in, 2, -1L, -1L, 0));
  printf(" at %d", (int)lseek(fd, 0, SEEK_CUR));
  printf(", then %d", (int)syscall(SYS_pwritev2, fd, out, 3, -1L, -1L, 0));
  printf(" at %d", (int)lseek(fd, 0, SEEK_CUR));
  printf(", flags %d", failure(syscall(SYS_preadv2, fd, in, 2, 0L, 0L, 0x800)));
  struct iovec halfway[] = {{one, 4}, {(void *)16, 4}};
  printf(", half reached %d", (int)preadv(fd, halfway, 2, 5));
  printf(" %d", failure(preadv(fd, halfway + 1, 1, 5)));
  pipe(ends);
  printf(", a pipe %d", failure(preadv(ends[0], in, 2, 0)));
  printf(" %d\n", failure(pwritev(ends[1], out, 3, 0)));
  close(fd), close(ends[0]), close(ends[1]);
}

static void programs(const char *self) {
  char *words[] = {"x", "again", 0}, *none[] = {0};
  int directory = open("/bin", O_RDONLY | O_DIRECTORY), fd = open(self, O_RDONLY);
  printf("programs");
  fflush(stdout);
  const char *name = strrchr(self, '/') + 1;
  for (int i = 0; i < 5; i++) {
    if (fork() == 0) {
      if (i == 0) syscall(SYS_execveat, fd, "", words, none, AT_EMPTY_PATH);
      if (i == 1) syscall(SYS_execveat, directory, name, words, none, 0);
      if (i == 2) syscall(SYS_execveat, fd, "", words, none, 0);
      if (i == 3) syscall(SYS_execveat, directory, "link", words, none, AT_SYMLINK_NOFOLLOW);
      if (i == 4) syscall(SYS_execveat, 99, name, words, none, 0);
      printf(" %d", errno);
      fflush(stdout);
      _exit(0);
    }
    wait(0);
  }
  printf("\n");
  close(directory), close(fd);
}

static void modes(void) {
  struct stat status;
  symlink("pieces", "/tmp/link");
  printf("modes %d", failure(syscall(452, AT_FDCWD, "/tmp/link", 0640, AT_SYMLINK_NOFOLLOW)));
  printf(" %d", failure(syscall(452, AT_FDCWD, "/tmp/link", 0640, 0)));
  stat("/tmp/pieces", &status);
  printf(" %o", status.st_mode & 07777);
  printf(" %d\n", failure(syscall(452, AT_FDCWD, "/tmp/link", 0640, 7)));
  unlink("/tmp/link"), unlink("/tmp/pieces");
}

static int policy(int number, int priority) {
  struct sched_param wanted = {.sched_priority = priority};
  return failure(syscall(SYS_sched_setscheduler, 0, number, &wanted));
}

static void tell(void) {
  struct sched_param found = {.sched_priority = -1};
  syscall(SYS_sched_getparam, 0, &found);
  printf(" %x/%d", (int)syscall(SYS_sched_getscheduler, 0), found.sched_priority);
}

static void policies(void) {
  struct sched_param three = {.sched_priority = 3};
  printf("policies %d-%d", sched_get_priority_min(SCHED_FIFO), sched_get_priority_max(SCHED_RR));
  printf(" %d-%d", sched_get_priority_min(SCHED_OTHER), sched_get_priority_max(SCHED_BATCH));
  printf(" %d", failure(sched_get_priority_max(77)));
  tell();
  printf(", %d", policy(SCHED_FIFO, 10));
  tell();
  printf(", %d", failure(syscall(SYS_sched_setparam, 0, &three)));
  tell();
  printf(", refused %d", policy(SCHED_RR, 0));
  printf(" %d", policy(SCHED_OTHER, 1));
  printf(" %d", policy(77, 0));
  printf(" %d", failure(syscall(SYS_sched_getscheduler, 99999)));
  printf(", reset %d", policy(SCHED_RR | 0x40000000, 7));
  tell();
  fflush(stdout);
  if (fork() == 0) {
    printf(", child");
    tell();
    setuid(1000);
    printf(", user %d", policy(SCHED_FIFO, 1));
    printf(" %d\n", policy(SCHED_BATCH, 0));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  policy(SCHED_OTHER, 0);
}

int main(int count, char **words) {
  if (count > 1 && !strcmp(words[1], "again")) {
    printf(" again");
    return 0;
  }
  symlink("x", "/bin/link");
  pieces();
  programs(words[0]);
  modes();
  policies();
  return 0;
}
