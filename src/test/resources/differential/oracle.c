// Reads sequences of instructions with the state they begin in from standard input, runs each, and
// writes the state they end in to standard output. For qemu-riscv64; needs no C library.

typedef unsigned long u64;

enum { REGISTERS = 8 * (32 + 32 + 1), DATA = 1024, CODE = 1024 };

extern unsigned char code[], data[], state[];
extern void run(void);

static long call(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static int all(long number, int fd, unsigned char *bytes, long count) {
  for (long done = 0; done < count;) {
    long more = call(number, fd, (long)bytes + done, count - done);
    if (more <= 0) {
      return 0;
    }
    done += more;
  }
  return 1;
}

void _start(void) {
  enum { READ = 63, WRITE = 64, EXIT = 93 };
  while (all(READ, 0, state, REGISTERS) && all(READ, 0, data, DATA) && all(READ, 0, code, CODE)) {
    __asm__ volatile("fence.i" ::: "memory");
    run();
    all(WRITE, 1, state, REGISTERS);
    all(WRITE, 1, data, DATA);
  }
  call(EXIT, 0, 0, 0);
}
