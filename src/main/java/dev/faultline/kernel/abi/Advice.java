package dev.faultline.kernel.abi;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Advice that {@code madvise(2)} takes ({@code asm-generic/mman-common.h}). */
public enum Advice {
  NORMAL(0),
  RANDOM(1),
  SEQUENTIAL(2),
  WILLNEED(3),
  DONTNEED(4),
  FREE(8),
  REMOVE(9),
  DONTFORK(10),
  DOFORK(11),
  MERGEABLE(12),
  UNMERGEABLE(13),
  HUGEPAGE(14),
  NOHUGEPAGE(15),
  DONTDUMP(16),
  DODUMP(17),
  WIPEONFORK(18),
  KEEPONFORK(19),
  COLD(20),
  PAGEOUT(21),
  POPULATE_READ(22),
  POPULATE_WRITE(23),
  DONTNEED_LOCKED(24),
  COLLAPSE(25),
  GUARD_INSTALL(102),
  GUARD_REMOVE(103);

  private final int number;

  Advice(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** Whether it makes memory read as something else, here or in a child ({@code is_discard}). */
  public boolean discards() {
    return switch (this) {
      case FREE, DONTNEED, DONTNEED_LOCKED, REMOVE, DONTFORK, WIPEONFORK, GUARD_INSTALL -> true;
      default -> false;
    };
  }

  public static @Nullable Advice of(int number) {
    return Stream.of(values()).filter(a -> a.number == number).findFirst().orElse(null);
  }
}
