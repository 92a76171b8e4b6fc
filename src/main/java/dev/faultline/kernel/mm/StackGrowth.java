package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import org.jspecify.annotations.Nullable;

/**
 * Lets the area above an address grow down to it, if it is one that does ({@code expand_stack}).
 */
final class StackGrowth {
  private StackGrowth() {}

  /** The area that contains the address, if need be now; null when none may, and why is told. */
  static @Nullable Vma find(AddressSpace space, long va, ChangeLog log) {
    Vma vma = space.find(va);
    return vma == null ? grow(space, va, log) : vma;
  }

  private static @Nullable Vma grow(AddressSpace space, long va, ChangeLog log) {
    if (va < AddressSpace.LOWEST || va >= space.end()) {
      return null;
    }
    Vma above = space.vmas().findFrom(va);
    if (above == null || !above.has(VmFlag.GROWSDOWN)) {
      return null;
    }
    long start = va & -4096L;
    Vma below = space.vmas().before(above.start());
    if (below != null
        && !below.has(VmFlag.GROWSDOWN)
        && below.has(VmFlag.ACCESS)
        && start - below.end() < Vma.GUARD_GAP) {
      log.step(StepKind.GUARDS_STACK, start, below.end());
      return null;
    }
    space.vmas().prepareAnonymous(above);
    long pages = above.start() - start >>> 12;
    if (pages > above.pageOffset()
        || !space.limits().mayGrowStack(above.flags(), above.end() - start, pages)) {
      return null;
    }
    space.vmas().growDown(above, start);
    return above;
  }
}
