package dev.faultline.kernel.process;

import dev.faultline.log.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel reads of an ELF file ({@code fs/binfmt_elf.c}): its header and its program
 * headers. Sections are nothing to it.
 *
 * @param headers where the program headers are in the file
 * @param interpreter the program that is to load this one, null for none
 */
record ElfFile(
    int type,
    long entry,
    long headers,
    int headerCount,
    List<Segment> segments,
    @Nullable String interpreter,
    boolean executableStack) {
  static final int EXECUTABLE = 2;
  static final int SHARED_OBJECT = 3;
  static final int HEADER_SIZE = 64;
  static final int PROGRAM_HEADER_SIZE = 56;

  private static final int MACHINE_RISCV = 243;
  private static final int MOST_HEADERS = 65_536 / PROGRAM_HEADER_SIZE;
  private static final int LOAD = 1;
  private static final int INTERPRETER = 3;
  private static final int PROGRAM_HEADERS = 6;
  private static final int GNU_STACK = 0x6474_e551;
  private static final int LONGEST_INTERPRETER = 4096;

  /** What is to be mapped; {@code flags} are X 1, W 2, R 4. */
  record Segment(int flags, long offset, long address, long fileSize, long memorySize, long align) {
    boolean isExecutable() {
      return (flags & 1) != 0;
    }

    boolean isWritable() {
      return (flags & 2) != 0;
    }

    boolean isReadable() {
      return (flags & 4) != 0;
    }

    long end() {
      return address + memorySize;
    }
  }

  /** Bytes of the file, fewer than asked for at its end. */
  @FunctionalInterface
  interface Reader {
    byte[] read(long offset, int length);
  }

  /** Why a file is no program. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final Errno errno;
    private final String reason;

    MalformedException(Errno errno, String reason) {
      super(reason);
      this.errno = errno;
      this.reason = reason;
    }

    String reason() {
      return reason;
    }

    Errno errno() {
      return errno;
    }
  }

  static boolean hasMagic(byte[] start) {
    return start.length >= 4
        && start[0] == 0x7f
        && start[1] == 'E'
        && start[2] == 'L'
        && start[3] == 'F';
  }

  static ElfFile read(Reader file) throws MalformedException {
    byte[] start = file.read(0, HEADER_SIZE);
    if (!hasMagic(start) || start.length < HEADER_SIZE) {
      throw malformed("it does not begin as ELF files do");
    }
    ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    int type = header.getShort(16);
    if (type != EXECUTABLE && type != SHARED_OBJECT) {
      throw malformed("neither an executable nor a shared object");
    }
    if (start[4] != 2 || start[5] != 1 || header.getShort(18) != MACHINE_RISCV) {
      throw malformed("not for this machine");
    }
    int count = header.getShort(56) & 0xffff;
    if (header.getShort(54) != PROGRAM_HEADER_SIZE || count < 1 || count > MOST_HEADERS) {
      throw malformed("its program headers have another size, or there are none or too many");
    }
    long headers = header.getLong(32);
    byte[] table = read(file, headers, count * PROGRAM_HEADER_SIZE);
    return of(
        file, header, type, headers, count, ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static ElfFile of(
      Reader file, ByteBuffer header, int type, long headers, int count, ByteBuffer table)
      throws MalformedException {
    List<Segment> segments = new ArrayList<>();
    String interpreter = null;
    boolean executableStack = false;
    long headersAddress = 0;
    for (int at = 0; at < count * PROGRAM_HEADER_SIZE; at += PROGRAM_HEADER_SIZE) {
      long offset = table.getLong(at + 8);
      long address = table.getLong(at + 16);
      long fileSize = table.getLong(at + 32);
      switch (table.getInt(at)) {
        case LOAD ->
            segments.add(
                new Segment(
                    table.getInt(at + 4),
                    offset,
                    address,
                    fileSize,
                    table.getLong(at + 40),
                    table.getLong(at + 48)));
        case INTERPRETER -> {
          if (interpreter == null) {
            interpreter = interpreter(file, offset, fileSize);
          }
        }
        case PROGRAM_HEADERS -> headersAddress = address;
        case GNU_STACK -> executableStack = (table.getInt(at + 4) & 1) != 0;
        default -> {}
      }
    }
    if (headersAddress == 0) {
      headersAddress = addressOf(segments, headers);
    }
    checkSegments(segments);
    return new ElfFile(
        type,
        header.getLong(24),
        headersAddress,
        count,
        List.copyOf(segments),
        interpreter,
        executableStack);
  }

  /** Where an offset of the file comes to lie. */
  private static long addressOf(List<Segment> segments, long offset) {
    for (Segment segment : segments) {
      if (offset >= segment.offset && offset < segment.offset + segment.fileSize) {
        return offset - segment.offset + segment.address;
      }
    }
    return 0;
  }

  private static void checkSegments(List<Segment> segments) throws MalformedException {
    if (segments.isEmpty()) {
      throw malformed("it has nothing to load");
    }
    for (Segment segment : segments) {
      boolean fits =
          segment.offset >= 0
              && segment.fileSize >= 0
              && Long.compareUnsigned(segment.fileSize, segment.memorySize) <= 0
              && segment.memorySize >= 0
              && segment.address >= 0
              && segment.address + segment.memorySize >= 0;
      if (!fits) {
        throw new MalformedException(Errno.EINVAL, "a segment lies outside of any address space");
      }
      if ((segment.offset - segment.address & 4095) != 0) {
        throw new MalformedException(Errno.EINVAL, "a segment begins elsewhere in its page");
      }
    }
  }

  private static String interpreter(Reader file, long offset, long size) throws MalformedException {
    if (size < 2 || size > LONGEST_INTERPRETER) {
      throw malformed("its interpreter's path has no usable length");
    }
    byte[] path = read(file, offset, (int) size);
    if (path[path.length - 1] != 0) {
      throw malformed("its interpreter's path has no end");
    }
    int end = 0;
    while (path[end] != 0) {
      end++;
    }
    return new String(path, 0, end, StandardCharsets.UTF_8);
  }

  private static byte[] read(Reader file, long offset, int length) throws MalformedException {
    byte[] bytes = offset < 0 ? new byte[0] : file.read(offset, length);
    if (bytes.length < length) {
      throw new MalformedException(Errno.EIO, "it ends before what its header points to");
    }
    return bytes;
  }

  private static MalformedException malformed(String message) {
    return new MalformedException(Errno.ENOEXEC, message);
  }
}
