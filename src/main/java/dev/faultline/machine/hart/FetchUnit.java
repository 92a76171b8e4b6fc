package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoder;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.FastTable;
import dev.faultline.machine.mmu.Mmu;
import org.jspecify.annotations.Nullable;

/** Finds what to execute: the cached block at an address, or the one instruction there. */
final class FetchUnit {
  private static final long PAGE_MASK = -PhysicalMemory.FRAME_SIZE;

  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final CodeCache codes;
  private final LoadStore access;
  private final ControlRegisters registers;
  private final Block alone = Block.forOne();

  FetchUnit(
      PhysicalMemory memory,
      Mmu mmu,
      CodeCache codes,
      LoadStore access,
      ControlRegisters registers) {
    this.memory = memory;
    this.mmu = mmu;
    this.codes = codes;
    this.access = access;
    this.registers = registers;
  }

  /** The block at {@code pc}; null when it cannot be cached. */
  @Nullable Block cached(long pc) {
    FastTable fetches = mmu.fetches();
    int place = fetches.place(pc);
    if (fetches.tag[place] != (pc & PAGE_MASK)) {
      mmu.translate(pc, Access.FETCH, 2);
      mmu.remember(pc, Access.FETCH);
      if (fetches.tag[place] != (pc & PAGE_MASK)) {
        return null;
      }
    }
    return codes.block(fetches.value[place], (int) pc & PhysicalMemory.FRAME_SIZE - 1);
  }

  /**
   * Translates the address of the instruction that is executed next, unless its page is on the fast
   * path: what {@link #cached} does, for who has the code of a frame at hand already.
   *
   * @return false when the instruction is not to be taken from that code
   */
  boolean isStillIn(int frameIndex, long next) {
    FastTable fetches = mmu.fetches();
    int place = fetches.place(next);
    if (fetches.tag[place] != (next & PAGE_MASK)) {
      mmu.translate(next, Access.FETCH, 2);
      mmu.remember(next, Access.FETCH);
    }
    return fetches.tag[place] == (next & PAGE_MASK) && fetches.value[place] == frameIndex;
  }

  /** Fetches one instruction, halfword by halfword where one check does not hold for both. */
  int fetch(long address) {
    boolean crosses = (address & ~PAGE_MASK) == PhysicalMemory.FRAME_SIZE - 2;
    long physical = translate(address);
    int bits = (int) memory.load(physical, 2);
    if (Decoder.isLong(bits)) {
      long upper =
          crosses || !mmu.pmp().allows(physical, 4, Access.FETCH, registers.privilege())
              ? translate(address + 2)
              : physical + 2;
      bits |= (int) memory.load(upper, 2) << 16;
    }
    alone.set(Decoder.decode(bits), bits);
    return bits;
  }

  /** The instruction that was fetched last, as a block of its own. */
  Block fetched() {
    return alone;
  }

  private long translate(long address) {
    long physical = mmu.translate(address, Access.FETCH, 2);
    if (!memory.holds(physical, 2)) {
      throw access.trap(Access.FETCH.accessFault(), address);
    }
    return physical;
  }
}
