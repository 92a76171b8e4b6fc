package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.Vma;

/** {@code /proc/pid/maps} as Linux prints it ({@code fs/proc/task_mmu.c}, {@code show_map_vma}). */
public final class MapsText {
  /** Where the path begins on a line: everything before it is padded to this width. */
  private static final int PATH_COLUMN = 73;

  /** The device that holds all files, {@code major:minor}. */
  private static final String DEVICE = "08:01";

  private MapsText() {}

  public static String of(Process process) {
    var text = new StringBuilder();
    if (process.isAlive()) {
      process.space().vmas().all().forEach(vma -> line(text, process.space(), vma));
    }
    return text.toString();
  }

  /** {@code vma_is_initial_heap}. */
  private static boolean isHeap(Vma vma, AddressSpace space) {
    return vma.start() < space.brk() && vma.end() > space.heapStart();
  }

  /** {@code vma_is_initial_stack}. */
  private static boolean isStack(Vma vma, AddressSpace space) {
    return vma.start() <= space.stackStart() && vma.end() >= space.stackStart();
  }

  private static void line(StringBuilder text, AddressSpace space, Vma vma) {
    int from = text.length();
    RegularFile file = vma.file();
    text.append(String.format("%08x-%08x ", vma.start(), vma.end()))
        .append((vma.prot() & 1) != 0 ? 'r' : '-')
        .append((vma.prot() & 2) != 0 ? 'w' : '-')
        .append((vma.prot() & 4) != 0 ? 'x' : '-')
        .append(vma.isShared() ? 's' : 'p')
        .append(String.format(" %08x ", vma.fileOffset()))
        .append(file == null ? "00:00" : DEVICE)
        .append(' ')
        .append(file == null ? 0 : file.number())
        .append(' ');
    if (file != null) {
      while (text.length() - from < PATH_COLUMN) {
        text.append(' ');
      }
      text.append(file.path().replace("\n", "\\012"));
      if (file.links() == 0) {
        text.append(" (deleted)");
      }
    }
    if (file == null && (isHeap(vma, space) || isStack(vma, space))) {
      while (text.length() - from < PATH_COLUMN) {
        text.append(' ');
      }
      text.append(isHeap(vma, space) ? "[heap]" : "[stack]");
    }
    text.append('\n');
  }
}
