package dev.faultline.kernel.fs;

/** Where the bytes of a regular file are when no page of it is in memory. */
public enum Backing {
  /** On the disk. */
  DISK,
  /** In pages that the kernel has in any case. */
  KERNEL,
  /** In the swap area; memory for all of it was promised when it was made. */
  RESERVED,
  /** In the swap area; memory is promised page by page, as pages come (VM_NORESERVE). */
  BY_PAGE
}
