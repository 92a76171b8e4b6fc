package dev.faultline.kernel.mm;

import java.util.Map;
import java.util.TreeMap;

/** The two letters that {@code smaps} has for each flag of a VMA ({@code show_smap_vma_flags}). */
public final class VmFlagCodes {
  private static final long MAY_READ = 0x10;
  private static final long MAY_WRITE = 0x20;
  private static final long MAY_EXEC = 0x40;
  private static final long MAY_SHARE = 0x80;

  private static final Map<Long, String> CODES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(VmFlag.READ, "rd"),
              Map.entry(VmFlag.WRITE, "wr"),
              Map.entry(VmFlag.EXEC, "ex"),
              Map.entry(VmFlag.SHARED, "sh"),
              Map.entry(MAY_READ, "mr"),
              Map.entry(MAY_WRITE, "mw"),
              Map.entry(MAY_EXEC, "me"),
              Map.entry(MAY_SHARE, "ms"),
              Map.entry(VmFlag.GROWSDOWN, "gd"),
              Map.entry(VmFlag.MAYBE_GUARD, "gu"),
              Map.entry(VmFlag.LOCKED, "lo"),
              Map.entry(VmFlag.SEQ_READ, "sr"),
              Map.entry(VmFlag.RAND_READ, "rr"),
              Map.entry(VmFlag.DONTCOPY, "dc"),
              Map.entry(VmFlag.LOCKONFAULT, "lf"),
              Map.entry(VmFlag.ACCOUNT, "ac"),
              Map.entry(VmFlag.NORESERVE, "nr"),
              Map.entry(VmFlag.SYNC, "sf"),
              Map.entry(VmFlag.WIPEONFORK, "wf"),
              Map.entry(VmFlag.DONTDUMP, "dd"),
              Map.entry(VmFlag.HUGEPAGE, "hg"),
              Map.entry(VmFlag.NOHUGEPAGE, "nh"),
              Map.entry(VmFlag.MERGEABLE, "mg"),
              Map.entry(VmFlag.DROPPABLE, "dp"),
              Map.entry(VmFlag.SEALED, "sl")));

  private VmFlagCodes() {}

  /** Each with a space after it, in the order of the bits. */
  public static String of(Vma vma) {
    long flags = vma.flags() | MAY_READ | MAY_EXEC;
    flags |= vma.mayWrite() ? MAY_WRITE : 0;
    if (vma.isShared()) {
      flags |= MAY_SHARE;
      // What can never be written counts as private to all but maps (do_mmap).
      flags &= vma.mayWrite() || vma.has(VmFlag.NEVER_WRITE) ? -1 : ~VmFlag.SHARED;
    }
    var codes = new StringBuilder();
    for (Map.Entry<Long, String> code : CODES.entrySet()) {
      if ((flags & code.getKey()) != 0) {
        codes.append(code.getValue()).append(' ');
      }
    }
    return codes.toString();
  }
}
