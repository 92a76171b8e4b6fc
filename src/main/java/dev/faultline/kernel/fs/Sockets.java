package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes sockets, and knows those that have a name, in a directory or apart from all of them. */
public final class Sockets {
  private static final int NAMES = 1 << 20;

  private final FileSystem files;
  private final Refusal refusal;
  private final NavigableMap<String, Socket> abstractNames = new TreeMap<>();
  private int nextName;

  public Sockets(FileSystem files, ChangeLog log) {
    this.files = files;
    this.refusal = new Refusal(log);
  }

  public Socket make(Socket.Type type, int flags) {
    return new Socket(files.inodes().nextOwn(), type, flags, files);
  }

  /** {@code socketpair(2)}. */
  public List<Socket> pair(Socket.Type type, int flags, Socket.Peer maker) {
    Socket first = make(type, flags);
    Socket second = make(type, flags);
    first.join(second, maker, maker);
    return List.of(first, second);
  }

  private RuntimeException isTaken(String name) {
    return refusal.of(Errno.EADDRINUSE, StepKind.SOCKET_NAME_TAKEN, visible(name));
  }

  /** Each kind of socket has names of its own. */
  private static String key(Socket.Type type, String name) {
    return type + name;
  }

  private static String visible(String name) {
    return name.replace('\0', '@');
  }

  /** {@code bind(2)}; an empty name is replaced by one that nobody has. */
  public void bind(Socket socket, Directory start, String name, int mode, Attributes.Owner maker) {
    if (name.isEmpty() || name.charAt(0) == 0) {
      String taken = name.isEmpty() ? free(socket.type()) : name;
      if (abstractNames.putIfAbsent(key(socket.type(), taken), socket) != null) {
        throw isTaken(taken);
      }
      socket.bind(taken, () -> abstractNames.remove(key(socket.type(), taken)));
      return;
    }
    if (files.names().isTaken(start, name)) {
      throw isTaken(name);
    }
    files.names().makeSocket(start, name, mode, maker, socket);
    socket.bind(name, () -> {});
  }

  /** {@code unix_autobind}. */
  private String free(Socket.Type type) {
    String name;
    do {
      nextName = (nextName + 1) % NAMES;
      name = String.format(Locale.ROOT, "\0%05x", nextName);
    } while (abstractNames.containsKey(key(type, name)));
    return name;
  }

  /** The socket that has a name ({@code unix_find_other}). */
  public Socket named(Directory start, String name, Socket.Type type) {
    Socket found =
        name.charAt(0) == 0 ? abstractNames.get(key(type, name)) : inDirectory(start, name);
    if (found == null || found.isClosed()) {
      throw refusal.of(Errno.ECONNREFUSED, StepKind.NO_SUCH_SOCKET, visible(name));
    }
    if (found.type() != type) {
      throw refusal.of(Errno.EPROTOTYPE, StepKind.NO_SUCH_SOCKET, visible(name));
    }
    return found;
  }

  private @Nullable Socket inDirectory(Directory start, String name) {
    return files.existing(start, name, true) instanceof SocketFile file ? file.socket() : null;
  }

  /**
   * {@code connect(2)} to a socket that listens and has a place.
   *
   * @param maker who connects
   */
  public void connect(Socket from, Socket to, Socket.Peer maker) {
    to.connect(from, make(to.type(), 0), maker);
  }
}
