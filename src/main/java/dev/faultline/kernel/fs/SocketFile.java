package dev.faultline.kernel.fs;

/** The name in a directory that a socket was bound to; it outlives the socket. */
public final class SocketFile extends SpecialFile {
  private final Socket socket;

  SocketFile(long number, String path, int mode, Attributes attributes, Socket socket) {
    super(number, path, Status.SOCKET, mode, attributes);
    this.socket = socket;
  }

  Socket socket() {
    return socket;
  }
}
