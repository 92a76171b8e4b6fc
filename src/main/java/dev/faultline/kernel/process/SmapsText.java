package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.MemorySizes;
import dev.faultline.kernel.mm.MemorySizes.Size;
import dev.faultline.kernel.mm.PageCache;
import dev.faultline.kernel.mm.SwapArea;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.kernel.mm.VmFlagCodes;
import dev.faultline.kernel.mm.Vma;
import java.util.EnumSet;
import java.util.Set;

/**
 * {@code /proc/pid/smaps} and {@code smaps_rollup} as Linux prints them ({@code show_smap}, {@code
 * show_smaps_rollup}).
 */
public final class SmapsText {
  /** Only the sum over all VMAs tells these apart. */
  private static final Set<Size> IN_ROLLUP =
      EnumSet.of(Size.PSS_ANON, Size.PSS_FILE, Size.PSS_SHMEM);

  private static final int LABEL = 16;
  private static final int NUMBER = 8;

  private SmapsText() {}

  public static String of(
      Process process, FrameTable frames, PageCache cache, SwapArea swap, Thp thp) {
    var text = new StringBuilder();
    if (process.isAlive()) {
      for (Vma vma : process.space().vmas().all()) {
        var sizes = new MemorySizes(frames, cache, swap);
        sizes.add(vma);
        MapsText.line(text, process.space(), vma);
        line(text, "Size", vma.end() - vma.start() >>> 10);
        line(text, "KernelPageSize", 4);
        line(text, "MMUPageSize", 4);
        sizes(text, sizes, false);
        Columns.left(text, "THPeligible:", LABEL);
        Columns.right(text, thp.isEligible(vma) ? 1 : 0, NUMBER).append('\n');
        text.append("VmFlags: ").append(VmFlagCodes.of(vma)).append('\n');
      }
    }
    return text.toString();
  }

  /** The sums over all VMAs. */
  public static String rollup(Process process, FrameTable frames, PageCache cache, SwapArea swap) {
    var sizes = new MemorySizes(frames, cache, swap);
    long start = 0;
    long end = 0;
    if (process.isAlive()) {
      for (Vma vma : process.space().vmas().all()) {
        start = end == 0 ? vma.start() : start;
        end = vma.end();
        sizes.add(vma);
      }
    }
    var text = new StringBuilder();
    Columns.hex(text, start, 8).append('-');
    Columns.hex(text, end, 8).append(" ---p 00000000 00:00 0 ");
    MapsText.name(text, 0, "[rollup]");
    text.append('\n');
    sizes(text, sizes, true);
    return text.toString();
  }

  private static void sizes(StringBuilder text, MemorySizes sizes, boolean rollup) {
    for (Size size : Size.values()) {
      if (rollup || !IN_ROLLUP.contains(size)) {
        line(text, size.label(), sizes.kilobytes(size));
      }
    }
  }

  private static void line(StringBuilder text, String label, long kilobytes) {
    Columns.left(text.append(label), ":", LABEL - label.length());
    Columns.right(text, kilobytes, NUMBER).append(" kB\n");
  }
}
