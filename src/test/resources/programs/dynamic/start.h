/* What a program under musl or glibc needs to begin, and no header of either: the same C source is
   linked against a library that only names its symbols, so that building wants neither. */
typedef unsigned long size_t;
typedef long ssize_t;

int main(int argc, char **argv, char **envp);
int __libc_start_main(int (*)(int, char **, char **), int, char **, void *, void *, void *);

int printf(const char *, ...);
int dprintf(int, const char *, ...);
void *malloc(size_t);
void free(void *);
void *memset(void *, int, size_t);
int strcmp(const char *, const char *);
int open(const char *, int, ...);
int close(int);
ssize_t read(int, void *, size_t);
ssize_t write(int, const void *, size_t);
ssize_t pread(int, void *, size_t, long);
int ftruncate(int, long);
int fork(void);
int wait(int *);
void _exit(int) __attribute__((noreturn));
void *mmap(void *, size_t, int, int, int, long);
void *mremap(void *, size_t, size_t, int, ...);
int mprotect(void *, size_t, int);
int munmap(void *, size_t);
int msync(void *, size_t, int);

enum { RDONLY = 0, RDWR = 2, CREAT = 0100, TRUNC = 01000 };
enum { READ = 1, WRITE = 2, SHARED = 1, PRIVATE = 2, FIXED = 16, ANONYMOUS = 32, MAYMOVE = 1 };
enum { PAGE = 4096 };

__asm__(
    ".globl _start\n"
    "_start:\n"
    " .option push\n"
    " .option norelax\n"
    " lla gp, __global_pointer$\n"
    " .option pop\n"
    " mv a0, sp\n"
    " andi sp, sp, -16\n"
    " tail begin\n");

__attribute__((used)) static void begin(long *stack) {
  __libc_start_main(main, (int)stack[0], (char **)(stack + 1), 0, 0, 0);
}
