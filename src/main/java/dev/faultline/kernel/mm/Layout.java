package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;

/** Where the parts of a program lie in Sv39 when nothing is random ({@code linux/elf.h}). */
public final class Layout {
  /** {@code ELF_ET_DYN_BASE}: two thirds of user space. */
  public static final long PIE_BASE = 0x2a_aaaa_a000L;

  /** {@code RLIMIT_STACK}. */
  public static final long STACK_LIMIT = 8L << 20;

  /** What a new stack has beyond the pages that hold arguments ({@code setup_arg_pages}). */
  private static final long STACK_EXTRA = 128L << 10;

  private final Mmap mmap;

  public Layout(Mmap mmap) {
    this.mmap = mmap;
  }

  /** Makes the stack of a new program, with room for {@code used} bytes at its top. */
  public void makeStack(AddressSpace space, long used, boolean executable) {
    long top = space.end();
    long start = (top - used & -4096L) - STACK_EXTRA;
    int prot = Prot.READ | Prot.WRITE | (executable ? Prot.EXEC : 0);
    int flags =
        MapFlag.PRIVATE.bit()
            | MapFlag.ANONYMOUS.bit()
            | MapFlag.FIXED.bit()
            | MapFlag.GROWSDOWN.bit();
    mmap.map(space, start, top - start, prot, flags, null, -1, 0);
  }
}
