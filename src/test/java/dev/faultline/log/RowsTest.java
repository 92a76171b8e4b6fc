package dev.faultline.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowsTest {
  @ParameterizedTest
  @EnumSource(names = {"FRAME", "PTE", "CACHED_PAGE", "VMA"})
  void rows_ofRandomAdditionsAndRemovals_areThoseOfANaiveMap(Table table) {
    long seed = System.nanoTime();
    System.out.println("RowsTest, " + table + ": seed " + seed);
    var random = new Random(seed);
    var rows = new Rows(table);
    var model = new TreeMap<Long, Long>();
    for (int i = 0; i < 50_000; i++) {
      // sparse, dense, far apart, negative; for a table of addresses also keys that are none
      long key =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(400);
            case 1 -> 0x8000_0000L + random.nextInt(200) * 8L;
            case 2 -> (long) random.nextInt(20) << 32 | random.nextInt(20);
            default -> -random.nextInt(100);
          };
      if (model.containsKey(key)) {
        assertThat(rows.get(key, table.width() - 1)).isEqualTo(model.get(key));
        if (random.nextBoolean()) {
          rows.remove(key);
          model.remove(key);
        } else {
          rows.set(rows.find(key), table.width() - 1, i);
          model.put(key, (long) i);
        }
      } else {
        assertThat(rows.contains(key)).isFalse();
        int place = rows.add(key);
        assertThat(rows.cell(place, table.width() - 1)).as("a new row is of zeros").isZero();
        rows.set(place, table.width() - 1, i);
        model.put(key, (long) i);
      }
      if (i % 1_000 == 0) {
        assertThat(rows.sortedKeys()).containsExactly(keys(model));
        rows = rows.copy();
      }
    }
    assertThat(rows.size()).isEqualTo(model.size());
    assertThat(rows.sortedKeys()).containsExactly(keys(model));
  }

  private static long[] keys(TreeMap<Long, Long> model) {
    return model.keySet().stream().mapToLong(key -> key).toArray();
  }

  @Test
  void row_thatIsThereOrIsNot_isNotAddedAgainNorFound() {
    var rows = new Rows(Table.FRAME);
    rows.add(5);
    assertThatThrownBy(() -> rows.add(5)).hasMessage("row 5 exists already");
    assertThatThrownBy(() -> rows.find(6)).hasMessage("there is no row 6");
  }

  @Test
  void copy_isNotChangedByWhatComesAfter() {
    var rows = new Rows(Table.FRAME);
    rows.add(5);
    Rows copy = rows.copy();
    rows.remove(5);
    rows.add(6);
    assertThat(copy.sortedKeys()).containsExactly(5);
  }
}
