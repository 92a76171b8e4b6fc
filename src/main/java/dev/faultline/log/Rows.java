package dev.faultline.log;

import java.util.Arrays;

/**
 * The rows of one table by key, in primitive arrays. Sixteen keys that follow each other have a
 * group of places side by side, and the groups are found by open addressing. What happens to one
 * frame or entry mostly happens to its neighbours next, so that most rows are found in the group
 * that was used last.
 */
public final class Rows {
  private static final int GROUP_SHIFT = 4;
  private static final int GROUP = 1 << GROUP_SHIFT;
  private static final int FIRST_GROUPS = 1;

  private final int width;

  /** Keys of entries of page tables are addresses eight bytes apart. */
  private final int keyShift;

  private int size;
  private int groups;

  /** What the keys of a group have in common, by group. */
  private long[] numbers = new long[FIRST_GROUPS];

  /** Which places of a group hold a row, a bit each, by group. */
  private int[] taken = new int[FIRST_GROUPS];

  private long[] cells;

  /** The groups plus one, 0 for none, each at the first free slot from its number's home on. */
  private int[] slots = new int[2 * FIRST_GROUPS];

  private int recent;

  public Rows(TableShape shape) {
    width = shape.width();
    keyShift = width > 0 && shape.columns().getFirst().format() == Format.HEX ? 3 : 0;
    cells = new long[FIRST_GROUPS * GROUP * width];
  }

  private Rows(Rows other) {
    width = other.width;
    keyShift = other.keyShift;
    size = other.size;
    groups = other.groups;
    numbers = other.numbers.clone();
    taken = other.taken.clone();
    cells = other.cells.clone();
    slots = other.slots.clone();
    recent = other.recent;
  }

  Rows copy() {
    return new Rows(this);
  }

  public int width() {
    return width;
  }

  public int size() {
    return size;
  }

  public boolean contains(long key) {
    return place(key) >= 0;
  }

  /** The value of a column in the row with this key, which must exist. */
  public long get(long key, Column column) {
    return get(key, column.ordinal());
  }

  public long get(long key, int column) {
    return cell(find(key), column);
  }

  /** All keys in ascending order. */
  public long[] sortedKeys() {
    long[] sorted = new long[size];
    int count = 0;
    for (int group = 0; group < groups; group++) {
      for (int bits = taken[group]; bits != 0; bits &= bits - 1) {
        long index = numbers[group] << GROUP_SHIFT | Integer.numberOfTrailingZeros(bits);
        sorted[count++] = Long.rotateLeft(index, keyShift);
      }
    }
    Arrays.sort(sorted);
    return sorted;
  }

  /** Adds a row of zeros and gives its place, good until the next addition. */
  public int add(long key) {
    int place = take(key);
    Arrays.fill(cells, place * width, (place + 1) * width, 0);
    return place;
  }

  /** Adds a row with these values, one a column. */
  void add(long key, long[] values, int from) {
    int place = take(key);
    System.arraycopy(values, from, cells, place * width, width);
  }

  private int take(long key) {
    long index = Long.rotateRight(key, keyShift);
    int group = group(index >>> GROUP_SHIFT);
    if (group < 0) {
      group = addGroup(index >>> GROUP_SHIFT);
    }
    int within = (int) (index & GROUP - 1);
    if ((taken[group] & 1 << within) != 0) {
      throw new IllegalStateException("row " + key + " exists already");
    }
    taken[group] |= 1 << within;
    size++;
    return group << GROUP_SHIFT | within;
  }

  public void set(int place, int column, long value) {
    cells[place * width + column] = value;
  }

  /** A cell of the row at a place. */
  public long cell(int place, int column) {
    return cells[place * width + column];
  }

  /** The place of the row with this key, which must exist; good until the next addition. */
  public int find(long key) {
    int place = place(key);
    if (place < 0) {
      throw new IllegalStateException("there is no row " + key);
    }
    return place;
  }

  void remove(long key) {
    int place = find(key);
    taken[place >>> GROUP_SHIFT] &= ~(1 << (place & GROUP - 1));
    size--;
  }

  private int place(long key) {
    long index = Long.rotateRight(key, keyShift);
    int group = group(index >>> GROUP_SHIFT);
    int within = (int) (index & GROUP - 1);
    return group < 0 || (taken[group] & 1 << within) == 0 ? -1 : group << GROUP_SHIFT | within;
  }

  /** The group with this number, or -1. */
  private int group(long number) {
    if (recent < groups && numbers[recent] == number) {
      return recent;
    }
    int group = slots[slot(number)] - 1;
    if (group >= 0) {
      recent = group;
    }
    return group;
  }

  /** Where a group's slot is, or the free one where it would be. */
  private int slot(long number) {
    int mask = slots.length - 1;
    int slot = (int) (number * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (slots[slot] != 0 && numbers[slots[slot] - 1] != number) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private int addGroup(long number) {
    if (groups == numbers.length) {
      makeRoom();
    }
    numbers[groups] = number;
    taken[groups] = 0;
    recent = groups;
    slots[slot(number)] = ++groups;
    return recent;
  }

  /** Drops the groups without rows, and doubles the room when most groups have some. */
  private void makeRoom() {
    int kept = 0;
    for (int group = 0; group < groups; group++) {
      if (taken[group] != 0) {
        numbers[kept] = numbers[group];
        taken[kept] = taken[group];
        int words = GROUP * width;
        System.arraycopy(cells, group * words, cells, kept * words, words);
        kept++;
      }
    }
    groups = kept;
    if (kept > numbers.length / 2) {
      numbers = Arrays.copyOf(numbers, numbers.length * 2);
      taken = Arrays.copyOf(taken, taken.length * 2);
      cells = Arrays.copyOf(cells, cells.length * 2);
    }
    slots = new int[numbers.length * 2];
    for (int group = 0; group < groups; group++) {
      slots[slot(numbers[group])] = group + 1;
    }
  }
}
