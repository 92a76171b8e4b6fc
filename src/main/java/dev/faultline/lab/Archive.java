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
 * A tar archive or a Debian package ({@code deb(5)}), read as a whole before anything of it is put
 * anywhere.
 *
 * @param name its file's name, whose end says what it is
 * @param bytes as they came
 */
public record Archive(String name, byte[] bytes, List<TarEntry> entries) {
  private static final byte[] DEBIAN_START = "!<arch>\n".getBytes(StandardCharsets.US_ASCII);
  private static final int MEMBER_HEADER = 60;

  /** What decompression may use: Debian's packages want 9 MiB. */
  private static final int MOST_XZ_KIBIBYTES = 128 << 10;

  /**
   * Reads an archive.
   *
   * @param most how many bytes its files may have together
   */
  public static Archive read(String name, byte[] bytes, long most) throws ArchiveException {
    try (InputStream tar = open(name, bytes)) {
      return new Archive(name, bytes, new TarReader(tar, most).entries());
    } catch (EOFException truncated) {
      throw new ArchiveException("the archive ends too early");
    } catch (IOException damaged) {
      throw new ArchiveException("the archive is damaged: " + damaged.getLocalizedMessage());
    }
  }

  boolean isDebianPackage() {
    return name.toLowerCase(Locale.ROOT).endsWith(".deb");
  }

  private static InputStream open(String name, byte[] bytes)
      throws IOException, ArchiveException {
    String lower = name.toLowerCase(Locale.ROOT);
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
    if (lower.endsWith(".deb")) {
      return openPackage(bytes);
    }
    throw new ArchiveException(
        "the name has to end with .tar, .tar.gz, .tar.xz or .deb, not as in " + name);
  }

  /** The member of a package that holds its files. */
  private static InputStream openPackage(byte[] bytes) throws IOException, ArchiveException {
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
        return open(member.replaceFirst("/$", ""), all.readNBytes(size));
      }
      all.skipNBytes(size + (size & 1));
    }
  }

  private static int size(String text) throws ArchiveException {
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
