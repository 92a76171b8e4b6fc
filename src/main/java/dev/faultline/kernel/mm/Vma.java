package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.machine.mmu.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A virtual memory area: a range of pages with one protection, one way of sharing, and one file or
 * none. Its range is changed only by its {@link VmaTree}, which logs it.
 */
public final class Vma {
  /** {@code stack_guard_gap}: what stays free below a mapping that grows downwards. */
  static final long GUARD_GAP = 256L << 12;

  private final AddressSpace space;
  private final int number;
  private final @Nullable OpenFile source;
  private long flags;
  private long start;
  private long end;
  private long pageOffset;
  private long anonVma;
  private boolean forked;

  /**
   * @param pageOffset the page of the file that {@code start} maps; the page number of {@code
   *     start} for anonymous memory
   */
  Vma(
      AddressSpace space,
      int number,
      long start,
      long end,
      long flags,
      @Nullable OpenFile source,
      long pageOffset) {
    this.space = space;
    this.number = number;
    this.start = start;
    this.end = end;
    this.flags = flags;
    this.source = source;
    this.pageOffset = pageOffset;
  }

  /** Whose it is ({@code vm_mm}). */
  AddressSpace space() {
    return space;
  }

  /** What the log calls it. */
  public int number() {
    return number;
  }

  public long start() {
    return start;
  }

  /** Where the gap begins that stays free below the area ({@code vm_start_gap}). */
  long startGap() {
    return has(VmFlag.GROWSDOWN) ? Math.max(start - GUARD_GAP, 0) : start;
  }

  long pages() {
    return end - start >>> 12;
  }

  /** The first address after the area. */
  public long end() {
    return end;
  }

  /** Bits of {@link VmFlag}. */
  long flags() {
    return flags;
  }

  void setFlags(long newFlags) {
    flags = newFlags;
  }

  boolean has(long flag) {
    return (flags & flag) != 0;
  }

  public int prot() {
    return (int) (flags & VmFlag.ACCESS);
  }

  public boolean isShared() {
    return has(VmFlag.SHARED);
  }

  public boolean isWritable() {
    return has(VmFlag.WRITE);
  }

  /**
   * Whether it can be made writable: shared memory only if its file is open for that and not
   * sealed.
   */
  boolean mayWrite() {
    return !isShared() || source == null || source.isWritable() && !has(VmFlag.NEVER_WRITE);
  }

  /**
   * What an entry allows before anything was written ({@code vm_page_prot}). W without R is a
   * reserved encoding, so PROT_WRITE implies readable; where nothing is allowed the entry is
   * present but not valid.
   */
  long pageProtection() {
    if (prot() == Prot.NONE) {
      return Entry.PROT_NONE | Entry.R;
    }
    long bits = Entry.V | Entry.U;
    if (has(VmFlag.READ | VmFlag.WRITE)) {
      bits |= Entry.R;
    }
    return has(VmFlag.EXEC) ? bits | Entry.X : bits;
  }

  /** The file that is mapped, null for anonymous memory. */
  public @Nullable RegularFile file() {
    return source == null ? null : source.file();
  }

  /** What the file was mapped through. */
  @Nullable OpenFile source() {
    return source;
  }

  public long pageOffset() {
    return pageOffset;
  }

  /** The byte of the file that {@code start} maps, 0 for anonymous memory. */
  public long fileOffset() {
    return source == null ? 0 : pageOffset << 12;
  }

  /** The page of the file that an address maps. */
  long filePage(long va) {
    return pageOffset + (va - start >>> 12);
  }

  /**
   * Which set of anonymous pages the area belongs to ({@code struct anon_vma}), 0 before the first
   * one.
   */
  long anonVma() {
    return anonVma;
  }

  /** Takes over a set of anonymous pages, if there is one to take over. */
  void adoptAnonVma(long id, boolean isForked) {
    if (anonVma == 0 && id != 0) {
      anonVma = id;
      forked = isForked;
    }
  }

  /** All anonymous pages have left ({@code unlink_anon_vmas}). */
  void leaveAnonVma() {
    anonVma = 0;
    forked = false;
  }

  /**
   * True when the area came by fork while it had anonymous pages: its set of them hangs on the
   * parent's.
   */
  boolean isForked() {
    return forked;
  }

  void setRange(long newStart, long newEnd) {
    pageOffset += newStart - start >> 12;
    start = newStart;
    end = newEnd;
  }

  /**
   * True when a page that follows this area's last would simply continue it ({@code
   * is_mergeable_vma}).
   */
  boolean continuesInto(long otherFlags, @Nullable OpenFile otherSource, long otherOffset) {
    return isLike(otherFlags, otherSource) && pageOffset + (end - start >>> 12) == otherOffset;
  }

  boolean isLike(long otherFlags, @Nullable OpenFile otherSource) {
    return ((flags ^ otherFlags) & ~VmFlag.STICKY) == 0 && source == otherSource;
  }
}
