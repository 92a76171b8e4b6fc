/* A library with everything that a loader has to look at: text, RELRO, data of several pages, more
   zeroed data than the file has pages, and thread-local storage. */
volatile int table[2600] = {1};
volatile char zeroed[36000];
static __thread int calls = 5;
extern int printf(const char *, ...);
int (*const relocated)(const char *, ...) = printf;

int foo(int x) {
  zeroed[sizeof zeroed - 1] = (char)x;
  calls++;
  return zeroed[sizeof zeroed - 1] + table[0] + (relocated != 0) + calls;
}
