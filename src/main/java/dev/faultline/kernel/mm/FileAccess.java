package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.Errno;
import java.util.Arrays;

/**
 * Reads and writes files through the page cache ({@code mm/filemap.c}), the same frames that
 * mappings have: what is written is seen there at once.
 */
public final class FileAccess {
  private static final int PAGE = 4096;

  private final PageCache cache;
  private final Readahead readahead;
  private final Truncate truncate;
  private final Seals seals;

  public FileAccess(PageCache cache, Readahead readahead, Truncate truncate, Seals seals) {
    this.cache = cache;
    this.readahead = readahead;
    this.truncate = truncate;
    this.seals = seals;
  }

  /**
   * The bytes from an offset on that lie within the file, fewer when frames run out.
   *
   * @throws OutOfFrames when there is no frame for the first page
   */
  public byte[] read(OpenFile open, long offset, int length) {
    return read(open, offset, length, length);
  }

  /**
   * As {@link #read(OpenFile, long, int)}, for one of the parts of a longer read.
   *
   * @param ahead how many bytes are wanted from the offset on, with those of the parts that follow
   */
  public byte[] read(OpenFile open, long offset, int length, long ahead) {
    RegularFile file = open.file();
    long lastPage = (offset + ahead + PAGE - 1) / PAGE;
    byte[] bytes = new byte[(int) Math.clamp(file.size() - offset, 0, length)];
    int done = 0;
    while (done < bytes.length) {
      long at = offset + done;
      int fitting = (int) Math.min(bytes.length - done, PAGE - at % PAGE);
      if (cache.isHole(file, at / PAGE)) {
        done += fitting;
        continue;
      }
      try {
        cache.makeRoom(file, at / PAGE);
        long ppn = readahead.frameForRead(open, at / PAGE, lastPage - at / PAGE);
        cache.read(ppn, at, bytes, done, fitting);
      } catch (OutOfFrames none) {
        if (done == 0) {
          throw none;
        }
        bytes = Arrays.copyOf(bytes, done);
        break;
      }
      done += fitting;
    }
    if (done > 0) {
      file.wasRead();
      open.readahead().setPreviousEnd(offset + done);
    }
    return bytes;
  }

  /**
   * Writes bytes, and makes the file longer if need be.
   *
   * @param limits of the writer: what a file in memory grows by is promised to him
   * @return how many were written, fewer than all when frames run out or a seal forbids the rest
   * @throws OutOfFrames when there is no frame for the first page; nothing was changed then
   */
  public int write(VmLimits limits, RegularFile file, long offset, byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      long at = offset + done;
      int fitting = (int) Math.min(bytes.length - done, PAGE - at % PAGE);
      try {
        seals.checkWrite(file);
        seals.checkResize(file, Math.max(file.size(), at + fitting));
        if (cache.isHole(file, at / PAGE) && !limits.mayPromise(1)) {
          throw new LinuxError(Errno.ENOSPC);
        }
        cache.makeRoom(file, at / PAGE);
        cache.frame(file, at / PAGE);
      } catch (OutOfFrames | LinuxError refused) {
        if (done == 0) {
          throw refused;
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
