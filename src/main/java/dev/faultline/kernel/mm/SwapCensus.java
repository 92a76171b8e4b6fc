package dev.faultline.kernel.mm;

import dev.faultline.kernel.mm.SwapArea.Holder;
import dev.faultline.machine.mmu.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts every reference to every swap slot anew, for the audit. */
public final class SwapCensus {
  private final SwapArea swap;
  private final Map<Long, long[]> counts = new HashMap<>();

  public SwapCensus(SwapArea swap) {
    this.swap = swap;
  }

  /** Counts what a process's page tables name. */
  public void count(AddressSpace space) {
    space
        .tables()
        .forEachEntry((level, address, va, value) -> {
          if (level == 0 && Entry.isSwapped(value)) {
            add(Entry.slot(value), Holder.ENTRY);
          }
        });
  }

  /** Counts what the page cache has in slots. */
  public void count(PageCache cache) {
    cache.swappedSlots().forEach(slot -> add(slot, Holder.CACHE));
  }

  private void add(long slot, Holder holder) {
    counts.computeIfAbsent(slot, absent -> new long[Holder.values().length])[holder.ordinal()]++;
  }

  /** Holds the counts against the swap area; gives how many were compared. */
  public long check(List<String> violations) {
    long[] used = new long[1];
    swap.forEachRow((table, slot, values) -> {
      used[0]++;
      long[] counted = counts.remove(slot);
      long sum = 0;
      for (Holder holder : Holder.values()) {
        long found = counted == null ? 0 : counted[holder.ordinal()];
        long kept = swap.count(slot, holder);
        sum += kept;
        if (found != kept) {
          violations.add(
              "slot %d: %d %s references counted, %d kept".formatted(slot, found, holder, kept));
        }
      }
      if (sum != swap.refs(slot) || sum == 0) {
        violations.add("slot %d: refs %d, reasons %d".formatted(slot, swap.refs(slot), sum));
      }
    });
    counts.keySet().forEach(slot -> violations.add("slot %d is named but free".formatted(slot)));
    if (used[0] + swap.free() != swap.total()) {
      violations.add(
          "%d slots in use and %d free are not %d".formatted(used[0], swap.free(), swap.total()));
    }
    return used[0] * Holder.values().length;
  }
}
