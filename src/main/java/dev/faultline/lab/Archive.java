package dev.faultline.lab;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * What a tar archive or a Debian package ({@code deb(5)}) holds, read as a whole before anything of
 * it is put anywhere.
 */
record Archive(boolean isDebianPackage, List<TarEntry> entries) {
  private static final byte[] DEBIAN_START = "!<arch>\n".getBytes(StandardCharsets.US_ASCII);
  private static final int MEMBER_HEADER = 60;

  /** What decompression may use: Debian's packages want 9 MiB. */
  private static final int MOST_XZ_KIBIBYTES = 128 << 10;

  /**
   * Reads an archive.
   *
   * @param most how many bytes its files may have together
   * @throws ArchiveException when it cannot be read
   * @throws LimitException when it has more than that
   */
  static Archive of(Command.Unpack unpack, long most) {
    String name = unpack.name().toLowerCase(Locale.ROOT);
    boolean isPackage = name.endsWith(".deb");
    try (InputStream tar = isPackage ? openPackage(unpack.bytes()) : open(name, unpack.bytes())) {
      return new Archive(isPackage, new TarReader(tar, most).entries());
    } catch (EOFException truncated) {
      throw new ArchiveException("the archive ends too early");
    } catch (IOException damaged) {
      throw new ArchiveException("the archive is damaged: " + damaged.getLocalizedMessage());
    }
  }

  int files() {
    return (int) entries.stream().filter(entry -> entry.kind() == TarEntry.Kind.FILE).count();
  }

  long fileBytes() {
    return entries.stream().mapToLong(entry -> entry.bytes().length).sum();
  }

  long characters() {
    return entries.stream().mapToLong(entry -> entry.path().length()).sum();
  }

  /**
   * No fewer than the files, links and directories that it makes, those above an entry included:
   * the names of each path that the path before it does not begin with.
   */
  int names() {
    int names = 0;
    String[] before = {};
    for (TarEntry entry : entries) {
      String[] path = entry.path().split("/");
      int same = Arrays.mismatch(before, path);
      names += same < 0 ? 1 : Math.max(path.length - same, 1);
      before = path;
    }
    return names;
  }

  private static InputStream open(String lower, byte[] bytes) throws IOException {
    var all = new ByteArrayInputStream(bytes);
    if (lower.endsWith(".tar")) {
      return all;
    }
    if (lower.endsWith(".tar.gz") || lower.endsWith(".tgz")) {
      return new GZIPInputStream(all);
    }
    if (lower.endsWith(".tar.xz") || lower.endsWith(".txz")) {
      return new XZInputStream(all, MOST_XZ_KIBIBYTES);
    }
    throw new ArchiveException(
        "the name has to end with .tar, .tar.gz, .tar.xz or .deb, not as in " + lower);
  }

  /** The member of a package that holds its files. */
  private static InputStream openPackage(byte[] bytes) throws IOException {
    var all = new ByteArrayInputStream(bytes);
    if (!Arrays.equals(all.readNBytes(DEBIAN_START.length), DEBIAN_START)) {
      throw new ArchiveException("this is no Debian package");
    }
    while (true) {
      byte[] header = all.readNBytes(MEMBER_HEADER);
      if (header.length < MEMBER_HEADER) {
        throw new ArchiveException("the package has no data.tar");
      }
      String member = new String(header, 0, 16, StandardCharsets.US_ASCII).strip();
      int size = size(new String(header, 48, 10, StandardCharsets.US_ASCII).strip());
      if (member.startsWith("data.tar")) {
        return open(member.replaceFirst("/$", ""), contents(all, size));
      }
      all.skipNBytes((long) size + (size & 1));
    }
  }

  private static byte[] contents(InputStream all, int size) throws IOException {
    byte[] contents = all.readNBytes(size);
    if (contents.length < size) {
      throw new EOFException();
    }
    return contents;
  }

  private static int size(String text) {
    try {
      int size = Integer.parseInt(text);
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException exception) {
      // Falls through to the same refusal.
    }
    throw new ArchiveException("a member of the package has no usable size: " + text);
  }
}
