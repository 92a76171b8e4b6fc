package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts every reference to every frame anew, from the structures that hold them, for the audit.
 */
public final class FrameCensus {
  private final FrameTable frames;
  private final Map<Long, long[]> counts = new HashMap<>();
  private long wrongEntries;

  public FrameCensus(FrameTable frames) {
    this.frames = frames;
    frames.forEachRow((table, ppn, values) -> {
      if (frames.kind(ppn) == FrameKind.ZERO) {
        add(ppn, Reference.PIN);
      }
    });
  }

  /** Counts what the real bytes of a process's page tables refer to. */
  public void count(AddressSpace space) {
    add(space.tables().root(), Reference.PIN);
    space
        .tables()
        .forEachEntry((level, address, va, value) -> {
          if (Entry.isLeaf(value)) {
            add(Entry.ppn(value), Reference.MAPPING);
            if (space.find(va) == null) {
              wrongEntries++;
            }
          } else {
            add(Entry.ppn(value), Reference.PARENT);
          }
        });
  }

  /** Counts what the page cache holds. */
  public void count(PageCache cache) {
    for (long ppn : cache.cachedFrames()) {
      add(ppn, Reference.CACHE);
    }
  }

  private void add(long ppn, Reference reason) {
    counts.computeIfAbsent(ppn, absent -> new long[Reference.values().length])[reason.ordinal()]++;
  }

  /** Holds the counts against the frame table; gives how many were compared. */
  public long check(List<String> violations) {
    if (wrongEntries > 0) {
      violations.add(wrongEntries + " table entries lie outside every VMA");
    }
    long[] checked = new long[2];
    frames.forEachRow((table, ppn, values) -> {
      long[] counted = counts.remove(ppn);
      long sum = 0;
      for (Reference reason : Reference.values()) {
        long found = counted == null ? 0 : counted[reason.ordinal()];
        long kept = frames.count(ppn, reason);
        sum += kept;
        checked[0]++;
        if (found != kept) {
          violations.add(
              "frame 0x%x: %d %s references counted, %d kept".formatted(ppn, found, reason, kept));
        }
      }
      checked[0]++;
      checked[1]++;
      if (sum != frames.refs(ppn) || sum == 0) {
        violations.add("frame 0x%x: refs %d, reasons %d".formatted(ppn, frames.refs(ppn), sum));
      }
    });
    counts
        .keySet()
        .forEach(ppn -> violations.add("frame 0x%x is referred to but free".formatted(ppn)));
    if (checked[1] + frames.free() != frames.total()) {
      violations.add(
          "%d frames in use and %d free are not %d"
              .formatted(checked[1], frames.free(), frames.total()));
    }
    return checked[0];
  }
}
