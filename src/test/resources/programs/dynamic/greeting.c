/* The smallest program under a dynamic loader: it prints a line. */
#include "start.h"

int main(int argc, char **argv, char **envp) {
  (void)argc;
  (void)argv;
  (void)envp;
  printf("hello\n");
  return 0;
}
