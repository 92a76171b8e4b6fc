/* Sockets that processes find by name, what goes through them and along with it, and what they refuse. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *name(void) {
  static char number[16];
  switch (errno) {
    case EAGAIN: return "EAGAIN";
    case EPIPE: return "EPIPE";
    case ENOENT: return "ENOENT";
    case EINVAL: return "EINVAL";
    case ENXIO: return "ENXIO";
    case ENOTSOCK: return "ENOTSOCK";
    case EMSGSIZE: return "EMSGSIZE";
    case EPROTOTYPE: return "EPROTOTYPE";
    case EPROTONOSUPPORT: return "EPROTONOSUPPORT";
    case ESOCKTNOSUPPORT: return "ESOCKTNOSUPPORT";
    case EOPNOTSUPP: return "EOPNOTSUPP";
    case EADDRINUSE: return "EADDRINUSE";
    case EISCONN: return "EISCONN";
    case ENOTCONN: return "ENOTCONN";
    case ECONNRESET: return "ECONNRESET";
    case ECONNREFUSED: return "ECONNREFUSED";
    default: sprintf(number, "errno %d", errno); return number;
  }
}

static void said(const char *what, long result) {
  if (result == -1) printf("%s: %s\n", what, name());
  else printf("%s: %ld\n", what, result);
}

static struct sockaddr_un address;
static socklen_t length;

static struct sockaddr *at(const char *path, int size) {
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path, size);
  length = offsetof(struct sockaddr_un, sun_path) + size;
  return (struct sockaddr *)&address;
}
#define NAMED(path) at(path, sizeof path), length

static void show(const char *what, int (*ask)(int, struct sockaddr *, socklen_t *), int fd) {
  struct sockaddr_un a = {0};
  socklen_t size = sizeof a;
  if (ask(fd, (struct sockaddr *)&a, &size)) {
    said(what, -1);
    return;
  }
  int chars = (int)size - (int)offsetof(struct sockaddr_un, sun_path);
  printf("%s: %d bytes", what, (int)size);
  for (int i = 0; i < chars; i++) putchar(a.sun_path[i] ? a.sun_path[i] : '@');
  printf("\n");
}

static int events(int fd) {
  struct pollfd asked = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  poll(&asked, 1, 0);
  return asked.revents;
}

static void streams(void) {
  char bytes[64] = {0};
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  said("not bound", listen(server, 1));
  said("bind", bind(server, NAMED("/tmp/s")));
  said("twice", bind(server, NAMED("/tmp/t")));
  struct stat status;
  stat("/tmp/s", &status);
  printf("a socket %d\n", S_ISSOCK(status.st_mode));
  said("open", open("/tmp/s", O_RDWR));
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  printf("unconnected %x\n", events(client));
  said("nobody listens", connect(client, NAMED("/tmp/s")));
  said("no file", connect(client, NAMED("/tmp/no")));
  said("read", read(client, bytes, 1));
  said("send", send(client, "x", 1, MSG_NOSIGNAL));
  said("accept", accept(client, 0, 0));
  said("listen", listen(server, 1));
  printf("listening %x\n", events(server));
  int other = socket(AF_UNIX, SOCK_STREAM, 0);
  said("in use", bind(other, NAMED("/tmp/s")));
  pid_t child = fork();
  if (!child) {
    said("connect", connect(client, NAMED("/tmp/s")));
    show("client", getsockname, client);
    show("of the server", getpeername, client);
    struct ucred who;
    socklen_t size = sizeof who;
    getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size);
    printf("listens: parent %d uid %d\n", who.pid == getppid(), who.uid);
    write(client, "hello", 5);
    read(client, bytes, sizeof bytes);
    printf("answer %s\n", bytes);
    said("again", connect(client, NAMED("/tmp/s")));
    _exit(0);
  }
  close(client);
  usleep(300000);
  socklen_t size = sizeof address;
  int accepted = accept4(server, (struct sockaddr *)&address, &size, SOCK_CLOEXEC);
  printf("from %d bytes, cloexec %d\n", (int)size, fcntl(accepted, F_GETFD));
  struct ucred who;
  size = sizeof who;
  getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, &who, &size);
  printf("connected: child %d\n", who.pid == child);
  recv(accepted, bytes, 2, 0);
  recv(accepted, bytes + 2, 60, 0);
  printf("heard %s\n", bytes);
  show("accepted", getsockname, accepted);
  show("its other", getpeername, accepted);
  write(accepted, "fine", 4);
  waitpid(child, 0, 0);
  printf("gone %x", events(accepted));
  printf(", read %ld\n", (long)read(accepted, bytes, 1));
  said("to nobody", send(accepted, "x", 1, MSG_NOSIGNAL));
  fcntl(server, F_SETFL, O_NONBLOCK);
  said("none waits", accept(server, 0, 0));
  int many[3];
  for (int i = 0; i < 3; i++) {
    many[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    said("in line", connect(many[i], NAMED("/tmp/s")));
  }
  close(server);
  printf("not accepted %x\n", events(many[0]));
  said("reset", read(many[0], bytes, 1));
  said("once", read(many[0], bytes, 1));
  said("server closed", connect(other, NAMED("/tmp/s")));
  unlink("/tmp/s");
  said("unlinked", connect(other, NAMED("/tmp/s")));
  for (int i = 0; i < 3; i++) close(many[i]);
  close(accepted);
  close(other);
}

static void datagrams(void) {
  char bytes[64] = {0};
  int one = socket(AF_UNIX, SOCK_DGRAM, 0), two = socket(AF_UNIX, SOCK_DGRAM, 0);
  bind(one, NAMED("\0first"));
  said("abstract in use", bind(two, NAMED("\0first")));
  bind(two, at("", 0), sizeof(sa_family_t));
  struct sockaddr_un a = {0};
  socklen_t size = sizeof a;
  getsockname(two, (struct sockaddr *)&a, &size);
  printf("given a name of %d bytes\n", (int)size);
  said("sendto", sendto(two, "message", 7, 0, NAMED("\0first")));
  said("empty", sendto(two, "", 0, 0, NAMED("\0first")));
  struct sockaddr_un from = {0};
  size = sizeof from;
  said("peek", recvfrom(one, bytes, 3, MSG_PEEK | MSG_TRUNC, (struct sockaddr *)&from, &size));
  printf("from the same %d, %.3s\n", size == sizeof(sa_family_t) + 6 && !memcmp(from.sun_path, a.sun_path, 6), bytes);
  said("cut", recv(one, bytes, 3, 0));
  said("nothing in it", recv(one, bytes, 3, 0));
  said("none", recv(one, bytes, 3, MSG_DONTWAIT));
  said("not connected", send(two, "x", 1, 0));
  said("connect", connect(two, NAMED("\0first")));
  said("send", send(two, "again", 5, 0));
  int buffer = 0;
  size = sizeof buffer;
  getsockopt(two, SOL_SOCKET, SO_SNDBUF, &buffer, &size);
  static char large[1 << 20];
  said("too long", send(two, large, buffer - 31, 0));
  printf("sndbuf %d\n", buffer);
  int count = 1;
  while (send(two, "x", 1, MSG_DONTWAIT) == 1) count++;
  printf("full after %d: %s, writable %d\n", count, name(), (events(two) & POLLOUT) != 0);
  int stream = socket(AF_UNIX, SOCK_STREAM, 0);
  said("another kind", connect(stream, NAMED("\0first")));
  said("address to a stream", sendto(stream, "x", 1, 0, NAMED("\0first")));
  said("listen", listen(one, 1));
  close(one);
  said("closed", send(two, "x", 1, 0));
  said("free again", bind(stream, NAMED("\0first")));
  close(two);
  close(stream);
}

static void packets(void) {
  char bytes[64] = {0};
  int pair[2];
  said("pair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
  send(pair[0], "one", 3, 0);
  send(pair[0], "second", 6, 0);
  said("first", recv(pair[1], bytes, sizeof bytes, 0));
  said("second", recv(pair[1], bytes, 2, MSG_TRUNC));
  shutdown(pair[0], SHUT_WR);
  said("end", recv(pair[1], bytes, 2, 0));
  said("shut", send(pair[0], "x", 1, MSG_NOSIGNAL));
  close(pair[0]);
  close(pair[1]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  write(pair[1], "left", 4);
  write(pair[0], "unread", 6);
  close(pair[1]);
  printf("with bytes unread %x\n", events(pair[0]));
  said("left", read(pair[0], bytes, 8));
  said("then", read(pair[0], bytes, 8));
  close(pair[0]);
}

static long pass(int to, int fd, const char *text) {
  char control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec piece = {(void *)text, strlen(text)};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(to, &message, 0);
}

static int take(int from, int flags) {
  char control[128], bytes[32] = {0};
  struct iovec pieces[2] = {{bytes, 3}, {bytes + 3, 20}};
  struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control};
  long got = recvmsg(from, &message, flags);
  int fd = -1;
  printf("got %ld %s flags %x", got, bytes, message.msg_flags);
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
    printf(" with %d of %d", h->cmsg_type, (int)h->cmsg_len);
    if (h->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(h), sizeof fd);
    else printf(" from me %d", *(int *)CMSG_DATA(h) == getpid());
  }
  printf("\n");
  return fd;
}

static void files(void) {
  int pair[2], ends[2];
  char bytes[16] = {0};
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  pipe(ends);
  write(pair[0], "before", 6);
  said("passed", pass(pair[0], ends[1], "with"));
  write(pair[0], "after", 5);
  close(ends[1]);
  int got = take(pair[1], MSG_CMSG_CLOEXEC);
  take(pair[1], MSG_DONTWAIT);
  write(got, "through", 7);
  printf("cloexec %d", fcntl(got, F_GETFD));
  close(got);
  printf(", read %ld %s", (long)read(ends[0], bytes, 15), bytes);
  printf(", end %ld\n", (long)read(ends[0], bytes, 15));
  int one = 1;
  setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
  write(pair[0], "who", 3);
  take(pair[1], 0);
  pass(pair[0], ends[0], "lost");
  close(ends[0]);
  read(pair[1], bytes, 15);
  said("bad descriptor", pass(pair[0], 99, "x"));
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  streams();
  datagrams();
  packets();
  files();
  char bytes[4];
  said("family", socket(77, SOCK_STREAM, 0));
  said("kind", socket(AF_UNIX, 9, 0));
  said("protocol", socket(AF_UNIX, SOCK_STREAM, 7));
  said("no socket", recv(0, bytes, 1, 0));
}
