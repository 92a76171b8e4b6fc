package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import java.util.Arrays;

/**
 * Reads and writes files through the page cache ({@code mm/filemap.c}), the same frames that
 * mappings have: what is written is seen there at once.
 */
public final class FileAccess {
  private static final int PAGE = 4096;

  private final PageCache cache;
  private final Truncate truncate;

  public FileAccess(PageCache cache, Truncate truncate) {
    this.cache = cache;
    this.truncate = truncate;
  }

  /**
   * The bytes from an offset on that lie within the file, fewer when frames run out.
   *
   * @throws OutOfFrames when there is no frame for the first page
   */
  public byte[] read(RegularFile file, long offset, int length) {
    byte[] bytes = new byte[(int) Math.clamp(file.size() - offset, 0, length)];
    int done = 0;
    while (done < bytes.length) {
      long at = offset + done;
      int fitting = (int) Math.min(bytes.length - done, PAGE - at % PAGE);
      try {
        cache.read(file, at, bytes, done, fitting);
      } catch (OutOfFrames none) {
        if (done == 0) {
          throw none;
        }
        return Arrays.copyOf(bytes, done);
      }
      done += fitting;
    }
    return bytes;
  }

  /**
   * Writes bytes, and makes the file longer if need be.
   *
   * @return how many were written, fewer than all when frames run out
   * @throws OutOfFrames when there is no frame for the first page; nothing was changed then
   */
  public int write(RegularFile file, long offset, byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      long at = offset + done;
      int fitting = (int) Math.min(bytes.length - done, PAGE - at % PAGE);
      try {
        cache.bringIn(file, at / PAGE);
      } catch (OutOfFrames none) {
        if (done == 0) {
          throw none;
        }
        return done;
      }
      if (at + fitting > file.size()) {
        truncate.grow(file, file.size(), at, at + fitting);
      }
      cache.write(file, at, bytes, done, fitting);
      done += fitting;
    }
    return done;
  }
}
