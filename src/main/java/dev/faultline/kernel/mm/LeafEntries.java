package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;

/**
 * Makes leaves with what a VMA allows ({@code mk_pte}). The MMU sets A and D when it uses them;
 * where it cannot, they are set at once, as Linux on riscv64 does, to save the fault.
 */
final class LeafEntries {
  private final AdBits adBits;
  private long ahead;

  LeafEntries(AdBits adBits) {
    this.adBits = adBits;
  }

  /** Which marks the next leaves get because no access is under way that would leave them. */
  void markAhead(long marks) {
    ahead = marks;
  }

  /** A leaf without W: a write must be noticed. */
  long readOnly(Vma vma, long ppn) {
    return Entry.of(ppn, vma.pageProtection() | marks(Entry.A));
  }

  /** A leaf with W, if the VMA allows it. */
  long writable(Vma vma, long ppn) {
    long flags = vma.pageProtection() | (vma.isWritable() ? Entry.W : 0);
    return Entry.of(ppn, flags | marks(Entry.A | Entry.D));
  }

  private long marks(long marks) {
    return adBits == AdBits.FAULT ? marks : marks & ahead;
  }
}
