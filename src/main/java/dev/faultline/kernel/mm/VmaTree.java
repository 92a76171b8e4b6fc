package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The VMAs of one address space by address; they never overlap. Every change of one goes through
 * here, to the log too.
 */
public final class VmaTree {
  private final int pid;
  private final ChangeLog log;
  private final VmaNumbers numbers;
  private final NavigableMap<Long, Vma> byStart = new TreeMap<>();

  VmaTree(int pid, VmaNumbers numbers, ChangeLog log) {
    this.pid = pid;
    this.numbers = numbers;
    this.log = log;
  }

  public int size() {
    return byStart.size();
  }

  public Collection<Vma> all() {
    return byStart.values();
  }

  /** The VMA that contains an address, or null. */
  public @Nullable Vma find(long va) {
    var below = byStart.floorEntry(va);
    return below != null && va < below.getValue().end() ? below.getValue() : null;
  }

  /** The first VMA that ends after {@code va} ({@code find_vma}), or null. */
  @Nullable Vma findFrom(long va) {
    Vma containing = find(va);
    if (containing != null) {
      return containing;
    }
    var above = byStart.ceilingEntry(va);
    return above == null ? null : above.getValue();
  }

  /** The last VMA that begins before {@code va}, or null. */
  @Nullable Vma before(long va) {
    var below = byStart.lowerEntry(va);
    return below == null ? null : below.getValue();
  }

  boolean overlaps(long start, long end) {
    Vma first = findFrom(start);
    return first != null && first.start() < end;
  }

  /**
   * Covers a free range, by a new VMA or by a neighbour that the range continues ({@code
   * vma_merge}).
   *
   * @return the VMA that now covers the range
   */
  Vma cover(
      long start, long end, int prot, boolean shared, @Nullable RegularFile file, long pageOffset) {
    Vma left = before(start);
    if (left != null
        && (left.end() != start || !left.continuesInto(prot, shared, file, pageOffset))) {
      left = null;
    }
    if (left != null && left.isForked()) {
      left = null;
    }
    Vma right = byStart.get(end);
    if (right != null
        && (right.isForked()
            || !right.isLike(prot, shared, file)
            || pageOffset + (end - start >>> 12) != right.pageOffset())) {
      right = null;
    }
    // Two neighbours become one with the range only if their anonymous pages belong together.
    if (left != null && right != null && haveOneAnonVma(left, right)) {
      long rightEnd = right.end();
      log.step(StepKind.MERGES_VMA, left.start(), rightEnd);
      long anonVma = Math.max(left.anonVma(), right.anonVma());
      remove(right);
      if (file != null) {
        file.letGo();
      }
      resize(left, left.start(), rightEnd);
      left.setAnonVma(anonVma);
      return left;
    }
    if (left != null) {
      log.step(StepKind.MERGES_VMA, left.start(), end);
      resize(left, left.start(), end);
      return left;
    }
    if (right != null) {
      log.step(StepKind.MERGES_VMA, start, right.end());
      resize(right, start, right.end());
      return right;
    }
    log.step(StepKind.ADDS_VMA, start, end);
    var vma = new Vma(numbers.next(), start, end, prot, shared, file, pageOffset);
    add(vma);
    return vma;
  }

  /**
   * Anonymous pages of a VMA come into being: it joins a neighbour's set or begins one ({@code
   * anon_vma_prepare}).
   */
  void prepareAnonymous(Vma vma) {
    if (vma.anonVma() != 0) {
      return;
    }
    Vma right = byStart.get(vma.end());
    if (right != null && right.anonVma() != 0 && areAlike(vma, right)) {
      vma.setAnonVma(right.anonVma());
      return;
    }
    Vma left = before(vma.start());
    if (left != null && left.end() == vma.start() && left.anonVma() != 0 && areAlike(left, vma)) {
      vma.setAnonVma(left.anonVma());
      return;
    }
    vma.setAnonVma(numbers.nextAnonVma());
  }

  private static boolean areAlike(Vma left, Vma right) {
    return left.isShared() == right.isShared()
        && left.file() == right.file()
        && left.pageOffset() + (left.end() - left.start() >>> 12) == right.pageOffset();
  }

  private static boolean haveOneAnonVma(Vma left, Vma right) {
    return left.anonVma() == right.anonVma() || left.anonVma() == 0 || right.anonVma() == 0;
  }

  /**
   * Splits a VMA at an address inside it; the part below keeps its number. Gives the part above.
   */
  Vma split(Vma vma, long at) {
    log.step(StepKind.SPLITS_VMA, vma.start(), vma.end(), at);
    var above =
        new Vma(
            numbers.next(),
            at,
            vma.end(),
            vma.prot(),
            vma.isShared(),
            vma.file(),
            vma.filePage(at));
    above.setAnonVma(vma.anonVma());
    above.setForked(vma.isForked());
    resize(vma, vma.start(), at);
    add(above);
    return above;
  }

  /**
   * A parent's VMA appears in this child's address space. Its anonymous pages are a set of their
   * own from now on.
   */
  Vma inherit(Vma parent) {
    var vma =
        new Vma(
            numbers.next(),
            parent.start(),
            parent.end(),
            parent.prot(),
            parent.isShared(),
            parent.file(),
            parent.pageOffset());
    if (parent.anonVma() != 0) {
      vma.setAnonVma(numbers.nextAnonVma());
      vma.setForked(true);
    }
    add(vma);
    return vma;
  }

  private void add(Vma vma) {
    byStart.put(vma.start(), vma);
    if (vma.file() != null) {
      vma.file().hold();
    }
    write(log.insert(Table.VMA, vma.number()), vma);
  }

  /** Removes a VMA. Its hold on its file is the caller's to let go of. */
  void remove(Vma vma) {
    byStart.remove(vma.start());
    write(log.delete(Table.VMA, vma.number()), vma);
  }

  private void resize(Vma vma, long start, long end) {
    long oldStart = vma.start();
    long oldEnd = vma.end();
    long oldOffset = vma.fileOffset();
    byStart.remove(oldStart);
    vma.setRange(start, end);
    byStart.put(start, vma);
    log.update(Table.VMA, vma.number())
        .column(Table.Vma.START, oldStart, start)
        .column(Table.Vma.END, oldEnd, end)
        .column(Table.Vma.OFFSET, oldOffset, vma.fileOffset())
        .end();
  }

  private void write(ChangeLog record, Vma vma) {
    forRow(
        (table, key, values) -> {
          for (long value : values) {
            record.value(value);
          }
          record.end();
        },
        vma);
  }

  void forEachRow(RowReader reader) {
    byStart.values().forEach(vma -> forRow(reader, vma));
  }

  private void forRow(RowReader reader, Vma vma) {
    RegularFile file = vma.file();
    reader.row(
        Table.VMA,
        vma.number(),
        vma.number(),
        pid,
        vma.start(),
        vma.end(),
        vma.prot(),
        vma.isShared() ? 1 : 0,
        file == null ? 0 : file.number(),
        vma.fileOffset(),
        file == null ? 0 : log.intern(file.path()));
  }
}
