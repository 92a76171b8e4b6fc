/* Who may do what with files: permission bits, owners, groups and programs that act as their owner.
   Run by root, who makes files and then acts as others. Each line is a number or more. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int failure(long result) { return result < 0 ? errno : 0; }

static int opens(const char *path, int flags) {
  int fd = open(path, flags, 0666);
  int error = failure(fd);
  if (fd >= 0) close(fd);
  return error;
}

static void make(const char *path, int mode, int user, int group) {
  close(open(path, O_CREAT | O_RDWR, 0600));
  chown(path, user, group);
  chmod(path, mode);
}

/* Runs as user 1000 of group 100, and of group 50 too. */
static void as_user(const char *what, void (*todo)(void)) {
  printf("%s:", what);
  fflush(stdout);
  if (fork() == 0) {
    gid_t further[] = {50};
    setgroups(1, further);
    setgid(100);
    setuid(1000);
    todo();
    printf("\n");
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}

static void open_them(void) {
  static const char *paths[] = {"own", "ours", "theirs", "further", "secret", "writeonly", "nobody"};
  for (int i = 0; i < 7; i++) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/rights/%s", paths[i]);
    printf(" %d", opens(path, O_RDONLY));
    printf("/%d", opens(path, O_WRONLY));
    printf("/%d", opens(path, O_RDWR));
    printf("/%d", opens(path, O_RDONLY | O_TRUNC));
  }
}

static void ask_access(void) {
  printf(" %d", failure(access("/tmp/rights/theirs", R_OK)));
  printf(" %d", failure(access("/tmp/rights/theirs", W_OK)));
  printf(" %d", failure(access("/tmp/rights/secret", F_OK)));
  printf(" %d", failure(access("/tmp/rights/secret", R_OK)));
  printf(" %d", failure(access("/tmp/rights/closed/in", F_OK)));
  printf(" %d", failure(access("/tmp/rights/theirs", 8)));
}

static void names(void) {
  printf(" new %d", opens("/tmp/rights/new", O_CREAT | O_WRONLY));
  printf(" again %d", opens("/tmp/rights/own", O_CREAT | O_EXCL | O_WRONLY));
  printf(" directory %d", failure(mkdir("/tmp/rights/d", 0777)));
  printf(" link %d", failure(symlink("x", "/tmp/rights/l")));
  printf(" hard %d", failure(link("/tmp/rights/own", "/tmp/rights/h")));
  printf(" unlink %d", failure(unlink("/tmp/rights/own")));
  printf(" missing %d", failure(unlink("/tmp/rights/missing")));
  printf(" rename %d", failure(rename("/tmp/rights/own", "/tmp/own")));
  printf(" here %d", failure(mkdir("/tmp/rights/open/d", 0755)));
  printf(" moved %d", failure(rename("/tmp/rights/open/d", "/tmp/rights/open/e")));
  printf(" gone %d", failure(rmdir("/tmp/rights/open/e")));
  printf(" sticky %d", failure(unlink("/tmp/rights/sticky/theirs")));
  printf(" %d", failure(unlink("/tmp/rights/sticky/own")));
  printf(" %d", failure(rename("/tmp/rights/sticky/theirs", "/tmp/rights/sticky/x")));
  printf(" closed %d", opens("/tmp/rights/closed/in", O_RDONLY));
  printf(" %d", failure(chdir("/tmp/rights/closed")));
  printf(" list %d", opens("/tmp/rights/closed", O_RDONLY | O_DIRECTORY));
  printf(" search %d", opens("/tmp/rights/through/in", O_RDONLY));
  printf(" %d", opens("/tmp/rights/through", O_RDONLY | O_DIRECTORY));
  printf(" up %d", failure(access("/tmp/rights/closed/../own", F_OK)));
}

static void attributes(void) {
  struct stat status;
  struct timespec then[2] = {{5, 0}, {6, 0}};
  printf(" mode %d", failure(chmod("/tmp/rights/theirs", 0600)));
  printf(" %d", failure(chmod("/tmp/rights/own", 02644)));
  stat("/tmp/rights/own", &status);
  printf(" %o", status.st_mode & 07777);
  printf(" owner %d", failure(chown("/tmp/rights/own", 1001, -1)));
  printf(" %d", failure(chown("/tmp/rights/own", -1, 77)));
  printf(" %d", failure(chown("/tmp/rights/own", -1, 50)));
  printf(" %d", failure(chown("/tmp/rights/theirs", -1, 50)));
  printf(" times %d", failure(utimensat(AT_FDCWD, "/tmp/rights/theirs", then, 0)));
  printf(" %d", failure(utimensat(AT_FDCWD, "/tmp/rights/own", then, 0)));
  printf(" %d", failure(utimensat(AT_FDCWD, "/tmp/rights/theirs", 0, 0)));
  printf(" %d", failure(utimensat(AT_FDCWD, "/tmp/rights/writeonly", 0, 0)));
  printf(" cut %d", failure(truncate("/tmp/rights/theirs", 0)));
  printf(" %d", failure(truncate("/tmp/rights/own", 0)));
}

static int other;

static void signals(void) {
  printf(" %d", failure(kill(other, 0)));
  printf(" %d", failure(kill(other, SIGKILL)));
  printf(" %d", failure(kill(getpid(), 0)));
  printf(" %d", failure(kill(99999, 0)));
  printf(", queued %d", failure(sigqueue(other, SIGTERM, (union sigval){0})));
}

static const char *self;

static void programs(void) {
  fflush(stdout);
  static const char *paths[] = {"plain", "asroot", "asgroup", "unreadable", "noexec"};
  for (int i = 0; i < 5; i++) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/rights/%s", paths[i]);
    if (fork() == 0) {
      execl(path, path, "who", (char *)0);
      printf(" %s %d", paths[i], errno);
      fflush(stdout);
      _exit(0);
    }
    wait(0);
  }
}

static void who(void) {
  printf(" %d/%d %d/%d %lu/%lu secure %lu", getuid(), geteuid(), getgid(), getegid(),
         getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_SECURE));
  fflush(stdout);
}

static void copy(const char *path, int mode, int user, int group) {
  char buffer[4096];
  int in = open(self, O_RDONLY), out = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  for (int count; (count = (int)read(in, buffer, sizeof buffer)) > 0;) write(out, buffer, count);
  close(in), close(out);
  chown(path, user, group);
  chmod(path, mode);
}

int main(int count, char **words) {
  if (count > 1 && !strcmp(words[1], "who")) return who(), 0;
  self = words[0];
  umask(0);
  mkdir("/tmp/rights", 0755);
  make("/tmp/rights/own", 0644, 1000, 100);
  make("/tmp/rights/ours", 0660, 0, 100);
  make("/tmp/rights/theirs", 0644, 0, 0);
  make("/tmp/rights/further", 0640, 0, 50);
  make("/tmp/rights/secret", 0600, 0, 0);
  make("/tmp/rights/writeonly", 0622, 0, 0);
  make("/tmp/rights/nobody", 0077, 1000, 100);
  mkdir("/tmp/rights/open", 0777);
  mkdir("/tmp/rights/sticky", 01777);
  make("/tmp/rights/sticky/theirs", 0666, 0, 0);
  make("/tmp/rights/sticky/own", 0644, 1000, 100);
  mkdir("/tmp/rights/closed", 0700);
  make("/tmp/rights/closed/in", 0666, 0, 0);
  mkdir("/tmp/rights/through", 0711);
  make("/tmp/rights/through/in", 0666, 0, 0);
  as_user("opened", open_them);
  as_user("asked", ask_access);
  as_user("names", names);
  as_user("attributes", attributes);
  other = getpid();
  as_user("signals", signals);
  copy("/tmp/rights/plain", 0755, 0, 0);
  copy("/tmp/rights/asroot", 04755, 0, 0);
  copy("/tmp/rights/asgroup", 02755, 0, 77);
  copy("/tmp/rights/unreadable", 0711, 0, 0);
  copy("/tmp/rights/noexec", 0744, 0, 0);
  as_user("programs", programs);
  printf("root: %d %d %d\n", opens("/tmp/rights/nobody", O_RDWR),
         failure(access("/tmp/rights/own", X_OK)), failure(access("/tmp/rights/noexec", X_OK)));
  return 0;
}
