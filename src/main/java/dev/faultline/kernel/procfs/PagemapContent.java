package dev.faultline.kernel.procfs;

import dev.faultline.kernel.fs.Content;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.PagemapEntry;
import dev.faultline.kernel.mm.Vma;
import dev.faultline.kernel.process.Process;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@code /proc/PID/pagemap}: eight bytes for each page of user space, made when they are read. */
final class PagemapContent implements Content {
  private static final int WORD = 8;
  private static final long PAGE = 4096;

  private final Process process;
  private final FrameTable frames;

  PagemapContent(Process process, FrameTable frames) {
    this.process = process;
    this.frames = frames;
  }

  @Override
  public long size() {
    return process.isAlive() ? process.space().end() / PAGE * WORD : 0;
  }

  @Override
  public byte[] read(long position, int most) {
    int length = (int) Math.clamp(size() - position, 0, most);
    long first = position / WORD;
    long last = (position + length + WORD - 1) / WORD;
    ByteBuffer words =
        ByteBuffer.allocate((int) (last - first) * WORD).order(ByteOrder.LITTLE_ENDIAN);
    if (length > 0) {
      for (Vma vma : process.space().vmas().all()) {
        if (vma.end() / PAGE > first && vma.start() / PAGE < last) {
          PagemapEntry.forEach(
              vma,
              frames,
              (va, entry) -> {
                long page = va / PAGE;
                if (page >= first && page < last) {
                  words.putLong((int) (page - first) * WORD, entry.bits());
                }
              });
        }
      }
    }
    byte[] bytes = new byte[length];
    words.get((int) (position % WORD), bytes);
    return bytes;
  }
}
