package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.PagemapEntry;
import dev.faultline.kernel.mm.Vma;

/**
 * {@code /proc/pid/pagemap} in words: a line for each page of each VMA that has an entry, with the
 * 64 bits that Linux would give ({@code Documentation/admin-guide/mm/pagemap.rst}) and what they
 * say.
 *
 * <pre>3ff7ffe000 a100000000000012 present pfn 0x12 file exclusive</pre>
 */
public final class PagemapText {
  private PagemapText() {}

  public static String of(Process process, FrameTable frames) {
    var text = new StringBuilder();
    if (process.isAlive()) {
      for (Vma vma : process.space().vmas().all()) {
        PagemapEntry.forEach(vma, frames, (va, entry) -> line(text, va, entry));
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, long va, PagemapEntry entry) {
    Columns.hex(text, va, 8).append(' ');
    Columns.hex(text, entry.bits(), 16);
    if (entry.isSwapped()) {
      text.append(" swapped slot ").append(entry.slot());
    } else if (entry.isGuard()) {
      text.append(" guard");
    } else {
      text.append(" present pfn 0x").append(Long.toHexString(entry.pfn()));
      text.append(entry.isFile() ? " file" : entry.isZeroPage() ? " zero" : " anon");
      text.append(entry.isExclusive() ? " exclusive" : "");
    }
    text.append('\n');
  }
}
