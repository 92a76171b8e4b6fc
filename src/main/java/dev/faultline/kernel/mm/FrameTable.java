package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.memory.PhysicalMemory;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Owns every frame: which are free, what the others are used for, and who refers to them.
 *
 * <p>Invariant, for each frame in use: {@code refs = mappings + cached + pins + parent}, and {@code
 * refs > 0}. The count {@code refs} and the counts by reason are kept apart, as Linux keeps {@code
 * _refcount} and {@code _mapcount} apart, so that the audit can hold one against the other. A frame
 * whose last reference goes becomes free at once.
 */
public final class FrameTable {
  private static final Frame[] COLUMNS = Frame.values();
  private static final FrameKind[] KINDS = FrameKind.values();
  private static final int WIDTH = COLUMNS.length;
  private static final int FIRST_FRAMES = 32;

  private final PhysicalMemory memory;
  private final ChangeLog log;

  /** A row a frame, in the columns of the log's table, as far as frames were ever used. */
  private long[] rows = new long[FIRST_FRAMES * WIDTH];

  private int[] freed = new int[FIRST_FRAMES];
  private int freedCount;
  private int neverUsed;
  private final long[] totals = new long[Reference.values().length];
  private BooleanSupplier reclaimer = () -> false;

  public FrameTable(PhysicalMemory memory, ChangeLog log) {
    this.memory = memory;
    this.log = log;
  }

  /** Who is asked to give a frame back when none is free; answers whether it did. */
  void reclaimWith(BooleanSupplier newReclaimer) {
    reclaimer = newReclaimer;
  }

  public int total() {
    return memory.frames();
  }

  public int free() {
    return total() - neverUsed + freedCount;
  }

  /**
   * Takes a free frame, the one freed last if there is one, with a first reference. Its bytes are
   * whatever they were.
   *
   * @param pid whose it is, 0 for nobody's
   * @throws OutOfFrames when there is none
   */
  public long take(FrameKind kind, Reference reference, int pid) {
    return take(kind, reference, pid, 0, 0, 0);
  }

  /**
   * Takes a frame for a page of a file or a private copy of one.
   *
   * @param origin the frame that a private copy is made from, 0 for none
   * @throws OutOfFrames when there is none
   */
  public long take(
      FrameKind kind, Reference reference, int pid, long inode, long page, long origin) {
    if (free() == 0 && !reclaimer.getAsBoolean()) {
      throw new OutOfFrames();
    }
    int ppn = freedCount > 0 ? freed[--freedCount] : neverUsed++;
    log.step(StepKind.TAKES_FRAME, ppn, kind.ordinal());
    if ((ppn + 1) * WIDTH > rows.length) {
      rows = Arrays.copyOf(rows, rows.length * 2);
    }
    set(ppn, Frame.PPN, ppn);
    set(ppn, Frame.KIND, kind.ordinal());
    set(ppn, Frame.REFS, 1);
    for (Reference reason : REASONS) {
      set(ppn, reason.column(), reason == reference ? 1 : 0);
    }
    totals[reference.ordinal()]++;
    set(ppn, Frame.PID, pid);
    set(ppn, Frame.INODE, inode);
    set(ppn, Frame.PAGE, page);
    set(ppn, Frame.ORIGIN, origin);
    write(log.insert(Table.FRAME, ppn), ppn);
    return ppn;
  }

  private static final Reference[] REASONS = Reference.values();

  /** Adds a reference. */
  public void get(long ppn, Reference reason) {
    change((int) ppn, reason, 1);
  }

  /** Drops a reference; a frame that loses its last one is free. */
  public void put(long ppn, Reference reason) {
    int frame = (int) ppn;
    boolean last = at(frame, Frame.REFS) == 1;
    if (last) {
      log.step(StepKind.FREES, ppn);
    }
    change(frame, reason, -1);
    if (last) {
      free(frame);
    }
  }

  private void free(int frame) {
    write(log.delete(Table.FRAME, frame), frame);
    set(frame, Frame.PPN, 0);
    if (freedCount == freed.length) {
      freed = Arrays.copyOf(freed, freedCount * 2);
    }
    freed[freedCount++] = frame;
  }

  private void change(int ppn, Reference reason, int by) {
    long refs = at(ppn, Frame.REFS);
    long count = at(ppn, reason.column());
    if (refs == 0 || count + by < 0) {
      throw new IllegalStateException(
          "frame 0x" + Integer.toHexString(ppn) + ": " + refs + " refs, " + count + " " + reason);
    }
    log.update(Table.FRAME, ppn)
        .column(Frame.REFS, refs, refs + by)
        .column(reason.column(), count, count + by)
        .end();
    set(ppn, Frame.REFS, refs + by);
    set(ppn, reason.column(), count + by);
    totals[reason.ordinal()] += by;
  }

  /** How many references of one kind there are to all frames together. */
  public long total(Reference reason) {
    return totals[reason.ordinal()];
  }

  public FrameKind kind(long ppn) {
    return KINDS[(int) at((int) ppn, Frame.KIND)];
  }

  public long refs(long ppn) {
    return at((int) ppn, Frame.REFS);
  }

  public long count(long ppn, Reference reason) {
    return at((int) ppn, reason.column());
  }

  /**
   * The file whose page the frame holds, or held when a private copy was made of it; 0 for none.
   */
  public long inode(long ppn) {
    return at((int) ppn, Frame.INODE);
  }

  /** The number of that page in its file. */
  public long page(long ppn) {
    return at((int) ppn, Frame.PAGE);
  }

  /** The frame that a private copy was made from, 0 for none. */
  public long origin(long ppn) {
    return at((int) ppn, Frame.ORIGIN);
  }

  /** True when the frame is in use. */
  public boolean isUsed(long ppn) {
    return ppn >= 0 && ppn < neverUsed && at((int) ppn, Frame.REFS) > 0;
  }

  void zero(long ppn) {
    log.step(StepKind.ZEROES, ppn);
    memory.zeroFrame(ppn);
  }

  void copy(long from, long to) {
    log.step(StepKind.COPIES, from, to);
    memory.copyFrame(from, to);
  }

  /** Gives every frame in use with its values to {@code reader}. */
  public void forEachRow(RowReader reader) {
    for (int ppn = 0; ppn < neverUsed; ppn++) {
      if (at(ppn, Frame.REFS) > 0) {
        reader.row(Table.FRAME, ppn, Arrays.copyOfRange(rows, ppn * WIDTH, (ppn + 1) * WIDTH));
      }
    }
  }

  private void write(ChangeLog record, int ppn) {
    for (int column = 0; column < WIDTH; column++) {
      record.value(rows[ppn * WIDTH + column]);
    }
    record.end();
  }

  private long at(int ppn, Frame column) {
    return rows[ppn * WIDTH + column.ordinal()];
  }

  private void set(int ppn, Frame column, long value) {
    rows[ppn * WIDTH + column.ordinal()] = value;
  }
}
