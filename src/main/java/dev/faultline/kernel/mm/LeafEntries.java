package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;

/**
 * Makes leaves with what a VMA allows ({@code mk_pte}). The MMU sets A and D when it uses them;
 * where it cannot, they are set at once, as Linux on riscv64 does, to save the fault.
 */
record LeafEntries(AdBits adBits) {
  /** A leaf without W: a write must be noticed. */
  long readOnly(Vma vma, long ppn) {
    return Entry.of(ppn, vma.pageProtection() | (adBits == AdBits.FAULT ? Entry.A : 0));
  }

  /** A leaf with W, if the VMA allows it. */
  long writable(Vma vma, long ppn) {
    long flags = vma.pageProtection() | (vma.isWritable() ? Entry.W : 0);
    return Entry.of(ppn, flags | (adBits == AdBits.FAULT ? Entry.A | Entry.D : 0));
  }
}
