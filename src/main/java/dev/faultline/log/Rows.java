package dev.faultline.log;

import java.util.Arrays;

/**
 * The rows of one table by key: open addressing with linear probing over primitive arrays, deletion
 * by shifting back. Keys that follow each other closely stand side by side, because what happens to
 * one frame or entry mostly happens to its neighbours next.
 */
public final class Rows {
  private static final int FIRST_CAPACITY = 16;

  /** So many keys in a row have their homes in a row. */
  private static final int NEIGHBOURS = 8;

  private final int width;
  private long[] keys = new long[FIRST_CAPACITY];
  private boolean[] taken = new boolean[FIRST_CAPACITY];
  private long[] cells;
  private int size;

  public Rows(int width) {
    this.width = width;
    cells = new long[FIRST_CAPACITY * width];
  }

  private Rows(Rows other) {
    width = other.width;
    keys = other.keys.clone();
    taken = other.taken.clone();
    cells = other.cells.clone();
    size = other.size;
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
    return taken[slot(key)];
  }

  /** The value of a column in the row with this key, which must exist. */
  public long get(long key, Column column) {
    return cells[find(key) * width + column.ordinal()];
  }

  public long get(long key, int column) {
    return cells[find(key) * width + column];
  }

  /** All keys in ascending order. */
  public long[] sortedKeys() {
    long[] sorted = new long[size];
    int count = 0;
    for (int slot = 0; slot < keys.length; slot++) {
      if (taken[slot]) {
        sorted[count++] = keys[slot];
      }
    }
    Arrays.sort(sorted);
    return sorted;
  }

  /** Adds a row of zeros and gives its place, good until the next addition or removal. */
  public int add(long key) {
    if (size * 2 >= keys.length) {
      grow();
    }
    int slot = slot(key);
    if (taken[slot]) {
      throw new IllegalStateException("row " + key + " exists already");
    }
    taken[slot] = true;
    keys[slot] = key;
    size++;
    return slot;
  }

  public void set(int place, int column, long value) {
    cells[place * width + column] = value;
  }

  /** A cell of the row at a place. */
  public long cell(int place, int column) {
    return cells[place * width + column];
  }

  /** The place of the row with this key, which must exist; good until the next change of rows. */
  public int find(long key) {
    int slot = slot(key);
    if (!taken[slot]) {
      throw new IllegalStateException("there is no row " + key);
    }
    return slot;
  }

  void remove(long key) {
    int hole = find(key);
    int mask = keys.length - 1;
    for (int slot = hole + 1 & mask; taken[slot]; slot = slot + 1 & mask) {
      int home = home(keys[slot]);
      // The row may fill the hole only when its home does not lie between the hole and itself.
      if ((slot - home & mask) >= (slot - hole & mask)) {
        keys[hole] = keys[slot];
        System.arraycopy(cells, slot * width, cells, hole * width, width);
        hole = slot;
      }
    }
    taken[hole] = false;
    size--;
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    int slot = home(key);
    while (taken[slot] && keys[slot] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private int home(long key) {
    // Entries of page tables lie eight bytes apart.
    long number = (key & 7) == 0 ? key >>> 3 : key;
    int group = (int) (number / NEIGHBOURS * 0x9E3779B97F4A7C15L >>> 32);
    return group * NEIGHBOURS + (int) (number & NEIGHBOURS - 1) & keys.length - 1;
  }

  private void grow() {
    Rows larger = new Rows(width);
    larger.keys = new long[keys.length * 2];
    larger.taken = new boolean[keys.length * 2];
    larger.cells = new long[cells.length * 2];
    for (int slot = 0; slot < keys.length; slot++) {
      if (taken[slot]) {
        int place = larger.slot(keys[slot]);
        larger.taken[place] = true;
        larger.keys[place] = keys[slot];
        System.arraycopy(cells, slot * width, larger.cells, place * width, width);
      }
    }
    keys = larger.keys;
    taken = larger.taken;
    cells = larger.cells;
  }
}
