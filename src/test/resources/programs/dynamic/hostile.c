/* Does one thing without end, the one that its argument names, until it is refused; says by which error. */
#include "start.h"

int mkdir(const char *, int);
int chdir(const char *);
int symlink(const char *, const char *);
int unlink(const char *);
int link(const char *, const char *);
int *__errno_location(void);

static char name[32];

static const char *numbered(const char *prefix, unsigned number) {
  char *at = name;
  while (*prefix) {
    *at++ = *prefix++;
  }
  for (int digit = 0; digit < 8; digit++) {
    *at++ = (char)('a' + (number >> digit * 4 & 15));
  }
  *at = 0;
  return name;
}

static int once(const char *what, unsigned number) {
  if (strcmp(what, "directories") == 0) {
    return mkdir(numbered("/tmp/", number), 0755);
  }
  if (strcmp(what, "depth") == 0) {
    return mkdir("d", 0755) < 0 ? -1 : chdir("d");
  }
  if (strcmp(what, "symlinks") == 0) {
    return symlink("/", numbered("/tmp/", number));
  }
  if (strcmp(what, "names") == 0) {
    return unlink(numbered("/nowhere/", number)) < 0 && number < 20000 ? 0 : -1;
  }
  if (strcmp(what, "links") == 0) {
    return link("/bin/hostile.elf", numbered("/tmp/", number));
  }
  if (strcmp(what, "descriptors") == 0) {
    return open("/dev/null", RDONLY);
  }
  if (strcmp(what, "mappings") == 0) {
    int prot = number & 1 ? READ : READ | WRITE;
    return mmap(0, PAGE, prot, PRIVATE | ANONYMOUS, -1, 0) == (void *)-1 ? -1 : 0;
  }
  if (strcmp(what, "corruption") == 0) {
    volatile long *code = (long *)((long)once & -PAGE);
    mprotect((void *)code, PAGE, READ | WRITE | 4);
    for (int i = 0; i < PAGE / 8; i++) {
      code[i] = -1;
    }
  }
  return 0;
}

int main(int argc, char **argv, char **envp) {
  (void)envp;
  unsigned number = 0;
  while (argc > 1 && once(argv[1], number) >= 0) {
    number++;
  }
  dprintf(1, "%s: error %d after %u\n", argv[1], *__errno_location(), number);
  return 0;
}
