package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.InodeTable;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.Vma;
import org.jspecify.annotations.Nullable;

/** {@code /proc/pid/maps} as Linux prints it ({@code fs/proc/task_mmu.c}, {@code show_map_vma}). */
public final class MapsText {
  /** Where the path begins on a line: everything before it is padded to this width. */
  private static final int PATH_COLUMN = 73;

  private MapsText() {}

  public static String of(Process process) {
    var text = new StringBuilder();
    if (process.isAlive()) {
      process.space().vmas().all().forEach(vma -> line(text, process.space(), vma));
    }
    return text.toString();
  }

  private static String device(@Nullable RegularFile file) {
    if (file == null || InodeTable.isOfKernel(file)) {
      return "00:00";
    }
    return file.volume().toString();
  }

  /** {@code vma_is_initial_heap}. */
  private static boolean isHeap(Vma vma, AddressSpace space) {
    return vma.start() < space.brk() && vma.end() > space.heapStart();
  }

  /** {@code vma_is_initial_stack}. */
  private static boolean isStack(Vma vma, AddressSpace space) {
    return vma.start() <= space.stackStart() && vma.end() >= space.stackStart();
  }

  static void line(StringBuilder text, AddressSpace space, Vma vma) {
    int from = text.length();
    RegularFile file = vma.file();
    Columns.hex(text, vma.start(), 8).append('-');
    Columns.hex(text, vma.end(), 8)
        .append(' ')
        .append((vma.prot() & 1) != 0 ? 'r' : '-')
        .append((vma.prot() & 2) != 0 ? 'w' : '-')
        .append((vma.prot() & 4) != 0 ? 'x' : '-')
        .append(vma.isShared() ? 's' : 'p')
        .append(' ');
    Columns.hex(text, vma.fileOffset(), 8)
        .append(' ')
        .append(device(file))
        .append(' ')
        .append(file == null || InodeTable.isOfKernel(file) ? 0 : file.number())
        .append(' ');
    if (file != null) {
      name(text, from, file.path().replace("\n", "\\012"));
      if (file.links() == 0) {
        text.append(" (deleted)");
      }
    } else if (isHeap(vma, space)) {
      name(text, from, "[heap]");
    } else if (isStack(vma, space)) {
      name(text, from, "[stack]");
    }
    text.append('\n');
  }

  /** What a line that begins at {@code from} calls its mapping. */
  static void name(StringBuilder text, int from, String name) {
    while (text.length() - from < PATH_COLUMN) {
      text.append(' ');
    }
    text.append(name);
  }
}
