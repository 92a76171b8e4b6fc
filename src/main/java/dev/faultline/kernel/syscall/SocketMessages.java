package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Socket;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Addresses of sockets and {@code struct msghdr} in user memory. */
final class SocketMessages {
  static final int AF_UNIX = 1;

  /** {@code struct sockaddr_un}. */
  private static final int MOST_ADDRESS = 110;

  private static final int MOST_VECTORS = 1024;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int CONTROL_HEADER = 16;

  /** {@code SCM_MAX_FD}. */
  private static final int MOST_FILES = 253;

  private static final int MSG_CTRUNC = 8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

  /**
   * Where a message is.
   *
   * @param at of the {@code msghdr} itself
   */
  record Header(long at, long name, int nameLength, List<Piece> pieces, long control, int room) {
    int length() {
      return pieces.stream().mapToInt(Piece::length).sum();
    }
  }

  record Piece(long base, int length) {}

  private final UserAccess user;
  private final Refusal refusal;

  SocketMessages(CallContext context) {
    this.user = context.user();
    this.refusal = context.refusal();
  }

  private RuntimeException bad(long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "address of a socket", value);
  }

  /** The name in a {@code sockaddr_un}; empty where it has the family alone. */
  String name(AddressSpace space, long address, int length) {
    if (length < Short.BYTES || length > MOST_ADDRESS) {
      throw bad(length);
    }
    byte[] bytes = user.read(space, address, length);
    int family = bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
    if (family != AF_UNIX) {
      throw bad(family);
    }
    String name = new String(bytes, 2, length - 2, StandardCharsets.ISO_8859_1);
    int end = name.indexOf('\0');
    return end > 0 ? name.substring(0, end) : name;
  }

  /** Writes as much of an address as there is room for, and its whole length. */
  void writeName(AddressSpace space, String name, long address, long lengthAt) {
    byte[] bytes = address(name);
    int room = user.readInt(space, lengthAt);
    if (room < 0) {
      throw bad(room);
    }
    user.write(space, address, Arrays.copyOf(bytes, Math.min(room, bytes.length)));
    user.writeInt(space, lengthAt, bytes.length);
  }

  private static byte[] address(String name) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(AF_UNIX);
    bytes.write(0);
    bytes.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
    if (!name.isEmpty() && name.charAt(0) != 0) {
      bytes.write(0);
    }
    return bytes.toByteArray();
  }

  /** Reads a {@code struct msghdr}. */
  Header header(AddressSpace space, long at) {
    long count = user.readLong(space, at + 24);
    if (count < 0 || count > MOST_VECTORS) {
      throw refusal.of(Errno.EMSGSIZE, StepKind.TOO_MANY_VECTORS, MOST_VECTORS);
    }
    long vectors = user.readLong(space, at + 16);
    List<Piece> pieces = new ArrayList<>();
    int left = FileTransfer.MOST_BYTES;
    for (int i = 0; i < count; i++) {
      long base = user.readLong(space, vectors + 16L * i);
      int length = FileTransfer.length(user.readLong(space, vectors + 16L * i + 8));
      length = Math.min(length, left);
      left -= length;
      pieces.add(new Piece(base, length));
    }
    int room = Math.clamp(user.readLong(space, at + 40), 0, FileTransfer.MOST_BYTES);
    long name = user.readLong(space, at);
    int nameLength = user.readInt(space, at + 8);
    return new Header(at, name, nameLength, pieces, user.readLong(space, at + 32), room);
  }

  byte[] gather(AddressSpace space, Header header) {
    var all = new ByteArrayOutputStream();
    header.pieces.forEach(piece -> all.writeBytes(user.read(space, piece.base, piece.length)));
    return all.toByteArray();
  }

  void prepare(AddressSpace space, Header header, int length) {
    int left = length;
    for (Piece piece : header.pieces) {
      int part = Math.min(left, piece.length);
      user.prepareWrite(space, piece.base, part);
      left -= part;
    }
  }

  void scatter(AddressSpace space, Header header, byte[] bytes) {
    int done = 0;
    for (Piece piece : header.pieces) {
      int part = Math.min(bytes.length - done, piece.length);
      user.write(space, piece.base, Arrays.copyOfRange(bytes, done, done + part));
      done += part;
    }
  }

  /** The open files that a message carries ({@code SCM_RIGHTS}). */
  List<Description> files(Process process, Header header) {
    List<Description> found = new ArrayList<>();
    if (header.control == 0 || header.room < CONTROL_HEADER) {
      return found;
    }
    ByteBuffer control =
        ByteBuffer.wrap(user.read(process.space(), header.control, header.room))
            .order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at + CONTROL_HEADER <= header.room) {
      long length = control.getLong(at);
      if (length < CONTROL_HEADER || length > header.room - at) {
        throw bad(length);
      }
      boolean isRights = control.getInt(at + 12) == SCM_RIGHTS;
      if (control.getInt(at + 8) == SOL_SOCKET && isRights) {
        for (int fd = at + CONTROL_HEADER; fd + Integer.BYTES <= at + length; fd += Integer.BYTES) {
          found.add(process.descriptors().get(control.getInt(fd)));
        }
      }
      at += (int) (length + 7 & ~7L);
    }
    if (found.size() > MOST_FILES) {
      throw bad(found.size());
    }
    return found;
  }

  /** Fills in what a receiver is told besides the bytes; files get descriptors. */
  void deliver(Process process, Header header, Socket socket, Socket.Received got, int flags) {
    AddressSpace space = process.space();
    int told = got.length() > got.bytes().length ? MSG_TRUNC : 0;
    var control = new ByteArrayOutputStream();
    if (socket.tellsSenders()) {
      Socket.Peer sender = got.sender();
      add(control, SCM_CREDENTIALS, new int[] {sender.pid(), sender.user(), sender.group()});
    }
    if (!got.files().isEmpty()) {
      int place = Math.max(header.room - control.size() - CONTROL_HEADER, 0) / Integer.BYTES;
      int count = Math.min(place, got.files().size());
      told |= count < got.files().size() ? MSG_CTRUNC : 0;
      int[] numbers = new int[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = process.descriptors().reserve();
        boolean closes = (flags & MSG_CMSG_CLOEXEC) != 0;
        process.descriptors().install(numbers[i], got.files().get(i), closes);
      }
      if (count > 0) {
        add(control, SCM_RIGHTS, numbers);
      }
    }
    byte[] bytes = control.toByteArray();
    if (bytes.length > header.room) {
      told |= MSG_CTRUNC;
      bytes = new byte[0];
    }
    user.write(space, header.control, bytes);
    user.writeLong(space, header.at + 40, bytes.length);
    user.writeInt(space, header.at + 48, told | flags & MSG_CMSG_CLOEXEC);
    if (header.name != 0) {
      writeName(space, got.from(), header.name, header.at + 8);
    } else {
      user.writeInt(space, header.at + 8, 0);
    }
  }

  private static void add(ByteArrayOutputStream control, int type, int[] words) {
    int length = CONTROL_HEADER + words.length * Integer.BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(length + 7 & ~7).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).putInt(SOL_SOCKET).putInt(type);
    for (int word : words) {
      bytes.putInt(word);
    }
    control.writeBytes(bytes.array());
  }
}
