/* Uses a second library, thread-local storage and malloc, and maps a file of which it writes the
   second page. With an argument it shows that file of /proc/self afterwards. */
#include "start.h"

int foo(int);

static void show(const char *path) {
  static char buffer[PAGE];
  int fd = open(path, RDONLY);
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    write(1, buffer, (size_t)n);
  }
  close(fd);
}

int main(int argc, char **argv, char **envp) {
  (void)envp;
  char *block = malloc(50000);
  memset(block, 'b', 50000);
  int fd = open("/lib/libfoo.so", RDONLY);
  volatile char *file = mmap(0, 2 * PAGE, READ | WRITE, PRIVATE, fd, 0);
  close(fd);
  char first = file[1];
  file[PAGE] = 'w';
  printf("foo(7) = %d, malloc %c, file %c%c\n", foo(7), block[49999], first, file[PAGE]);
  if (argc > 1) {
    show(argv[1]);
  }
  return 0;
}
