package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.fs.RegularFile;
import org.jspecify.annotations.Nullable;

/**
 * A virtual memory area: a range of pages with one protection, one way of sharing, and one file or
 * none. Its range is changed only by its {@link VmaTree}, which logs it.
 */
public final class Vma {
  private final int number;
  private final int prot;
  private final boolean shared;
  private final @Nullable RegularFile file;
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
      int number,
      long start,
      long end,
      int prot,
      boolean shared,
      @Nullable RegularFile file,
      long pageOffset) {
    this.number = number;
    this.start = start;
    this.end = end;
    this.prot = prot;
    this.shared = shared;
    this.file = file;
    this.pageOffset = pageOffset;
  }

  /** What the log calls it. */
  public int number() {
    return number;
  }

  public long start() {
    return start;
  }

  /** The first address after the area. */
  public long end() {
    return end;
  }

  public int prot() {
    return prot;
  }

  public boolean isShared() {
    return shared;
  }

  public boolean isWritable() {
    return (prot & Prot.WRITE) != 0;
  }

  /** The file that is mapped, null for anonymous memory. */
  public @Nullable RegularFile file() {
    return file;
  }

  public long pageOffset() {
    return pageOffset;
  }

  /** The byte of the file that {@code start} maps, 0 for anonymous memory. */
  public long fileOffset() {
    return file == null ? 0 : pageOffset << 12;
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

  void setAnonVma(long id) {
    anonVma = id;
  }

  /**
   * True when the area came by fork while it had anonymous pages: its set of them hangs on the
   * parent's.
   */
  boolean isForked() {
    return forked;
  }

  void setForked(boolean newForked) {
    forked = newForked;
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
  boolean continuesInto(
      int otherProt, boolean otherShared, @Nullable RegularFile otherFile, long otherOffset) {
    return isLike(otherProt, otherShared, otherFile)
        && pageOffset + (end - start >>> 12) == otherOffset;
  }

  boolean isLike(int otherProt, boolean otherShared, @Nullable RegularFile otherFile) {
    return prot == otherProt && shared == otherShared && file == otherFile;
  }
}
