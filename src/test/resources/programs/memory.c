/* Memory as a C library takes it: a megabyte of TLS in every thread, blocks of megabytes, and fork with all of it. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, PAGE = 4096, THREADS = 3 };

static __thread char large[MIB];
static __thread long mark = 77;
static __thread char aligned[64] __attribute__((aligned(64)));

static long sum(const char *bytes, size_t size) {
  long total = 0;
  for (size_t at = 0; at < size; at += PAGE) total += (unsigned char)bytes[at];
  return total;
}

static void *fill(void *number) {
  long me = (long)number;
  long before = sum(large, MIB);
  for (size_t at = 0; at < MIB; at += PAGE) large[at] = (char)(me + at / PAGE);
  mark += me;
  int good = before == 0 && ((long)aligned & 63) == 0;
  return (void *)(sum(large, MIB) * 10000 + mark * 10 + good);
}

static void threads(void) {
  pthread_t all[THREADS];
  for (long i = 0; i < THREADS; i++) pthread_create(&all[i], 0, fill, (void *)(i + 1));
  printf("thread-local");
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(all[i], &result);
    printf(" %ld", (long)result);
  }
  printf(", here %ld %ld\n", sum(large, MIB), mark);
}

static void blocks(void) {
  printf("blocks");
  for (int megabytes = 1; megabytes <= 8; megabytes *= 2) {
    size_t size = (size_t)megabytes * MIB;
    char *block = malloc(size);
    for (size_t at = 0; at < size; at += PAGE) block[at] = (char)(at / PAGE);
    block = realloc(block, size * 2);
    long kept = sum(block, size);
    char *zeros = calloc(1, size);
    printf(" %ld/%ld", kept, sum(zeros, size));
    free(block);
    free(zeros);
  }
  printf("\n");
}

static void small_ones(void) {
  static char *kept[5000];
  long total = 0;
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 5000; i++) {
      size_t size = (size_t)(i * 37 + round * 101) % 900 + 1;
      free(kept[i]);
      kept[i] = malloc(size);
      memset(kept[i], i & 127, size);
    }
    for (int i = round; i < 5000; i += 3) {
      free(kept[i]);
      kept[i] = 0;
    }
  }
  for (int i = 0; i < 5000; i++) total += kept[i] ? kept[i][0] : 0;
  for (int i = 0; i < 5000; i++) free(kept[i]);
  printf("small ones %ld\n", total);
}

static void children(void) {
  int status;
  char *shared = malloc(4 * MIB);
  memset(shared, 3, 4 * MIB);
  large[0] = 9;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    memset(shared, 5, 2 * MIB);
    large[0] = 1;
    char *own = malloc(MIB);
    memset(own, 7, MIB);
    _exit(sum(shared, 4 * MIB) == 4096 && sum(own, MIB) == 1792 ? 11 : 12);
  }
  waitpid(child, &status, 0);
  printf("child %d, parent keeps %ld %d\n", WEXITSTATUS(status), sum(shared, 4 * MIB), large[0]);
  free(shared);
}

int main(void) {
  threads();
  blocks();
  small_ones();
  children();
  return 0;
}
