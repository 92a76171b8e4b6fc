/* Threads as a C library makes them: each test prints one line, and a number that must be right. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static volatile long total;
static int turn;
static __thread int own = 7;
static sem_t done;

static void *add(void *count) {
  for (long i = 0; i < (long)count; i++) {
    pthread_mutex_lock(&lock);
    total++;
    pthread_mutex_unlock(&lock);
  }
  own += (int)(long)count;
  return (void *)(long)own;
}

static void *take_turns(void *number) {
  long me = (long)number;
  for (int i = 0; i < 100; i++) {
    pthread_mutex_lock(&lock);
    while (turn != me) pthread_cond_wait(&changed, &lock);
    turn = (int)((me + 1) % 3);
    total++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return 0;
}

static void *detached(void *nothing) {
  sem_post(&done);
  return nothing;
}

static void *fork_here(void *nothing) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    total = 1000;
    _exit(getpid() == gettid() ? 5 : 6);
  }
  waitpid(child, &status, 0);
  return (void *)(long)WEXITSTATUS(status);
}

static volatile sig_atomic_t caught;
static volatile pthread_t catcher;

static void catch(int number) {
  caught += number;
  catcher = pthread_self();
}

static void *wait_for_signal(void *nothing) {
  sem_post(&done);
  while (!caught) usleep(1000);
  return nothing;
}

static pthread_key_t key;
static int destroyed;

static void destroy(void *value) { destroyed += (int)(long)value; }

static void *keep(void *value) {
  pthread_setspecific(key, value);
  return 0;
}

static void *sleep_long(void *nothing) {
  sleep(1000);
  return nothing;
}

static pthread_barrier_t barrier;

static void *meet(void *nothing) {
  return (void *)(long)(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
}

int main(void) {
  pthread_t threads[8];
  void *result;
  long sum = 0;
  for (long i = 0; i < 8; i++) pthread_create(&threads[i], 0, add, (void *)(1000 + i));
  for (int i = 0; i < 8; i++) {
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("mutex %ld, thread-local %ld, own %d\n", total, sum, own);

  total = 0;
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], 0, take_turns, (void *)i);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
  printf("condition %ld\n", total);

  sem_init(&done, 0, 0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 50; i++) {
    if (pthread_create(&threads[0], &attributes, detached, 0)) printf("no thread\n");
  }
  for (int i = 0; i < 50; i++) sem_wait(&done);
  printf("detached\n");

  pthread_create(&threads[0], 0, fork_here, 0);
  pthread_join(threads[0], &result);
  printf("fork from a thread %ld, untouched %ld\n", (long)result, total);

  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = catch;
  sigaction(SIGUSR1, &action, 0);
  pthread_create(&threads[0], 0, wait_for_signal, 0);
  sem_wait(&done);
  pthread_kill(threads[0], SIGUSR1);
  pthread_join(threads[0], 0);
  printf("signal %d in its thread %d\n", (int)caught, pthread_equal(catcher, threads[0]) != 0);

  caught = 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_create(&threads[0], 0, wait_for_signal, 0);
  sem_wait(&done);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  kill(getpid(), SIGUSR1);
  pthread_join(threads[0], 0);
  printf("signal for whoever does not block it %d\n", pthread_equal(catcher, threads[0]) != 0);

  pthread_key_create(&key, destroy);
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], 0, keep, (void *)(i + 1));
  for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
  printf("destructors %d\n", destroyed);

  pthread_create(&threads[0], 0, sleep_long, 0);
  usleep(10000);
  pthread_cancel(threads[0]);
  pthread_join(threads[0], &result);
  printf("cancelled %d\n", result == PTHREAD_CANCELED);

  pthread_barrier_init(&barrier, 0, 4);
  sum = 0;
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, meet, 0);
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("barrier %ld\n", sum);

  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  pthread_mutex_lock(&lock);
  int error = pthread_cond_timedwait(&changed, &lock, &until);
  pthread_mutex_unlock(&lock);
  printf("timed out %d\n", error == ETIMEDOUT);

  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t *shared =
      mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutex_init(shared, &kind);
  pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(shared);
    usleep(10000);
    kill(getpid(), SIGKILL);
  }
  usleep(1000);
  error = pthread_mutex_lock(shared);
  printf("owner died %d\n", error == EOWNERDEAD);
  pthread_mutex_consistent(shared);
  pthread_mutex_unlock(shared);
  waitpid(child, 0, 0);
  fflush(stdout);
  return 0;
}
