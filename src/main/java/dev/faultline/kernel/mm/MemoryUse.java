package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * What a process has of memory, in pages ({@code get_mm_counter}). The zero page does not count.
 *
 * @param resident pages that its entries map
 * @param swapped pages that its entries name in swap slots
 * @param tables frames of its page tables
 */
public record MemoryUse(long resident, long swapped, long tables) {
  /** Counts what the tables say. */
  public static MemoryUse of(AddressSpace space, FrameTable frames) {
    long[] counts = {0, 0, 1};
    space
        .tables()
        .forEachEntry((level, address, va, entry) -> {
          if (level == 0 && Entry.isSwapped(entry)) {
            counts[1]++;
          } else if (!Entry.isLeaf(entry)) {
            counts[2]++;
          } else if (level > 0) {
            counts[0] += PagingMode.ENTRIES;
            // The table that waits for the split (mm_inc_nr_ptes).
            counts[2]++;
          } else if (frames.kind(Entry.ppn(entry)) != FrameKind.ZERO) {
            counts[0]++;
          }
        });
    return new MemoryUse(counts[0], counts[1], counts[2]);
  }

  /** How much ending the process would give back ({@code oom_badness}). */
  public long badness() {
    return resident + swapped + tables;
  }
}
