package dev.faultline.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.log.Table.Frame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ChangeLogTest {
  private static final int PLENTY = 1 << 20;
  private static final int TWO_CHUNKS = 2 * ChangeLog.CHUNK_WORDS;

  private static void insert(ChangeLog log, long ppn, long refs) {
    ChangeLog row = log.insert(Table.FRAME, ppn);
    for (Column column : Table.FRAME.columns()) {
      row.value(column == Frame.PPN ? ppn : column == Frame.REFS ? refs : 0);
    }
    row.end();
  }

  private static void delete(ChangeLog log, long ppn, long refs) {
    ChangeLog row = log.delete(Table.FRAME, ppn);
    for (Column column : Table.FRAME.columns()) {
      row.value(column == Frame.PPN ? ppn : column == Frame.REFS ? refs : 0);
    }
    row.end();
  }

  @Test
  void sequenceNumbers_beginAtOneAndHaveNoGaps() {
    var log = new ChangeLog(PLENTY);
    log.step(StepKind.ANONYMOUS_WRITE);
    insert(log, 7, 1);
    log.intern("new");
    log.publish();
    List<Long> seen = new ArrayList<>();
    Cursor cursor = log.cursor(0);
    while (cursor.next()) {
      seen.add(cursor.sequence());
    }
    assertThat(seen).containsExactly(1L, 2L, 3L);
    assertThat(log.head()).isEqualTo(3);
  }

  @Test
  void records_areSeenOnlyWhenPublished() {
    var log = new ChangeLog(PLENTY);
    log.step(StepKind.ANONYMOUS_WRITE);
    Cursor cursor = log.cursor(0);
    assertThat(cursor.next()).isFalse();
    log.publish();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).isFalse();
  }

  @Test
  void update_carriesOnlyColumnsThatChange() {
    var log = new ChangeLog(PLENTY);
    insert(log, 7, 1);
    log.update(Table.FRAME, 7)
        .column(Frame.REFS, 1, 2)
        .column(Frame.MAPPINGS, 0, 0)
        .column(Frame.CACHED, 0, 1)
        .end();
    log.publish();
    Cursor cursor = log.cursor(1);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.columns())
        .isEqualTo(1L << Frame.REFS.ordinal() | 1L << Frame.CACHED.ordinal());
    assertThat(cursor.before(0)).isEqualTo(1);
    assertThat(cursor.after(0)).isEqualTo(2);
    assertThat(cursor.after(1)).isEqualTo(1);
  }

  @Test
  void updateThatChangesNothing_leavesNoRecord() {
    var log = new ChangeLog(PLENTY);
    log.update(Table.FRAME, 7).column(Frame.REFS, 1, 1).end();
    log.publish();
    assertThat(log.head()).isZero();
  }

  @Test
  void intern_givesEachTextOneNumberAndOneRecord() {
    var log = new ChangeLog(PLENTY);
    long first = log.intern("/lib/a");
    assertThat(log.intern("/lib/a")).isEqualTo(first);
    assertThat(log.intern("")).isZero();
    log.publish();
    assertThat(log.head()).isEqualTo(1);
    assertThat(log.strings().text((int) first)).isEqualTo("/lib/a");
  }

  @Test
  void textOfAnOperation_isIntroducedRightAfterIt() {
    var log = new ChangeLog(PLENTY);
    log.operation(OperationKind.SPAWN, 1, log.internForOperation("sh"));
    log.step(StepKind.FINDS_FILE, log.intern("/bin/sh"), 4, 5);
    log.publish();
    Cursor cursor = log.cursor(0);
    List<RecordType> types = new ArrayList<>();
    while (cursor.next()) {
      types.add(cursor.type());
    }
    assertThat(types)
        .containsExactly(
            RecordType.OPERATION, RecordType.STRING, RecordType.STRING, RecordType.STEP);
  }

  @Test
  void cursor_beginsAnywhereAcrossChunks() {
    var log = new ChangeLog(PLENTY);
    for (int i = 0; i < 20_000; i++) {
      log.step(StepKind.CACHE_HIT, i, 0, 0);
    }
    log.publish();
    for (long after : new long[] {0, 1, 126, 127, 128, 2_000, 9_999, 19_998}) {
      Cursor cursor = log.cursor(after);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.sequence()).isEqualTo(after + 1);
      assertThat(cursor.argument(0)).isEqualTo(after);
    }
    assertThat(log.cursor(20_000).next()).isFalse();
  }

  @Test
  void oldRecords_areFoldedAwayWhenTheLogIsFull() {
    var log = new ChangeLog(TWO_CHUNKS);
    insert(log, 7, 1);
    for (int i = 1; i < 50_000; i++) {
      log.update(Table.FRAME, 7).column(Frame.REFS, i, i + 1).end();
    }
    log.publish();
    assertThat(log.oldest()).isPositive();
    assertThatThrownBy(() -> log.cursor(0).next()).isInstanceOf(SequenceGoneException.class);
    FoldedState state = log.oldestState();
    assertThat(state.sequence()).isEqualTo(log.oldest());
    assertThat(state.rows(Table.FRAME).get(7, Frame.REFS)).isEqualTo(log.oldest());
    state.advance(log, log.head());
    assertThat(state.rows(Table.FRAME).get(7, Frame.REFS)).isEqualTo(50_000);
  }

  @Test
  void foldedState_equalsANaiveFold() {
    long seed = System.nanoTime();
    System.out.println("ChangeLogTest seed " + seed);
    var random = new Random(seed);
    var log = new ChangeLog(TWO_CHUNKS);
    Map<Long, Long> naive = new TreeMap<>();
    List<Map<Long, Long>> history = new ArrayList<>(Collections.singletonList(Map.of()));
    for (int i = 0; i < 20_000; i++) {
      long key = random.nextInt(300) * 4096L;
      Long refs = naive.get(key);
      if (refs == null) {
        insert(log, key, 1);
        naive.put(key, 1L);
      } else if (random.nextInt(3) == 0) {
        delete(log, key, refs);
        naive.remove(key);
      } else {
        log.update(Table.FRAME, key).column(Frame.REFS, refs, refs + 5).end();
        naive.put(key, refs + 5);
      }
      history.add(i >= 15_000 ? Map.copyOf(naive) : Map.of());
    }
    log.publish();
    assertThat(log.oldest()).isBetween(15_000L, 19_900L);
    for (long moment : new long[] {log.oldest(), 19_950, 20_000}) {
      FoldedState state = log.oldestState();
      state.advance(log, moment);
      Rows rows = state.rows(Table.FRAME);
      Map<Long, Long> folded = new TreeMap<>();
      for (long key : rows.sortedKeys()) {
        folded.put(key, rows.get(key, Frame.REFS));
      }
      assertThat(folded).isEqualTo(new TreeMap<>(history.get((int) moment)));
    }
  }

  @Test
  void await_endsWhenRecordsArePublished() throws InterruptedException {
    var log = new ChangeLog(PLENTY);
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                log.await(0, 60_000);
              } catch (InterruptedException exception) {
                Thread.currentThread().interrupt();
              }
            });
    log.step(StepKind.ANONYMOUS_WRITE);
    log.publish();
    reader.join(10_000);
    assertThat(reader.isAlive()).isFalse();
  }
}
