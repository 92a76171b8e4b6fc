/* Faults of every kind on a file that is mapped shared and private, before and after fork, truncate,
   mremap and munmap; says what it sees after each of them. */
#include "start.h"

static const char path[] = "/tmp/faults";
static char zeroes[PAGE];

static unsigned sum(volatile unsigned char *at, size_t length) {
  unsigned sum = 1;
  for (size_t i = 0; i < length; i++) {
    sum = sum * 31 + at[i];
  }
  return sum;
}

static void say(const char *what, volatile unsigned char *at, size_t length) {
  dprintf(1, "%-28s %08x %02x %02x\n", what, sum(at, length), at[0], at[length - 1]);
}

static unsigned fileSum(void) {
  static unsigned char buffer[64 * PAGE];
  int fd = open(path, RDONLY);
  ssize_t length = read(fd, buffer, sizeof buffer);
  close(fd);
  dprintf(1, "  file has %ld bytes: %08x\n", length, sum(buffer, (size_t)length));
  return 0;
}

/* How a child that touches this address ends. */
static void touch(const char *what, volatile unsigned char *at, int writes) {
  int status = 0;
  if (fork() == 0) {
    if (writes) {
      *at = 1;
    } else {
      (void)*at;
    }
    _exit(0);
  }
  wait(&status);
  dprintf(1, "%-28s signal %d, exit %d\n", what, status & 0x7f, status >> 8);
}

int main(int argc, char **argv, char **envp) {
  (void)argc, (void)argv, (void)envp;
  int fd = open(path, RDWR | CREAT | TRUNC, 0644);
  for (int i = 0; i < 40; i++) {
    memset(zeroes, 'A' + i, PAGE);
    write(fd, zeroes, PAGE);
  }
  volatile unsigned char *shared = mmap(0, 48 * PAGE, READ | WRITE, SHARED, fd, 0);
  volatile unsigned char *private = mmap(0, 48 * PAGE, READ | WRITE, PRIVATE, fd, 0);
  say("shared", shared, 40 * PAGE);
  say("private", private, 40 * PAGE);
  for (int i = 0; i < 40; i += 3) {
    shared[i * PAGE + 5] = (unsigned char)i;
    private[(39 - i) * PAGE + 7] = (unsigned char)i;
  }
  say("shared, written", shared, 40 * PAGE);
  say("private, written", private, 40 * PAGE);
  fileSum();

  int status = 0;
  if (fork() == 0) {
    for (int i = 0; i < 40; i += 2) {
      private[i * PAGE + 9] = 0xcc;
      shared[i * PAGE + 11] = 0xdd;
    }
    say("  child: private", private, 40 * PAGE);
    _exit(7);
  }
  wait(&status);
  dprintf(1, "child ended with %d\n", status >> 8);
  say("private after the child", private, 40 * PAGE);
  say("shared after the child", shared, 40 * PAGE);

  ftruncate(fd, 10 * PAGE + 100);
  say("private, cut", private, 11 * PAGE);
  touch("private past the end", private + 20 * PAGE, 0);
  touch("shared past the end", shared + 20 * PAGE, 1);
  touch("no mapping at all", shared + 48 * PAGE * 1000, 1);
  ftruncate(fd, 30 * PAGE);
  say("shared, grown again", shared, 30 * PAGE);
  say("private, grown again", private, 30 * PAGE);

  unsigned char *moved = mremap((void *)private, 48 * PAGE, 96 * PAGE, MAYMOVE);
  say("private, moved", moved, 30 * PAGE);
  touch("where it was", private, 0);
  munmap(moved + 4 * PAGE, 2 * PAGE);
  touch("in the hole", moved + 5 * PAGE, 0);
  touch("beside the hole", moved + 6 * PAGE, 1);
  mprotect(moved, PAGE, READ);
  touch("write to read-only", moved, 1);
  say("still there", moved, 4 * PAGE);

  unsigned char *anonymous = mmap(0, 64 * PAGE, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0);
  say("anonymous", anonymous, 64 * PAGE);
  for (int round = 0; round < 8; round++) {
    if (fork() == 0) {
      memset(anonymous, round + 1, 64 * PAGE);
      _exit((int)(sum(anonymous, 64 * PAGE) & 0x7f));
    }
    wait(&status);
    anonymous[round * PAGE] = (unsigned char)(round + 100);
    dprintf(1, "round %d: child %d, parent %08x\n", round, status >> 8, sum(anonymous, 64 * PAGE));
  }
  msync((void *)shared, 48 * PAGE, 4);
  munmap((void *)shared, 48 * PAGE);
  fileSum();
  return 0;
}
