package dev.faultline.kernel.mm;

import org.jspecify.annotations.Nullable;

/**
 * Lets the area above an address grow down to it, if it is one that does ({@code expand_stack}).
 */
final class StackGrowth {
  /** {@code stack_guard_gap}: what stays free below a mapping that grows downwards. */
  private static final long GUARD_GAP = 256L * 4096;

  private StackGrowth() {}

  /** The area that contains an address, perhaps since this very moment; null when none may. */
  static @Nullable Vma find(AddressSpace space, long va) {
    Vma there = space.find(va);
    return there == null ? grow(space, va) : there;
  }

  private static @Nullable Vma grow(AddressSpace space, long va) {
    if (va < 0 || va >= space.end()) {
      return null;
    }
    Vma above = space.vmas().findFrom(va);
    if (above == null || !above.has(VmFlag.GROWSDOWN)) {
      return null;
    }
    long start = va & -4096L;
    if (start < AddressSpace.LOWEST || above.end() - start > Layout.STACK_LIMIT) {
      return null;
    }
    Vma below = space.vmas().before(above.start());
    if (below != null) {
      boolean isGuarded = !below.has(VmFlag.GROWSDOWN) && below.prot() != 0;
      if (start - below.end() < (isGuarded ? GUARD_GAP : 0)) {
        return null;
      }
    }
    space.vmas().growDown(above, start);
    return above;
  }
}
