/* Prints files of /proc as they are, in the order in which they are asked for here. */
#include "start.h"

static const char *const files[] = {
    "self/status",      "self/stat",     "self/statm",       "self/cmdline",
    "self/comm",        "self/limits",   "self/mountinfo",   "self/oom_score_adj",
    "self/personality", "self/cgroup",   "meminfo",          "cpuinfo",
    "uptime",           "loadavg",       "stat",             "version",
    "filesystems",      "swaps",         "sys/vm/max_map_count",
    "sys/vm/overcommit_memory",          "sys/vm/overcommit_ratio",
    "sys/vm/swappiness",                 "sys/vm/mmap_min_addr",
    "sys/kernel/ostype",                 "sys/kernel/pid_max",
    "sys/fs/pipe-max-size",              "self/wchan",
    "self/io", "sys/kernel/osrelease", "self/coredump_filter", "self/fdinfo/0"};

static char buffer[16 * PAGE];

static ssize_t get(const char *path) {
  int fd = open(path, RDONLY);
  if (fd < 0) {
    return fd;
  }
  ssize_t length = 0;
  for (ssize_t n; (n = read(fd, buffer + length, sizeof buffer - (size_t)length)) > 0;) {
    length += n;
  }
  close(fd);
  return length;
}

static void copy(char *to, const char *from) {
  while ((*to++ = *from++)) {
  }
}

int main(int argc, char **argv, char **envp) {
  (void)argc, (void)argv, (void)envp;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char path[64] = "/proc/";
    copy(path + 6, files[i]);
    dprintf(1, "=== %s\n", files[i]);
    ssize_t length = get(path);
    if (length < 0) {
      dprintf(1, "cannot be opened\n");
    } else {
      write(1, buffer, (size_t)length);
    }
  }
  long *words = (long *)(void *)buffer;
  dprintf(1, "\n=== auxv\n");
  ssize_t length = get("/proc/self/auxv");
  for (ssize_t i = 0; i < length / 16; i++) {
    dprintf(1, "%ld %lx\n", words[2 * i], words[2 * i + 1]);
  }
  dprintf(1, "=== pagemap\n");
  static char written[2 * PAGE];
  volatile char *private = mmap(0, 4 * PAGE, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0);
  written[PAGE] = 1;
  private[PAGE] = 1;
  int fd = open("/proc/self/pagemap", RDONLY);
  for (int i = 0; i < 4; i++) {
    long entry = 0;
    long got = pread(fd, &entry, 8, (long)((size_t)private / PAGE + (size_t)i) * 8);
    dprintf(1, "%d: %ld bytes, present %d, file %d, exclusive %d\n", i, got,
            (int)(entry >> 63 & 1), (int)(entry >> 61 & 1), (int)(entry >> 56 & 1));
  }
  return 0;
}
