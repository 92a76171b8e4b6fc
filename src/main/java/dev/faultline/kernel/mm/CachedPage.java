package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;

/** A page of a file that is in memory, in a frame of its own. */
final class CachedPage {
  final RegularFile file;
  final long page;
  final long ppn;

  /** The disk does not have it so. */
  boolean dirty;

  /** Who comes to it begins the next window of {@link Readahead}. */
  boolean marked;

  CachedPage(RegularFile file, long page, long ppn) {
    this.file = file;
    this.page = page;
    this.ppn = ppn;
  }
}
