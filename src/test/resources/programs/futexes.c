/* futex(2) by itself, where a library would hide it; and which harts threads run on. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* linux/futex.h, which the C library does not have. */
#define PRIVATE 128
#define FUTEX_WAIT_PRIVATE (0 | PRIVATE)
#define FUTEX_WAKE_PRIVATE (1 | PRIVATE)
#define FUTEX_REQUEUE_PRIVATE (3 | PRIVATE)
#define FUTEX_CMP_REQUEUE_PRIVATE (4 | PRIVATE)
#define FUTEX_WAKE_OP_PRIVATE (5 | PRIVATE)
#define FUTEX_WAIT_BITSET_PRIVATE (9 | PRIVATE)
#define FUTEX_WAKE_BITSET_PRIVATE (10 | PRIVATE)
#define FUTEX_CLOCK_REALTIME 256
enum { SET, ADD, OR, ANDN, XOR, SHIFTED = 8 };
enum { EQ, NE, LT, LE, GT, GE };
#define OPERATION(op, operand, compare, with) ((uint32_t)(op) << 28 | (compare) << 24 | (operand) << 12 | (with))

static uint32_t first, second;
static volatile int woken;

static long futex(uint32_t *word, int op, uint32_t value, unsigned long other, uint32_t *to,
                  uint32_t third) {
  return syscall(SYS_futex, word, op, value, other, to, third);
}

struct wait {
  uint32_t *word;
  uint32_t bits;
};

static void *sleeper(void *argument) {
  struct wait *wait = argument;
  futex(wait->word, FUTEX_WAIT_BITSET_PRIVATE, 0, 0, 0, wait->bits);
  __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
  return 0;
}

static pthread_t threads[4];

static void start(int count, struct wait *wait) {
  woken = 0;
  for (int i = 0; i < count; i++) pthread_create(&threads[i], 0, sleeper, &wait[i]);
  usleep(20000);
}

static void end(int count) {
  futex(&first, FUTEX_WAKE_PRIVATE, 100, 0, 0, 0);
  futex(&second, FUTEX_WAKE_PRIVATE, 100, 0, 0, 0);
  for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
}

static int settled(void) {
  usleep(20000);
  return woken;
}

static void bits(void) {
  struct wait waits[4] = {{&first, 1}, {&first, 2}, {&first, 3}, {&first, ~0u}};
  start(4, waits);
  long one = futex(&first, FUTEX_WAKE_BITSET_PRIVATE, 1, 0, 0, 2);
  long rest = futex(&first, FUTEX_WAKE_BITSET_PRIVATE, 100, 0, 0, 2);
  printf("bits: %ld, %ld, woken %d", one, rest, settled());
  printf(", none %d", futex(&first, FUTEX_WAKE_BITSET_PRIVATE, 1, 0, 0, 0) < 0 && errno == EINVAL);
  end(4);
  printf(", in the end %d\n", woken);
}

static void requeue(void) {
  struct wait waits[4] = {{&first, ~0u}, {&first, ~0u}, {&first, ~0u}, {&first, ~0u}};
  start(4, waits);
  long moved = futex(&first, FUTEX_REQUEUE_PRIVATE, 1, 2, &second, 0);
  printf("requeue: %ld, woken %d", moved, settled());
  long there = futex(&second, FUTEX_WAKE_PRIVATE, 100, 0, 0, 0);
  printf(", there %ld, woken %d", there, settled());
  printf(", differs %d", futex(&first, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &second, 5) < 0 &&
                             errno == EAGAIN);
  long compared = futex(&first, FUTEX_CMP_REQUEUE_PRIVATE, 0, 1, &second, 0);
  printf(", compared %ld", compared);
  printf(", at the second %ld", futex(&second, FUTEX_WAKE_PRIVATE, 100, 0, 0, 0));
  end(4);
  printf(", in the end %d\n", woken);
}

static void wake_op(void) {
  struct wait waits[3] = {{&first, ~0u}, {&second, ~0u}, {&second, ~0u}};
  start(3, waits);
  uint32_t add_when_zero = OPERATION(ADD, 7, EQ, 0);
  long both = futex(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, add_when_zero);
  printf("wake_op: %ld, word %d, woken %d", both, second, settled());
  uint32_t or_when_less = OPERATION(OR | SHIFTED, 4, LT, 7);
  long none = futex(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, or_when_less);
  printf(", then %ld, word %d", none, second);
  uint32_t and_not = OPERATION(ANDN, 0x13, GE, 23);
  long last = futex(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, and_not);
  printf(", then %ld, word %d\n", last, second);
  end(3);
  second = 0;
}

static void times(void) {
  struct timespec past = {1, 0}, soon = {0, 1000000};
  long absolute = futex(&first, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0,
                        (unsigned long)&past, 0, ~0u);
  int over = errno == ETIMEDOUT;
  futex(&first, FUTEX_WAIT_PRIVATE, 0, (unsigned long)&soon, 0, 0);
  printf("times: %ld %d, relative %d", absolute, over, errno == ETIMEDOUT);
  futex(&first, FUTEX_WAIT_PRIVATE, 1, 0, 0, 0);
  printf(", differs %d", errno == EAGAIN);
  futex((uint32_t *)((char *)&first + 1), FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
  printf(", askew %d\n", errno == EINVAL);
}

static void barriers(void) {
  long commands = syscall(SYS_membarrier, 0, 0, 0);
  long early = syscall(SYS_membarrier, 8, 0, 0);
  int refused = early < 0 && errno == EPERM;
  long registered = syscall(SYS_membarrier, 16, 0, 0);
  long late = syscall(SYS_membarrier, 8, 0, 0);
  printf("membarrier: asked %d, early %d, registered %ld, late %ld\n", (commands & 25) == 25, refused,
         registered, late);
}

static void usage(void) {
  struct rusage before, after;
  static char area[64 * 4096];
  getrusage(RUSAGE_SELF, &before);
  memset(area, 1, sizeof area);
  for (volatile int i = 0; i < 3000000; i++) continue;
  getrusage(RUSAGE_SELF, &after);
  long spent = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000L +
               after.ru_utime.tv_usec - before.ru_utime.tv_usec;
  printf("usage: time %d, faults %d, largest %d\n", spent > 0,
         after.ru_minflt - before.ru_minflt >= 60, after.ru_maxrss >= 200);
}

static void *on_last(void *result) {
  cpu_set_t set;
  unsigned cpu = 99, node = 99;
  int *told = result;
  CPU_ZERO(&set);
  CPU_SET(told[0], &set);
  sched_setaffinity(0, sizeof set, &set);
  sched_yield();
  syscall(SYS_getcpu, &cpu, &node, 0);
  told[1] = (int)cpu;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  told[2] = CPU_COUNT(&set) == 1 && CPU_ISSET(told[0], &set);
  return 0;
}

static void harts(void) {
  cpu_set_t set, none;
  pthread_t thread;
  CPU_ZERO(&set);
  CPU_ZERO(&none);
  sched_getaffinity(0, sizeof set, &set);
  int last = CPU_COUNT(&set) - 1, told[3] = {last, -1, 0};
  pthread_create(&thread, 0, on_last, told);
  pthread_join(thread, 0);
  printf("harts: on the last %d, alone %d, main keeps all %d, nowhere %d, nobody %d\n",
         told[1] == last, told[2], CPU_COUNT(&set) == last + 1,
         sched_setaffinity(0, sizeof none, &none) < 0 && errno == EINVAL,
         sched_setaffinity(999999, sizeof set, &set) < 0 && errno == ESRCH);
}

int main(void) {
  bits();
  requeue();
  wake_op();
  times();
  barriers();
  usage();
  harts();
  return 0;
}
