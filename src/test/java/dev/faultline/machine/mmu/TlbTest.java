package dev.faultline.machine.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import dev.faultline.machine.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which rows give way, which a fence drops, and what the log tells of one that is stale. */
class TlbTest {
  private static final int ASID = 1;
  private static final int OTHER = 2;
  private static final long PAGE = 0x1000;
  private static final int SETS = 4;
  private static final int WAYS = 2;

  /** Pages so far apart fall into one set. */
  private static final long STRIDE = SETS * PAGE;

  private static final long TABLE = 0x3000;

  private final ChangeLog log = new ChangeLog(1 << 16);
  private final PhysicalMemory memory = new PhysicalMemory(16);

  private Tlb tlb(Replacement replacement, long seed) {
    return new Tlb(0, SETS * WAYS, WAYS, replacement, seed, memory, new TlbSources(), log);
  }

  /** Fills a row for a page whose entry has the page's number as its place in the table. */
  private int fill(Tlb tlb, long va, int asid, boolean global, int level) {
    int row = tlb.choose(va, asid);
    long entryAddress = TABLE + va / PAGE * 8;
    tlb.fill(row, va, asid, global, memory.load(entryAddress, 8), level, entryAddress);
    return row;
  }

  private int fill(Tlb tlb, long va) {
    return fill(tlb, va, ASID, false, 0);
  }

  private List<Integer> rowsOfOneSet(Tlb tlb, int pages) {
    var rows = new ArrayList<Integer>();
    for (int i = 0; i < pages; i++) {
      rows.add(fill(tlb, i * STRIDE));
    }
    return rows;
  }

  @Test
  void page_goesToTheSetOfItsNumber() {
    Tlb tlb = tlb(Replacement.ROUND_ROBIN, 0);
    for (int page = 0; page < 2 * SETS; page++) {
      assertThat(tlb.setOfRow(fill(tlb, page * PAGE))).isEqualTo(page % SETS);
    }
    assertThat(tlb.find(5 * PAGE + 0x123, ASID)).isNotNegative();
    assertThat(tlb.find(5 * PAGE, OTHER)).isEqualTo(-1);
    assertThat(tlb.find(9 * PAGE, ASID)).isEqualTo(-1);
  }

  @Test
  void roundRobin_takesEachWayInTurn() {
    assertThat(rowsOfOneSet(tlb(Replacement.ROUND_ROBIN, 0), 6)).containsExactly(0, 1, 0, 1, 0, 1);
  }

  @Test
  void leastRecentlyUsed_givesWay() {
    Tlb tlb = tlb(Replacement.LRU, 0);
    assertThat(rowsOfOneSet(tlb, 3)).containsExactly(0, 1, 0);
    tlb.touch(1);
    assertThat(fill(tlb, 3 * STRIDE)).as("row 1 was used after row 0").isZero();
    assertThat(fill(tlb, 4 * STRIDE)).isEqualTo(1);
  }

  @Test
  void random_followsItsSeed() {
    List<Integer> rows = rowsOfOneSet(tlb(Replacement.RANDOM, 7), 60);
    assertThat(rowsOfOneSet(tlb(Replacement.RANDOM, 7), 60)).isEqualTo(rows);
    assertThat(rowsOfOneSet(tlb(Replacement.RANDOM, 8), 60)).isNotEqualTo(rows);
    assertThat(rows).contains(0, 1);
  }

  @Test
  void samePage_takesItsRowAgain() {
    Tlb tlb = tlb(Replacement.ROUND_ROBIN, 0);
    int row = fill(tlb, PAGE);
    assertThat(fill(tlb, PAGE)).isEqualTo(row);
  }

  /** A page, a global page and a superpage of one address space, and a page of another. */
  private Tlb mixed() {
    Tlb tlb = tlb(Replacement.ROUND_ROBIN, 0);
    fill(tlb, 0, ASID, false, 0);
    fill(tlb, PAGE, ASID, true, 0);
    fill(tlb, (1L << 21) + 2 * PAGE, ASID, false, 1);
    fill(tlb, 0, OTHER, false, 0);
    return tlb;
  }

  private static List<String> rows(Tlb tlb) {
    var rows = new ArrayList<String>();
    tlb.forEachRow((table, key, values) -> rows.add("%d:%x".formatted(values[3], values[4])));
    return rows;
  }

  @Test
  void fence_dropsWhatItMeans() {
    Tlb tlb = mixed();
    assertThat(rows(tlb)).containsExactlyInAnyOrder("1:0", "1:1000", "1:202000", "2:0");
    assertThat(tlb.fence(0, ASID)).isEqualTo(1);
    assertThat(rows(tlb)).containsExactlyInAnyOrder("1:1000", "1:202000", "2:0");
    assertThat(tlb.fence(PAGE, ASID)).as("global").isZero();
    assertThat(tlb.fence((1L << 21) + 5 * PAGE, OTHER)).isZero();
    assertThat(tlb.fence((1L << 21) + 5 * PAGE, ASID)).as("in the superpage").isEqualTo(1);
    assertThat(rows(tlb)).containsExactlyInAnyOrder("1:1000", "2:0");

    tlb = mixed();
    assertThat(tlb.fence(ASID)).isEqualTo(2);
    assertThat(rows(tlb)).containsExactlyInAnyOrder("1:1000", "2:0");

    tlb = mixed();
    assertThat(tlb.fencePage(0)).as("of every address space").isEqualTo(2);
    assertThat(tlb.fencePage(PAGE)).as("global too").isEqualTo(1);
    assertThat(rows(tlb)).containsExactly("1:202000");

    tlb = mixed();
    assertThat(tlb.fence()).isEqualTo(4);
    assertThat(rows(tlb)).isEmpty();

    tlb = mixed();
    tlb.fenceRange(PAGE, (1L << 21) + PAGE, ASID);
    assertThat(rows(tlb)).containsExactlyInAnyOrder("1:0", "1:1000", "2:0");
  }

  private long staleInTheLog(int row) {
    log.publish();
    FoldedState folded = log.oldestState();
    folded.advance(log, log.head());
    Rows rows = folded.rows(Table.TLB);
    return rows.get(row, Table.Tlb.STALE.ordinal());
  }

  @Test
  void rowWhoseEntryChanges_isToldStale_untilBothAgree() {
    Tlb tlb = tlb(Replacement.ROUND_ROBIN, 0);
    memory.store(TABLE + 8, 8, Entry.of(5, Entry.V | Entry.R));
    int row = fill(tlb, PAGE);
    assertThat(staleInTheLog(row)).isZero();
    memory.store(TABLE + 16, 8, 1);
    assertThat(staleInTheLog(row)).as("another entry of the table").isZero();
    memory.store(TABLE + 8, 1, 0);
    assertThat(staleInTheLog(row)).as("one byte of its own").isEqualTo(1);
    assertThat(tlb.find(PAGE, ASID)).as("it is used even so").isEqualTo(row);
    memory.store(TABLE + 8, 8, Entry.of(5, Entry.V | Entry.R));
    assertThat(staleInTheLog(row)).isZero();
    memory.zeroFrame(TABLE / PAGE);
    assertThat(staleInTheLog(row)).isEqualTo(1);
    fill(tlb, PAGE);
    assertThat(staleInTheLog(row)).as("filled anew").isZero();
  }
}
