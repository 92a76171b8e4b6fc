package dev.faultline.lab;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads tar archives ({@code tar(5)}): the format of POSIX with its extended headers, and GNU's
 * long names. Devices and pipes are left out; a path that leads upwards is refused. However much
 * comes out of the decompression, only so much is read.
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final int MOST_ENTRIES = 100_000;
  private static final int LONGEST_HEADER = 1 << 20;
  private static final int MOST_HEADERS = 64 << 20;

  /** {@code PATH_MAX} less its final zero byte and the slash that it begins with here. */
  private static final int LONGEST_PATH = 4094;

  private static final int LONGEST_NAME = 255;
  private static final int DEEPEST_PATH = 64;

  private final InputStream in;
  private final long most;
  private final List<TarEntry> entries = new ArrayList<>();
  private long bytes;
  private long headers;

  TarReader(InputStream in, long most) {
    this.in = in;
    this.most = most;
  }

  List<TarEntry> entries() throws IOException {
    Map<String, String> extended = new HashMap<>();
    while (true) {
      byte[] header = in.readNBytes(BLOCK);
      if (header.length < BLOCK) {
        throw new EOFException();
      }
      if (isZero(header)) {
        readToTheEnd();
        return List.copyOf(entries);
      }
      count(BLOCK);
      checkSum(header);
      char type = (char) header[156];
      long size = number(header, 124, 12);
      switch (type) {
        case 'L' -> extended.put("path", text(header(size)));
        case 'K' -> extended.put("linkpath", text(header(size)));
        case 'x' -> readExtended(header(size), extended);
        case 'g' -> header(size);
        default -> {
          add(type, header, extended, size);
          extended.clear();
        }
      }
    }
  }

  private void add(char type, byte[] header, Map<String, String> extended, long headerSize)
      throws IOException {
    long size = size(extended.get("size"), headerSize);
    String path = path(extended.getOrDefault("path", name(header)));
    String target = extended.getOrDefault("linkpath", text(Arrays.copyOfRange(header, 157, 257)));
    int mode = (int) number(header, 100, 8) & 07777;
    byte[] none = {};
    switch (type) {
      case '0', '\0', '7' -> {
        if (size > most - bytes) {
          throw new LimitException(
              "fileBytes", most, "a laboratory has at most " + most + " bytes of files");
        }
        bytes += size;
        add(new TarEntry(TarEntry.Kind.FILE, path, mode, contents(size, Integer.MAX_VALUE), ""));
      }
      case '1' -> add(new TarEntry(TarEntry.Kind.HARD_LINK, path, mode, none, path(target)));
      case '2' -> add(new TarEntry(TarEntry.Kind.SYMBOLIC_LINK, path, mode, none, checked(target)));
      case '5' -> add(new TarEntry(TarEntry.Kind.DIRECTORY, path, mode, none, ""));
      default -> header(size);
    }
  }

  private void add(TarEntry entry) {
    if (entries.size() == MOST_ENTRIES) {
      throw new ArchiveException("the archive has more than " + MOST_ENTRIES + " entries");
    }
    entries.add(entry);
  }

  private static long size(@Nullable String text, long otherwise) {
    try {
      long size = text == null ? otherwise : Long.parseLong(text);
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException exception) {
      // Falls through to the same refusal.
    }
    throw new ArchiveException("an entry has no usable size");
  }

  /** What is read besides the files, which most of an archive is not. */
  private void count(long size) {
    headers += size;
    if (headers > MOST_HEADERS) {
      throw new ArchiveException("the archive has more than " + MOST_HEADERS + " bytes of headers");
    }
  }

  /** Padding, behind which a compressed archive has its checksum. */
  private void readToTheEnd() throws IOException {
    for (int length = BLOCK; length == BLOCK; ) {
      length = in.readNBytes(BLOCK).length;
      count(length);
    }
  }

  private byte[] header(long size) throws IOException {
    byte[] header = contents(size, LONGEST_HEADER);
    count(size);
    return header;
  }

  private byte[] contents(long size, int longest) throws IOException {
    if (size < 0 || size > longest) {
      throw new ArchiveException("an entry has " + size + " bytes, which is too many");
    }
    byte[] contents = in.readNBytes((int) size);
    if (contents.length < size) {
      throw new EOFException();
    }
    in.skipNBytes(-size & BLOCK - 1);
    return contents;
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** All bytes of the header, those of the sum itself as if they were spaces. */
  private static void checkSum(byte[] header) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != number(header, 148, 8)) {
      throw new ArchiveException("this is no tar archive, or a header of it is damaged");
    }
  }

  /**
   * Octal digits, or where they are too few, the bytes of the number after one with its top bit.
   */
  private static long number(byte[] header, int from, int length) {
    if ((header[from] & 0x80) != 0) {
      long value = header[from] & 0x7f;
      for (int i = 1; i < length; i++) {
        value = value << 8 | header[from + i] & 0xff;
      }
      return value;
    }
    String digits = text(Arrays.copyOfRange(header, from, from + length)).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException exception) {
      throw new ArchiveException("a header has " + digits + " where a number should be");
    }
  }

  private static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static String name(byte[] header) {
    String name = text(Arrays.copyOfRange(header, 0, 100));
    boolean isPosix = text(Arrays.copyOfRange(header, 257, 263)).equals("ustar");
    String prefix = isPosix ? text(Arrays.copyOfRange(header, 345, 500)) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** Records of an extended header, each {@code "LENGTH KEY=VALUE\n"}. */
  private static void readExtended(byte[] header, Map<String, String> extended) {
    for (int at = 0; at < header.length && header[at] != 0; ) {
      int space = at;
      while (space < header.length && header[space] != ' ') {
        space++;
      }
      long length = size(new String(header, at, space - at, StandardCharsets.US_ASCII), 0);
      if (length <= space - at + 1 || length > header.length - at) {
        throw new ArchiveException("an extended header is damaged");
      }
      String record =
          new String(header, space + 1, (int) length - (space - at) - 2, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals > 0) {
        extended.put(record.substring(0, equals), record.substring(equals + 1));
      }
      at += (int) length;
    }
  }

  private static String path(String name) {
    List<String> parts = new ArrayList<>();
    for (String part : checked(name).split("/")) {
      if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        throw new ArchiveException(
            "the name " + part + " has more than " + LONGEST_NAME + " bytes");
      }
      if (part.equals("..")) {
        throw new ArchiveException("the path " + name + " leads upwards");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    if (parts.size() > DEEPEST_PATH) {
      throw new ArchiveException("a path has more than " + DEEPEST_PATH + " directories");
    }
    return "/" + String.join("/", parts);
  }

  /** A path, or where a link leads, as a system call would take it. */
  private static String checked(String path) {
    if (path.isEmpty()) {
      throw new ArchiveException("an entry has an empty name, or a link leads nowhere");
    }
    if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new ArchiveException("a path has more than " + LONGEST_PATH + " bytes");
    }
    if (path.indexOf(0) >= 0) {
      throw new ArchiveException("a path has a zero character");
    }
    return path;
  }
}
