package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.lab.CommandLog.OutOfSequenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every command log has to hold, wherever it keeps its entries. */
abstract class CommandLogTest {
  private CommandLog log = new MemoryCommandLog();

  abstract CommandLog make();

  static CommandLog fill(CommandLog log, int entries) {
    IntStream.rangeClosed(1, entries).forEach(i -> log.append(i, new byte[] {(byte) i}));
    return log;
  }

  static List<Integer> read(CommandLog log, long after) {
    List<Integer> entries = new ArrayList<>();
    log.read(
        after,
        (sequence, entry) -> {
          entries.add((int) entry[0]);
          return true;
        });
    return entries;
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void entries_areReadInOrderFromAnywhere() {
    log = fill(make(), 5);
    assertThat(log.head()).isEqualTo(5);
    assertThat(read(log, 0)).containsExactly(1, 2, 3, 4, 5);
    assertThat(read(log, 3)).containsExactly(4, 5);
    assertThat(read(log, 5)).isEmpty();
  }

  @Test
  void reader_endsWhereItWants() {
    log = fill(make(), 5);
    List<Long> seen = new ArrayList<>();
    log.read(
        0,
        (sequence, entry) -> {
          seen.add(sequence);
          return sequence < 2;
        });
    assertThat(seen).containsExactly(1L, 2L);
  }

  @Test
  void entryAtAnotherNumberThanTheNext_isRefused() {
    log = fill(make(), 3);
    for (long wrong : new long[] {0, 1, 3, 5, -1}) {
      assertThatThrownBy(() -> log.append(wrong, new byte[1]))
          .isInstanceOf(OutOfSequenceException.class)
          .hasMessageContaining("the next one is 4");
    }
    assertThat(read(log, 0)).containsExactly(1, 2, 3);
  }

  @Test
  void follower_isWokenByTheNextEntry() throws InterruptedException {
    log = fill(make(), 1);
    assertThat(log.await(0, 0)).isTrue();
    assertThat(log.await(1, 1)).isFalse();
    Thread writer = Thread.ofVirtual().start(() -> log.append(2, new byte[] {2}));
    assertThat(log.await(1, 10_000)).isTrue();
    writer.join();
  }

  @Test
  void emptyAndLargeEntries_areKept() {
    log = make();
    log.append(1, new byte[0]);
    log.append(2, new byte[3 << 20]);
    List<Integer> lengths = new ArrayList<>();
    log.read(
        0,
        (sequence, entry) -> {
          lengths.add(entry.length);
          return true;
        });
    assertThat(lengths).containsExactly(0, 3 << 20);
  }
}
