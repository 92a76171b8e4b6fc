/* Two threads count in restartable sequences, without atomics or locks; nothing may be lost. */
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNATURE 0xf1401073

struct area {
  unsigned cpu_id_start, cpu_id;
  unsigned long sequence;
  unsigned flags, more[3];
} __attribute__((aligned(32)));

static __thread struct area area;
static unsigned long total;
static long restarts;

static void add(long spins) {
  long done = 0;
  while (!done) {
    /* The spins make it likely that a turn ends between the load and the store. */
    __asm__ volatile(
        ".pushsection .data\n.balign 32\n"
        "3: .word 0, 0\n.dword 1f, 2f - 1f, 4f\n.popsection\n"
        "la t0, 3b\nsd t0, %[sequence]\n"
        "1: ld t1, %[total]\nmv t2, %[spins]\n"
        "5: addi t2, t2, -1\nbnez t2, 5b\n"
        "addi t1, t1, 1\nsd t1, %[total]\n"
        "2: li %[done], 1\nj 6f\n"
        ".word 0xf1401073\n"
        "4: li %[done], 0\n6:\n"
        : [done] "=&r"(done), [total] "+m"(total), [sequence] "=m"(area.sequence)
        : [spins] "r"(spins)
        : "t0", "t1", "t2", "memory");
    if (!done) __atomic_fetch_add(&restarts, 1, __ATOMIC_RELAXED);
  }
}

static void *count(void *registered) {
  if (syscall(SYS_rseq, &area, sizeof area, 0, SIGNATURE)) *(int *)registered = 0;
  for (int i = 0; i < 300; i++) add(1000);
  return 0;
}

int main(void) {
  pthread_t threads[2];
  int registered = 1;
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], 0, count, &registered);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
  printf("registered %d, total %lu, restarted %d\n", registered, total, restarts > 0);
  return 0;
}
