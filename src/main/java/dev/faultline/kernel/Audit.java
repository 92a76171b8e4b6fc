package dev.faultline.kernel;

import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.CommitmentCensus;
import dev.faultline.kernel.mm.FrameCensus;
import dev.faultline.kernel.mm.SwapCensus;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import dev.faultline.machine.mmu.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The proof that a laboratory's books are right: every reference is counted anew from page tables,
 * page cache and pins and held against the frame table and the swap area, and every row of every
 * live structure is held against the folded log.
 *
 * @param checked how many counts and rows were compared
 * @param violations one sentence for each that differs; at most {@value #MOST_VIOLATIONS}
 */
public record Audit(long checked, List<String> violations) {
  private static final int MOST_VIOLATIONS = 100;

  public boolean holds() {
    return violations.isEmpty();
  }

  /**
   * Recounts everything.
   *
   * @param folded the log's state at this very moment
   */
  public static Audit of(Kernel kernel, FoldedState folded) {
    var violations = new ArrayList<String>();
    var census = new FrameCensus(kernel.frames(), kernel.reverse());
    var swapCensus = new SwapCensus(kernel.swap());
    var promises = new CommitmentCensus(kernel.cache());
    for (AddressSpace space : kernel.processes().spaces()) {
      census.count(space);
      swapCensus.count(space);
      promises.count(space);
    }
    census.count(kernel.cache());
    swapCensus.count(kernel.cache());
    kernel.files().inodes().files().forEach(promises::count);
    long checked = census.check(violations) + swapCensus.check(violations);
    checked += promises.check(kernel.promised(), violations);
    checked += compare(kernel, folded, violations);
    checked += checkTlbs(kernel, violations);
    return new Audit(
        checked, List.copyOf(violations.subList(0, Math.min(violations.size(), MOST_VIOLATIONS))));
  }

  /**
   * Every row of every hart's TLB says what its entry says, or is marked stale; and a stale one
   * allows nothing that the entry forbids, else a shootdown was forgotten.
   */
  private static long checkTlbs(Kernel kernel, List<String> violations) {
    long[] rows = new long[1];
    kernel.forEachRow((table, key, values) -> {
      if (table != Table.TLB) {
        return;
      }
      rows[0]++;
      long entry = kernel.machine().memory().load(values[Table.Tlb.ENTRY.ordinal()], 8);
      long flags = values[Table.Tlb.FLAGS.ordinal()];
      boolean isSamePlace = Entry.ppn(entry) == values[Table.Tlb.PPN.ordinal()];
      boolean agrees = isSamePlace && (entry & Entry.FLAGS) == flags;
      if (agrees == (values[Table.Tlb.STALE.ordinal()] == 1)) {
        violations.add("tlb 0x%x is marked %s".formatted(key, agrees ? "stale" : "fresh"));
      }
      if (!isSamePlace || (flags & ~entry & (Entry.V | Entry.R | Entry.W | Entry.X)) != 0) {
        violations.add("tlb 0x%x allows what its entry forbids by now".formatted(key));
      }
    });
    return rows[0];
  }

  private static long compare(Kernel kernel, FoldedState folded, List<String> violations) {
    long[] seen = new long[Table.values().length];
    kernel.forEachRow((table, key, values) -> {
      seen[table.ordinal()]++;
      Rows rows = folded.rows(table);
      if (!rows.contains(key)) {
        violations.add(table.label() + " 0x" + Long.toHexString(key) + " is not in the log");
        return;
      }
      for (int column = 0; column < values.length; column++) {
        if (rows.get(key, column) != values[column]) {
          violations.add(
              "%s 0x%x %s: live %d, log %d"
                  .formatted(
                      table.label(),
                      key,
                      table.columns().get(column).label(),
                      values[column],
                      rows.get(key, column)));
        }
      }
    });
    for (Table table : Table.values()) {
      long logged = folded.rows(table).size();
      if (logged != seen[table.ordinal()]) {
        violations.add(
            "%s: %d rows live, %d in the log"
                .formatted(table.label(), seen[table.ordinal()], logged));
      }
    }
    return Arrays.stream(seen).sum();
  }
}
