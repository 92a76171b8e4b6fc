package dev.faultline.machine.mmu;

import dev.faultline.log.StepKind;

/** Hears each step of a walk as it is taken, in the shape that the log's steps have. */
public interface WalkObserver {
  /** Hears nothing. */
  WalkObserver NOBODY =
      new WalkObserver() {
        @Override
        public void reads(
            StepKind step, int level, int index, long address, long value, long ppn) {}

        @Override
        public void unusable(int level, int index, long address, long value, int bit) {}

        @Override
        public void forbids(int bit, long flags, Access access) {}

        @Override
        public void notCanonical(int top, long va) {}
      };

  /** {@link StepKind#READS_POINTER} or {@link StepKind#READS_LEAF}. */
  void reads(StepKind step, int level, int index, long address, long value, long ppn);

  /** {@link StepKind#READS_UNUSABLE}; {@code bit} as in the log's {@code ENTRY_BIT} format. */
  void unusable(int level, int index, long address, long value, int bit);

  /** {@link StepKind#FORBIDS}. */
  void forbids(int bit, long flags, Access access);

  /** {@link StepKind#NOT_CANONICAL}: bits 63 to {@code top} of the address differ. */
  void notCanonical(int top, long va);

  /** {@link StepKind#CANNOT_READ}: the entry's address is not memory, or PMP forbids reading it. */
  default void unreadable(int level, int index, long address) {}
}
