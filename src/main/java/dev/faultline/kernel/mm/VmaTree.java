package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The VMAs of one address space by address; they never overlap. Every change of one goes through
 * here, to the log and to the file's mappings too.
 *
 * <p>Neighbours are merged as {@code mm/vma.c} does: they must have the same flags and the same
 * open file, continue each other in the file, and their sets of anonymous pages must belong
 * together ({@link #fits}).
 */
public final class VmaTree {
  private final AddressSpace space;
  private final FileMappings mappings;
  private final ChangeLog log;
  private final Refusal refusal;
  private final VmaNumbers numbers;
  private final NavigableMap<Long, Vma> byStart = new TreeMap<>();
  private final GapIndex gaps = new GapIndex();

  /** The VMA that was found last: faults come in clusters. */
  private @Nullable Vma recent;

  VmaTree(AddressSpace space, VmaNumbers numbers, FileMappings mappings, ChangeLog log) {
    this.space = space;
    this.numbers = numbers;
    this.mappings = mappings;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  public int size() {
    return byStart.size();
  }

  public Collection<Vma> all() {
    return byStart.values();
  }

  /** The VMA that contains an address, or null. */
  public @Nullable Vma find(long va) {
    Vma last = recent;
    if (last != null && last.start() <= va && va < last.end()) {
      return last;
    }
    var below = byStart.floorEntry(va);
    if (below == null || va >= below.getValue().end()) {
      return null;
    }
    recent = below.getValue();
    return below.getValue();
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

  /** Where the first VMA above {@code va} begins that has so much room before it; -1 for none. */
  long lowestGapEnd(long va, long width) {
    return gaps.lowest(va, width);
  }

  /** Where the last VMA at {@code va} or below begins that has so much room before it. */
  long highestGapEnd(long va, long width) {
    return gaps.highest(va, width);
  }

  /** A VMA begins or ends elsewhere, or is new, or is gone: the gaps at its sides changed. */
  private void changeGaps(long start) {
    Vma here = byStart.get(start);
    Vma below = before(start);
    long from = below == null ? AddressSpace.LOWEST : Math.max(below.end(), AddressSpace.LOWEST);
    if (here != null) {
      gaps.put(start, start - from);
      from = Math.max(here.end(), AddressSpace.LOWEST);
    }
    var above = byStart.higherEntry(start);
    if (above != null) {
      gaps.put(above.getKey(), above.getKey() - from);
    }
  }

  boolean overlaps(long start, long end) {
    Vma first = findFrom(start);
    return first != null && first.start() < end;
  }

  /**
   * Covers a free range, by a new VMA or by a neighbour that the range continues ({@code
   * vma_merge_new_range}).
   *
   * @return the VMA that now covers the range
   */
  Vma cover(long start, long end, long flags, @Nullable OpenFile source, long pageOffset) {
    return cover(start, end, flags, source, pageOffset, null);
  }

  /**
   * Covers a free range with what a VMA maps from a page on, so that its pages can move there
   * ({@code copy_vma}).
   */
  Vma coverLike(Vma copied, long start, long end, long pageOffset) {
    return cover(start, end, copied.flags(), copied.source(), pageOffset, copied);
  }

  private Vma cover(
      long start,
      long end,
      long flags,
      @Nullable OpenFile source,
      long pageOffset,
      @Nullable Vma copied) {
    long anonVma = copied == null ? 0 : copied.anonVma();
    boolean forked = copied != null && copied.isForked();
    Vma left = before(start);
    if (left != null
        && (left.end() != start
            || !left.continuesInto(flags, source, pageOffset)
            || !fits(left, anonVma, forked))) {
      left = null;
    }
    Vma right = byStart.get(end);
    if (right != null
        && (!right.isLike(flags, source)
            || pageOffset + (end - start >>> 12) != right.pageOffset()
            || !fits(right, anonVma, forked)
            || left != null && !haveOneAnonVma(left, right))) {
      right = null;
    }
    if (left != null || right != null) {
      Vma target = merge(left, null, right, start, end);
      target.adoptAnonVma(anonVma, forked);
      keepSticky(target, flags);
      return target;
    }
    log.step(StepKind.ADDS_VMA, start, end);
    var vma = new Vma(space, numbers.next(), start, end, flags, source, pageOffset);
    vma.adoptAnonVma(anonVma, forked);
    add(vma);
    return vma;
  }

  /**
   * Makes a VMA longer, and one with what follows if they are alike ({@code vma_merge_extend});
   * that its anonymous pages hang on a parent's is then no reason against it.
   */
  void extend(Vma vma, long end) {
    Vma right = byStart.get(end);
    boolean joins =
        right != null
            && right.isLike(vma.flags(), vma.source())
            && vma.filePage(end) == right.pageOffset()
            && fits(right, vma.anonVma(), false);
    merge(vma, null, joins ? right : null, vma.end(), end);
  }

  /**
   * Gives part or all of a VMA other flags; it is split, or the part joins neighbours that it is
   * now like ({@code vma_modify}).
   *
   * @return the VMA that now covers the range
   */
  Vma modify(Vma vma, long start, long end, long flags) {
    Vma left = start == vma.start() ? before(start) : null;
    if (left != null
        && (left.end() != start
            || !left.continuesInto(flags, vma.source(), vma.pageOffset())
            || !fits(left, vma.anonVma(), vma.isForked()))) {
      left = null;
    }
    Vma right = end == vma.end() ? byStart.get(end) : null;
    if (right != null
        && (!right.isLike(flags, vma.source())
            || vma.filePage(end) != right.pageOffset()
            || !fits(right, vma.anonVma(), vma.isForked())
            || left != null && !haveOneAnonVma(left, right))) {
      right = null;
    }
    if (left != null || right != null) {
      return merge(left, vma, right, start, end);
    }
    Vma modified = vma;
    if (vma.start() < start) {
      checkRoomForSplit();
      modified = split(vma, start);
    }
    if (end < modified.end()) {
      checkRoomForSplit();
      split(modified, end);
    }
    setFlags(modified, flags);
    return modified;
  }

  private void checkRoomForSplit() {
    if (size() >= Mmap.MAX_MAP_COUNT) {
      throw refusal.of(Errno.ENOMEM, StepKind.TOO_MANY_VMAS, Mmap.MAX_MAP_COUNT);
    }
  }

  /**
   * A neighbour, or both made one, takes over a range, from the VMA that covers it if there is one.
   *
   * @param middle the VMA that has the range, null when it is free
   */
  private Vma merge(
      @Nullable Vma left, @Nullable Vma middle, @Nullable Vma right, long start, long end) {
    Vma target = left != null ? left : Objects.requireNonNull(right);
    long newStart = left != null ? left.start() : start;
    long newEnd = right != null ? right.end() : end;
    log.step(StepKind.MERGES_VMA, newStart, newEnd);
    if (middle != null) {
      target.adoptAnonVma(middle.anonVma(), middle.isForked());
      keepSticky(target, middle.flags());
      if (middle.start() == start && middle.end() == end) {
        absorb(middle);
      } else if (left != null) {
        resize(middle, end, middle.end());
      } else {
        resize(middle, middle.start(), start);
      }
    }
    if (left != null && right != null) {
      target.adoptAnonVma(right.anonVma(), right.isForked());
      keepSticky(target, right.flags());
      absorb(right);
    }
    resize(target, newStart, newEnd);
    return target;
  }

  private void keepSticky(Vma vma, long flags) {
    long kept = vma.flags() | flags & VmFlag.STICKY;
    if (kept != vma.flags()) {
      setFlags(vma, kept);
    }
  }

  /** Removes a VMA whose neighbour has the file too. */
  private void absorb(Vma vma) {
    remove(vma);
    if (vma.file() != null) {
      vma.file().letGo();
    }
  }

  /**
   * Whether a VMA may take over pages of another set of anonymous pages, 0 for none ({@code
   * is_mergeable_anon_vma}). A set that hangs on a parent's is not made longer that way.
   */
  private static boolean fits(Vma target, long anonVma, boolean forked) {
    if (target.anonVma() == 0) {
      return anonVma == 0 || !forked;
    }
    return anonVma == 0 ? !target.isForked() : target.anonVma() == anonVma;
  }

  private static boolean haveOneAnonVma(Vma left, Vma right) {
    return left.anonVma() == right.anonVma() || left.anonVma() == 0 || right.anonVma() == 0;
  }

  /** Changes flags without a look at the neighbours. */
  void setFlags(Vma vma, long flags) {
    long old = vma.flags();
    space.limits().count(old, -vma.pages());
    vma.setFlags(flags);
    space.limits().count(flags, vma.pages());
    log.update(Table.VMA, vma.number())
        .column(Table.Vma.PROT, old & VmFlag.ACCESS, vma.prot())
        .column(Table.Vma.FLAGS, others(old), others(flags))
        .end();
  }

  private static long others(long flags) {
    return flags & ~(VmFlag.ACCESS | VmFlag.SHARED);
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
    if (right != null && lends(right) && areAlike(vma, right)) {
      vma.adoptAnonVma(right.anonVma(), false);
      return;
    }
    Vma left = before(vma.start());
    if (left != null && left.end() == vma.start() && lends(left) && areAlike(left, vma)) {
      vma.adoptAnonVma(left.anonVma(), false);
      return;
    }
    vma.adoptAnonVma(numbers.nextAnonVma(), false);
  }

  private static boolean lends(Vma vma) {
    return vma.anonVma() != 0 && !vma.isForked();
  }

  private static boolean areAlike(Vma left, Vma right) {
    return ((left.flags() ^ right.flags()) & ~(VmFlag.ACCESS | VmFlag.STICKY)) == 0
        && left.source() == right.source()
        && left.filePage(left.end()) == right.pageOffset();
  }

  /**
   * Splits a VMA at an address inside it; the part below keeps its number. Gives the part above.
   */
  Vma split(Vma vma, long at) {
    log.step(StepKind.SPLITS_VMA, vma.start(), vma.end(), at);
    var above =
        new Vma(space, numbers.next(), at, vma.end(), vma.flags(), vma.source(), vma.filePage(at));
    above.adoptAnonVma(vma.anonVma(), vma.isForked());
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
            space,
            numbers.next(),
            parent.start(),
            parent.end(),
            parent.flags() & ~VmFlag.ANY_LOCK,
            parent.source(),
            parent.pageOffset());
    if (parent.anonVma() != 0 && (parent.flags() & VmFlag.WIPEONFORK) == 0) {
      vma.adoptAnonVma(numbers.nextAnonVma(), true);
    }
    add(vma);
    return vma;
  }

  /** A stack reaches further down. */
  void growDown(Vma vma, long start) {
    log.step(StepKind.GROWS_STACK, start, vma.end());
    resize(vma, start, vma.end());
  }

  private void add(Vma vma) {
    byStart.put(vma.start(), vma);
    changeGaps(vma.start());
    space.limits().count(vma.flags(), vma.pages());
    if (vma.file() != null) {
      vma.file().hold();
      mappings.add(vma.file(), vma);
    }
    write(log.insert(Table.VMA, vma.number()), vma);
  }

  /** Removes a VMA. Its hold on its file is the caller's to let go of. */
  void remove(Vma vma) {
    byStart.remove(vma.start());
    gaps.remove(vma.start());
    changeGaps(vma.start());
    space.limits().count(vma.flags(), -vma.pages());
    recent = null;
    if (vma.file() != null) {
      mappings.remove(vma.file(), vma);
    }
    write(log.delete(Table.VMA, vma.number()), vma);
  }

  private void resize(Vma vma, long start, long end) {
    // A superpage never lies in two VMAs (vma_adjust_trans_huge).
    space.tables().splitAt(start);
    space.tables().splitAt(end);
    long oldStart = vma.start();
    long oldEnd = vma.end();
    long oldOffset = vma.fileOffset();
    byStart.remove(oldStart);
    space.limits().count(vma.flags(), -vma.pages());
    vma.setRange(start, end);
    space.limits().count(vma.flags(), vma.pages());
    byStart.put(start, vma);
    if (start != oldStart) {
      gaps.remove(oldStart);
    }
    changeGaps(start);
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
        space.pid(),
        vma.start(),
        vma.end(),
        vma.prot(),
        vma.isShared() ? 1 : 0,
        file == null ? 0 : file.number(),
        vma.fileOffset(),
        file == null ? 0 : file.pathNumber(),
        others(vma.flags()));
  }
}
