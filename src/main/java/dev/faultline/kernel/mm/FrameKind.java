package dev.faultline.kernel.mm;

/** What a frame is used for; the order is that of the log's {@code FRAME_KIND} format. */
public enum FrameKind {
  /** The shared zero page. */
  ZERO,
  /** A page table. */
  TABLE,
  /** A process's own page: anonymous memory or a private copy of a file page. */
  ANON,
  /** A page of a file, in the page cache. */
  FILE
}
