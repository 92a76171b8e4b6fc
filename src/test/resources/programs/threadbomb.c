/* Starts threads until that is refused, and exits with how many of them there were. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *wait_for_ever(void *nothing) {
  for (;;) pause();
  return nothing;
}

int main(void) {
  pthread_t thread;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 16384);
  int threads = 1, error;
  while ((error = pthread_create(&thread, &small, wait_for_ever, 0)) == 0) threads++;
  printf("%d threads, then %d\n", threads, error == EAGAIN);
  return 0;
}
