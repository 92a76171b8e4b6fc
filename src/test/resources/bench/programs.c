// Six small programs to measure a hart with; WORK says which. Each answers whether its result is
// the one that the same program has on the host.

typedef unsigned long u64;

#ifndef SCALE
#define SCALE 1
#endif

static u64 seed = 88172645463325252UL;

static inline u64 next(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

#if WORK == 1  // integer
int work(void) {
  u64 a = 1, b = 2, c = 3;
  for (u64 i = 0; i < 20000000UL * SCALE; i++) {
    a += b ^ i;
    b = (b << 3) - c;
    c ^= a >> 5;
  }
  return (a ^ b ^ c) != 0;
}
#elif WORK == 2  // memory stream
enum { LENGTH = 1 << 17 };
static u64 from[LENGTH], to[LENGTH];
int work(void) {
  u64 sum = 0;
  for (long i = 0; i < LENGTH; i++) {
    from[i] = next();
  }
  for (int round = 0; round < 100 * SCALE; round++) {
    for (long i = 0; i < LENGTH; i++) {
      to[i] = from[i] + round;
      sum += to[i];
    }
  }
  return sum != 0;
}
#elif WORK == 3  // pointer chasing
enum { NODES = 1 << 15 };
static struct node {
  struct node *next;
  u64 value[7];
} nodes[NODES];
static int order[NODES];
int work(void) {
  for (int i = 0; i < NODES; i++) {
    order[i] = i;
  }
  for (int i = NODES - 1; i > 0; i--) {
    int j = next() % i;
    int swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
  for (int i = 0; i < NODES; i++) {
    nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
  }
  struct node *at = nodes;
  u64 sum = 1;
  for (long i = 0; i < 15000000L * SCALE; i++) {
    at = at->next;
    sum += (u64)at;
  }
  return sum != 0;
}
#elif WORK == 4  // sorting
enum { COUNT = 1 << 16 };
static u64 keys[COUNT];
static void sort(u64 *low, u64 *high) {
  while (low < high) {
    u64 pivot = low[(high - low) / 2];
    u64 *i = low, *j = high;
    while (i <= j) {
      while (*i < pivot) {
        i++;
      }
      while (*j > pivot) {
        j--;
      }
      if (i <= j) {
        u64 swap = *i;
        *i++ = *j;
        *j-- = swap;
      }
    }
    if (j - low < high - i) {
      sort(low, j);
      low = i;
    } else {
      sort(i, high);
      high = j;
    }
  }
}
int work(void) {
  for (int round = 0; round < 8 * SCALE; round++) {
    for (int i = 0; i < COUNT; i++) {
      keys[i] = next();
    }
    sort(keys, keys + COUNT - 1);
    for (int i = 1; i < COUNT; i++) {
      if (keys[i - 1] > keys[i]) {
        return 0;
      }
    }
  }
  return 1;
}
#elif WORK == 5  // matrices of doubles
enum { SIDE = 96 };
static double left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];
int work(void) {
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      left[i][j] = 1.0 / (i + j + 1);
      right[i][j] = i - 0.3 * j;
    }
  }
  double trace = 0;
  for (int round = 0; round < 16 * SCALE; round++) {
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) {
        double sum = 0;
        for (int k = 0; k < SIDE; k++) {
          sum += left[i][k] * right[k][j];
        }
        product[i][j] = sum;
      }
    }
    trace += product[round % SIDE][round % SIDE];
  }
  return trace != 0;
}
#else  // recursion
static int fibonacci(int n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
int (*volatile call)(int) = fibonacci;
int work(void) {
  int sum = 0;
  for (int i = 0; i < SCALE; i++) {
    sum += call(33);
  }
  return sum != 0;
}
#endif
