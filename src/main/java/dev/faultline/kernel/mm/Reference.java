package dev.faultline.kernel.mm;

import dev.faultline.log.Table.Frame;

/** Why a frame is referred to. A frame's count of references is the sum over these. */
public enum Reference {
  /** A leaf entry of a process's page tables maps it. */
  MAPPING(Frame.MAPPINGS),
  /** The page cache holds it. */
  CACHE(Frame.CACHED),
  /** The kernel itself needs it: the zero page, the root table of an address space. */
  PIN(Frame.PINS),
  /** A parent table points to it. */
  PARENT(Frame.PARENT);

  private final Frame column;

  Reference(Frame column) {
    this.column = column;
  }

  Frame column() {
    return column;
  }
}
