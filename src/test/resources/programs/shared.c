/* System V shared memory, memory that is sealed, pages of a file in another order, and what the harts can do: what each call says. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, MSEAL = 462, HWPROBE = 258, GUARD_INSTALL = 102 };

static const char *name(void) {
  static char number[16];
  switch (errno) {
    case EPERM: return "EPERM";
    case ENOENT: return "ENOENT";
    case ENOMEM: return "ENOMEM";
    case EACCES: return "EACCES";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EIDRM: return "EIDRM";
    default: sprintf(number, "errno %d", errno); return number;
  }
}

static const char *word(long result) { return result == -1 ? name() : "ok"; }
static void said(const char *what, long result) { printf("%s: %s\n", what, word(result)); }

static void lines(const char *what, const char *part) {
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps)) {
    char *name = strstr(line, part);
    unsigned long start, end, offset;
    char prot[5];
    if (!name || sscanf(line, "%lx-%lx %4s %lx", &start, &end, prot, &offset) != 4) continue;
    printf("%s: %lu %s %lx %s", what, (end - start) / PAGE, prot, offset, name);
  }
  fclose(maps);
}

static void status(const char *what, int id) {
  struct shmid_ds s;
  if (shmctl(id, IPC_STAT, &s)) {
    said(what, -1);
    return;
  }
  printf("%s: size %lu mode %o attached %lu key %x by me %d %d\n", what, (long)s.shm_segsz, s.shm_perm.mode,
         (long)s.shm_nattch, s.shm_perm.__key, s.shm_cpid == getpid(), s.shm_lpid == getpid());
}

static void segments(void) {
  said("no such key", shmget(0x1234, 100, 0));
  int id = shmget(0x1234, 2 * PAGE + 100, IPC_CREAT | 0640);
  printf("first id %d\n", id);
  said("exclusive", shmget(0x1234, 100, IPC_CREAT | IPC_EXCL));
  said("larger", shmget(0x1234, 4 * PAGE, 0));
  printf("same %d\n", shmget(0x1234, 1, 0) == id);
  said("size 0", shmget(IPC_PRIVATE, 0, 0600));
  status("made", id);
  char *a = shmat(id, 0, 0);
  char *b = shmat(id, 0, SHM_RDONLY);
  strcpy(a + PAGE, "seen");
  printf("through the other: %s, apart by %ld\n", b + PAGE, (long)(a - b) / PAGE);
  lines("attached", "/SYSV");
  status("twice", id);
  said("may not become writable", mprotect(b, PAGE, PROT_READ | PROT_WRITE));
  said("on top", (long)shmat(id, a, 0));
  printf("in its place %d\n", shmat(id, a, SHM_REMAP) == a);
  said("unaligned", (long)shmat(id, a + 1, 0));
  printf("rounded %d\n", shmat(id, a + 1, SHM_RND | SHM_REMAP) == a);
  said("remap nowhere", (long)shmat(id, 0, SHM_REMAP));
  said("no id", (long)shmat(id + 1, 0, 0));
  int child = fork();
  if (!child) {
    status("in the child", id);
    strcpy(a, "child");
    said("child lets go", shmdt(a));
    said("again", shmdt(a));
    _exit(0);
  }
  waitpid(child, 0, 0);
  printf("child wrote %s\n", a);
  status("after the child", id);
  munmap(a + PAGE, PAGE);
  lines("with a hole", "/SYSV");
  said("removed", shmctl(id, IPC_RMID, 0));
  status("going", id);
  said("key is free", shmget(0x1234, 100, 0));
  char *late = shmat(id, 0, 0);
  printf("still attached: %s\n", late);
  said("all parts", shmdt(a));
  said("not there", shmdt(a + PAGE));
  lines("left", "/SYSV");
  said("let go", shmdt(b));
  said("let go late", shmdt(late));
  status("gone", id);
  int next = shmget(IPC_PRIVATE, PAGE, 0600);
  printf("next id %d\n", next);
  struct shmid_ds s;
  shmctl(next, IPC_STAT, &s);
  s.shm_perm.mode = 0444;
  s.shm_perm.uid = 7;
  said("given", shmctl(next, IPC_SET, &s));
  shmctl(next, IPC_STAT, &s);
  printf("uid %d cuid %d mode %o\n", s.shm_perm.uid, s.shm_perm.cuid, s.shm_perm.mode);
  said("bad command", shmctl(next, 77, 0));
  said("removed", shmctl(next, IPC_RMID, 0));
  said("gone", shmctl(next, IPC_RMID, 0));
}

static long seal(void *at, size_t length) { return syscall(MSEAL, at, length, 0); }

static void *pages(int count, int prot) {
  return mmap(0, count * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void sealed(void) {
  char *m = pages(6, PROT_READ | PROT_WRITE);
  strcpy(m + 2 * PAGE, "kept");
  said("flags", syscall(MSEAL, m, PAGE, 1));
  said("unaligned", seal(m + 1, PAGE));
  said("nothing", seal(m, 0));
  munmap(m + 5 * PAGE, PAGE);
  said("hole", seal(m + 2 * PAGE, 4 * PAGE));
  said("hole sealed nothing", mprotect(m + 2 * PAGE, PAGE, PROT_READ));
  said("seal", seal(m + 2 * PAGE, 2 * PAGE));
  said("twice", seal(m + 2 * PAGE, 2 * PAGE));
  said("mprotect", mprotect(m, 5 * PAGE, PROT_READ));
  said("same prot", mprotect(m + 2 * PAGE, PAGE, PROT_READ));
  said("munmap", munmap(m, 6 * PAGE));
  said("fixed", (long)mmap(m + 3 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  said("mremap", (long)mremap(m + 3 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  said("shrink", (long)mremap(m + 2 * PAGE, 2 * PAGE, PAGE, 0));
  said("onto", (long)mremap(m, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, m + 2 * PAGE));
  said("attach", (long)shmat(shmget(IPC_PRIVATE, PAGE, 0600), m + 3 * PAGE, SHM_REMAP));
  said("dontneed read-only", madvise(m + 2 * PAGE, PAGE, MADV_DONTNEED));
  said("dontfork read-only", madvise(m + 2 * PAGE, PAGE, MADV_DONTFORK));
  said("willneed read-only", madvise(m + 2 * PAGE, PAGE, MADV_WILLNEED));
  said("dontneed writable", madvise(m + 3 * PAGE, PAGE, MADV_DONTNEED));
  said("mlock", mlock(m + 2 * PAGE, PAGE));
  printf("%s\n", m + 2 * PAGE);
  int child = fork();
  if (!child) {
    said("in the child", munmap(m + 2 * PAGE, PAGE));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, 0, 0);
  said("beside it", munmap(m, 2 * PAGE));
  char *file = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, open("/proc/self/exe", O_RDONLY), 0);
  said("seal a file", seal(file, PAGE));
  said("dontneed of a file", madvise(file, PAGE, MADV_DONTNEED));
  long heap = syscall(SYS_brk, (syscall(SYS_brk, 0) + 2 * PAGE) & -PAGE);
  said("seal the heap", seal((char *)heap - PAGE, PAGE));
  printf("brk stays %d\n", syscall(SYS_brk, heap - PAGE) == heap);
}

static void reordered(void) {
  char *m = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 4; i++) m[i * PAGE] = 'a' + i;
  said("backwards", syscall(SYS_remap_file_pages, m, PAGE, 0, 3, 0) | syscall(SYS_remap_file_pages, m + PAGE, PAGE, 0, 2, 0));
  printf("%c%c%c%c\n", m[0], m[PAGE], m[2 * PAGE], m[3 * PAGE]);
  lines("in parts", "/dev/zero");
  said("over two", syscall(SYS_remap_file_pages, m, 2 * PAGE, 0, 0, 0));
  printf("%c%c%c%c\n", m[0], m[PAGE], m[2 * PAGE], m[3 * PAGE]);
  said("prot", syscall(SYS_remap_file_pages, m, PAGE, PROT_READ, 0, 0));
  said("size 0", syscall(SYS_remap_file_pages, m, 0, 0, 0, 0));
  said("past the end", syscall(SYS_remap_file_pages, m, 64 * PAGE, 0, 0, 0));
  said("private", syscall(SYS_remap_file_pages, pages(1, PROT_READ), PAGE, 0, 0, 0));
  said("all of it", syscall(SYS_remap_file_pages, m, 4 * PAGE, 0, 0, 0));
  lines("whole again", "/dev/zero");
}

static void harts(void) {
  struct { long key; unsigned long value; } pairs[] = {{3, 9}, {7, 9}, {99, 9}};
  said("probe", syscall(HWPROBE, pairs, 3, 0, 0, 0));
  for (int i = 0; i < 3; i++) printf("%ld: %lx\n", pairs[i].key, pairs[i].value);
  said("flags", syscall(HWPROBE, pairs, 1, 0, 0, 4));
  unsigned long cpus = 0;
  pairs[0].value = 1;
  said("which", syscall(HWPROBE, pairs, 1, sizeof cpus, &cpus, 1));
  printf("cpus %lx\n", cpus);
  pairs[0].value = 2;
  said("which not", syscall(HWPROBE, pairs, 1, sizeof cpus, &cpus, 1));
  printf("cpus %lx\n", cpus);
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  segments();
  sealed();
  reordered();
  harts();
}
