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
 * long names. Devices and pipes are left out; a path that leads upwards is refused.
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final int MOST_ENTRIES = 100_000;
  private static final int LONGEST_HEADER = 1 << 20;
  private static final int LONGEST_PATH = 4095;

  private final InputStream in;
  private final long most;
  private final List<TarEntry> entries = new ArrayList<>();
  private long bytes;

  TarReader(InputStream in, long most) {
    this.in = in;
    this.most = most;
  }

  List<TarEntry> entries() throws IOException, ArchiveException {
    Map<String, String> extended = new HashMap<>();
    while (true) {
      byte[] header = in.readNBytes(BLOCK);
      if (header.length == 0 || isZero(header)) {
        return List.copyOf(entries);
      }
      if (header.length < BLOCK) {
        throw new EOFException();
      }
      checkSum(header);
      char type = (char) header[156];
      long size = number(header, 124, 12);
      switch (type) {
        case 'L' -> extended.put("path", text(contents(size, LONGEST_HEADER)));
        case 'K' -> extended.put("linkpath", text(contents(size, LONGEST_HEADER)));
        case 'x' -> readExtended(contents(size, LONGEST_HEADER), extended);
        case 'g' -> contents(size, LONGEST_HEADER);
        default -> {
          add(type, header, extended, size);
          extended.clear();
        }
      }
    }
  }

  private void add(char type, byte[] header, Map<String, String> extended, long headerSize)
      throws IOException, ArchiveException {
    long size = size(extended.get("size"), headerSize);
    String path = path(extended.getOrDefault("path", name(header)));
    String target = extended.getOrDefault("linkpath", text(Arrays.copyOfRange(header, 157, 257)));
    int mode = (int) number(header, 100, 8) & 07777;
    byte[] none = {};
    switch (type) {
      case '0', '\0', '7' -> {
        bytes += size;
        if (bytes > most) {
          throw new LimitException(
              "fileBytes", most, "a laboratory has at most " + most + " bytes of files");
        }
        add(new TarEntry(TarEntry.Kind.FILE, path, mode, contents(size, (int) most), ""));
      }
      case '1' -> add(new TarEntry(TarEntry.Kind.HARD_LINK, path, mode, none, path(target)));
      case '2' -> add(new TarEntry(TarEntry.Kind.SYMBOLIC_LINK, path, mode, none, target));
      case '5' -> add(new TarEntry(TarEntry.Kind.DIRECTORY, path, mode, none, ""));
      default -> contents(size, LONGEST_HEADER);
    }
  }

  private void add(TarEntry entry) throws ArchiveException {
    if (entries.size() == MOST_ENTRIES) {
      throw new ArchiveException("the archive has more than " + MOST_ENTRIES + " entries");
    }
    entries.add(entry);
  }

  private static long size(@Nullable String text, long otherwise) throws ArchiveException {
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

  private byte[] contents(long size, int longest) throws IOException, ArchiveException {
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
  private static void checkSum(byte[] header) throws ArchiveException {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != number(header, 148, 8)) {
      throw new ArchiveException("this is no tar archive, or a header of it is damaged");
    }
  }

  /** Octal digits, or where they are too few, the bytes of the number after one with its top bit. */
  private static long number(byte[] header, int from, int length) throws ArchiveException {
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
  private static void readExtended(byte[] header, Map<String, String> extended)
      throws ArchiveException {
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

  private static String path(String name) throws ArchiveException {
    List<String> parts = new ArrayList<>();
    for (String part : name.split("/")) {
      if (part.equals("..")) {
        throw new ArchiveException("the path " + name + " leads upwards");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    String path = "/" + String.join("/", parts);
    if (path.length() > LONGEST_PATH) {
      throw new ArchiveException("a path has more than " + LONGEST_PATH + " characters");
    }
    return path;
  }
}
