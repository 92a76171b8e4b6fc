package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.PagingMode;
import java.util.Locale;

/** When anonymous memory gets superpages ({@code /sys/kernel/mm/transparent_hugepage/enabled}). */
public enum Thp {
  NEVER,
  /** Where {@code madvise(HUGEPAGE)} asked for them. */
  MADVISE,
  /** Everywhere but where {@code madvise(NOHUGEPAGE)} forbade them. */
  ALWAYS;

  private static final long SPAN = PagingMode.span(1);

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether superpages may lie in a VMA. */
  boolean allows(Vma vma) {
    return vma.file() == null
        && !vma.has(VmFlag.NOHUGEPAGE)
        && (this == ALWAYS || this == MADVISE && vma.has(VmFlag.HUGEPAGE));
  }

  /** Whether a fault could bring one to a VMA ({@code THPeligible}), which must have the room. */
  public boolean isEligible(Vma vma) {
    return allows(vma) && (vma.end() & -SPAN) - SPAN >= vma.start();
  }
}
