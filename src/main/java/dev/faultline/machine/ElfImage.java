package dev.faultline.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An executable for a bare RV64 machine (System V ABI, "Object Files"): what to load where, where
 * to begin, and the symbols. Whatever is wrong with a file is said in one sentence.
 *
 * @param entry where execution begins
 * @param segments what to load, in ascending order, without overlap
 * @param symbols the value of each symbol that is defined and has a name of reasonable length
 */
record ElfImage(long entry, List<Segment> segments, Map<String, Long> symbols) {
  /** Bytes for a physical address; {@code size} may be more, and the rest is zero. */
  record Segment(long address, byte[] bytes, long size) {
    boolean holds(long at) {
      return at - address >= 0 && at - address < size;
    }
  }

  /** Why a file cannot be loaded. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  private static final int HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;
  private static final int SECTION_HEADER_SIZE = 64;
  private static final int SYMBOL_SIZE = 24;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int TYPE_EXECUTABLE = 2;
  private static final int MACHINE_RISCV = 243;
  private static final int SEGMENT_LOAD = 1;
  private static final int SECTION_SYMBOLS = 2;

  /** Of a file, and of a symbol's name that anybody will ask for. */
  private static final int MOST_BYTES = 256 << 20;

  private static final int LONGEST_NAME = 255;

  /** Reads a file for a machine whose memory is {@code size} bytes from {@code base} on. */
  static ElfImage read(Path file, long base, long size) throws MalformedException {
    try {
      if (Files.isDirectory(file)) {
        throw malformed("is a directory");
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw malformed("is no regular file");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw malformed("too large: %d bytes, of at most %d", Files.size(file), MOST_BYTES);
      }
      // What a file says of its size need not be so.
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MOST_BYTES + 1);
      }
      if (bytes.length > MOST_BYTES) {
        throw malformed("too large: more than %d bytes", MOST_BYTES);
      }
      return read(bytes, base, size);
    } catch (NoSuchFileException problem) {
      throw malformed("no such file");
    } catch (AccessDeniedException problem) {
      throw malformed("cannot be read: permission denied");
    } catch (IOException problem) {
      throw malformed("cannot be read: %s", problem);
    }
  }

  /** Reads a file for a machine whose memory is {@code size} bytes from {@code base} on. */
  static ElfImage read(byte[] bytes, long base, long size) throws MalformedException {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    checkHeader(file);
    List<Segment> segments = segments(file, base, size);
    long entry = file.getLong(24);
    if (segments.stream().noneMatch(segment -> segment.holds(entry))) {
      throw malformed("the entry 0x%x lies in none of its segments", entry);
    }
    if ((entry & 1) != 0) {
      throw malformed("the entry 0x%x is odd", entry);
    }
    return new ElfImage(entry, segments, symbols(file));
  }

  @Nullable Long symbol(String name) {
    return symbols.get(name);
  }

  private static MalformedException malformed(String format, Object... arguments) {
    return new MalformedException(format.formatted(arguments));
  }

  private static void checkHeader(ByteBuffer file) throws MalformedException {
    boolean hasMagic =
        file.limit() >= 4
            && file.get(0) == 0x7f
            && file.get(1) == 'E'
            && file.get(2) == 'L'
            && file.get(3) == 'F';
    if (!hasMagic) {
      throw malformed(file.limit() == 0 ? "not an ELF file: it is empty" : "not an ELF file");
    }
    if (file.limit() < HEADER_SIZE) {
      throw malformed("truncated: the ELF header has %d bytes of 64", file.limit());
    }
    if (file.get(4) != CLASS_64) {
      throw malformed("not a 64-bit ELF file (class %d)", file.get(4));
    }
    if (file.get(5) != LITTLE_ENDIAN) {
      throw malformed("not little-endian (data encoding %d)", file.get(5));
    }
    int machine = file.getShort(18) & 0xffff;
    if (machine != MACHINE_RISCV) {
      throw malformed("for another machine: %d, not RISC-V (243)", machine);
    }
    int type = file.getShort(16) & 0xffff;
    if (type != TYPE_EXECUTABLE) {
      throw malformed("not an executable at fixed addresses (type %d)", type);
    }
  }

  private static void checkTable(ByteBuffer file, String what, long offset, long size)
      throws MalformedException {
    if (offset < 0 || size < 0 || offset > file.limit() - size) {
      throw malformed(
          "truncated: %s at offset %s, %s bytes, of %d",
          what, Long.toUnsignedString(offset), Long.toUnsignedString(size), file.limit());
    }
  }

  private static List<Segment> segments(ByteBuffer file, long base, long size)
      throws MalformedException {
    long offset = file.getLong(32);
    int entrySize = file.getShort(54) & 0xffff;
    int count = file.getShort(56) & 0xffff;
    if (count == 0) {
      throw malformed("no program headers: nothing to load");
    }
    if (entrySize != PROGRAM_HEADER_SIZE) {
      throw malformed("program headers of %d bytes, not 56", entrySize);
    }
    checkTable(file, "program headers", offset, (long) count * entrySize);
    var headers = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      int at = (int) offset + i * entrySize;
      if (file.getInt(at) == SEGMENT_LOAD && file.getLong(at + 40) != 0) {
        checkSegment(file, at, base, size);
        headers.add(at);
      }
    }
    if (headers.isEmpty()) {
      throw malformed("no segment to load");
    }
    headers.sort(Comparator.comparingLong(at -> file.getLong(at + 24)));
    for (int i = 1; i < headers.size(); i++) {
      int before = headers.get(i - 1);
      long address = file.getLong(headers.get(i) + 24);
      if (address - file.getLong(before + 24) < file.getLong(before + 40)) {
        throw malformed("segments overlap at 0x%x", address);
      }
    }
    // Copied only now: they fit into memory together.
    return headers.stream().map(at -> segment(file, at)).toList();
  }

  private static void checkSegment(ByteBuffer file, int at, long base, long size)
      throws MalformedException {
    long address = file.getLong(at + 24);
    long fileSize = file.getLong(at + 32);
    long memorySize = file.getLong(at + 40);
    checkTable(file, "a segment", file.getLong(at + 8), fileSize);
    if (memorySize >= 0 && memorySize < fileSize) {
      throw malformed("a segment has %d bytes in the file but %d in memory", fileSize, memorySize);
    }
    boolean fits =
        address - base >= 0
            && memorySize >= 0
            && memorySize <= size
            && address - base <= size - memorySize;
    if (!fits) {
      throw malformed(
          "a segment at 0x%x, 0x%x bytes, lies outside of memory (0x%x to 0x%x)",
          address, memorySize, base, base + size);
    }
  }

  private static Segment segment(ByteBuffer file, int at) {
    byte[] bytes = new byte[(int) file.getLong(at + 32)];
    file.get((int) file.getLong(at + 8), bytes);
    return new Segment(file.getLong(at + 24), bytes, file.getLong(at + 40));
  }

  private static Map<String, Long> symbols(ByteBuffer file) throws MalformedException {
    long offset = file.getLong(40);
    int entrySize = file.getShort(58) & 0xffff;
    int count = file.getShort(60) & 0xffff;
    var symbols = new HashMap<String, Long>();
    if (count == 0) {
      return symbols;
    }
    if (entrySize != SECTION_HEADER_SIZE) {
      throw malformed("section headers of %d bytes, not 64", entrySize);
    }
    checkTable(file, "section headers", offset, (long) count * entrySize);
    for (int i = 0; i < count; i++) {
      int at = (int) offset + i * SECTION_HEADER_SIZE;
      if (file.getInt(at + 4) == SECTION_SYMBOLS) {
        int strings = file.getInt(at + 40);
        if (strings < 0 || strings >= count) {
          throw malformed("the symbol table's strings are section %d of %d", strings, count);
        }
        readSymbols(file, at, (int) offset + strings * SECTION_HEADER_SIZE, symbols);
      }
    }
    return symbols;
  }

  private static void readSymbols(
      ByteBuffer file, int table, int strings, Map<String, Long> symbols)
      throws MalformedException {
    long offset = file.getLong(table + 24);
    long size = file.getLong(table + 32);
    checkTable(file, "the symbol table", offset, size);
    long names = file.getLong(strings + 24);
    long namesSize = file.getLong(strings + 32);
    checkTable(file, "the symbols' names", names, namesSize);
    for (long at = offset; at + SYMBOL_SIZE <= offset + size; at += SYMBOL_SIZE) {
      long name = file.getInt((int) at) & 0xffff_ffffL;
      boolean isDefined = file.getShort((int) at + 6) != 0;
      if (name >= namesSize) {
        throw malformed("a symbol's name lies outside of the names");
      }
      if (isDefined && name != 0) {
        String text = text(file, (int) (names + name), (int) (names + namesSize));
        if (text.length() <= LONGEST_NAME) {
          symbols.putIfAbsent(text, file.getLong((int) at + 8));
        }
      }
    }
  }

  private static String text(ByteBuffer file, int from, int limit) {
    int end = from;
    while (end < limit && end - from <= LONGEST_NAME && file.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - from];
    file.get(from, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
