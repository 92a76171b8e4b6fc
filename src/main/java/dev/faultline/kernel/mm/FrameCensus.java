package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts every reference to every frame anew, from the structures that hold them, and holds the
 * reverse map against the page tables, for the audit.
 */
public final class FrameCensus {
  private final FrameTable frames;
  private final ReverseMap reverse;
  private final Map<Long, long[]> counts = new HashMap<>();
  private long wrongEntries;

  public FrameCensus(FrameTable frames, ReverseMap reverse) {
    this.frames = frames;
    this.reverse = reverse;
    frames.forEachRow((table, ppn, values) -> {
      if (frames.kind(ppn) == FrameKind.ZERO) {
        add(ppn, Reference.PIN);
      }
    });
  }

  /** Counts what the real bytes of a process's page tables refer to. */
  public void count(AddressSpace space) {
    add(space.tables().root(), Reference.PIN);
    space.tables().deposits().forEach(table -> add(table, Reference.PIN));
    space
        .tables()
        .forEachEntry((level, address, va, value) -> {
          if (level == 0 && !Entry.isPresent(value)) {
            wrongEntries += space.find(va) == null ? 1 : 0;
            return;
          }
          if (Entry.isLeaf(value)) {
            long pages = PagingMode.span(level) / PagingMode.span(0);
            for (long page = 0; page < pages; page++) {
              add(Entry.ppn(value) + page, Reference.MAPPING);
            }
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

  /**
   * The reverse map lists as many entries as map the frame, and each of them does: so it lists all.
   */
  private void checkMappings(long ppn, List<String> violations) {
    Set<Long> listed = new HashSet<>();
    reverse.forEachMapping(
        ppn,
        (tables, va, entryAddress, entry) -> {
          listed.add(entryAddress);
          if (!Entry.isPresent(entry)
              || tables.ppn(va, entry) != ppn
              || tables.find(va) != entryAddress) {
            violations.add(
                "frame 0x%x: the reverse map lists P%d 0x%x, whose entry is 0x%x"
                    .formatted(ppn, tables.space().pid(), va, entry));
          }
        });
    if (listed.size() != frames.count(ppn, Reference.MAPPING)) {
      violations.add(
          "frame 0x%x: the reverse map lists %d entries of %d"
              .formatted(ppn, listed.size(), frames.count(ppn, Reference.MAPPING)));
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
      checkMappings(ppn, violations);
      checked[0] += 2;
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
