package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.memory.PhysicalMemory;

/**
 * Decoded instructions that follow each other in one page. Only the last may jump, trap on purpose
 * or change how instructions are fetched.
 */
final class Block {
  /** {@link Decoded} words; the immediate of a branch is relative to the block's start. */
  final long[] code;

  /** Where each instruction begins, in bytes from the block's start; then where the block ends. */
  final short[] offsets;

  /** What this block is cached with. */
  final CodePage page;

  private final long physical;
  private int soleBits;

  Block(long[] code, short[] offsets, CodePage page, long physical) {
    this.code = code;
    this.offsets = offsets;
    this.page = page;
    this.physical = physical;
  }

  /** A block for one instruction at a time, outside of any cache. */
  static Block forOne() {
    return new Block(new long[1], new short[2], CodePage.NONE, 0);
  }

  /** Makes this block, which is {@link #forOne}, that of an instruction. */
  void set(long word, int bits) {
    code[0] = word;
    offsets[1] = (short) Decoded.length(word);
    soleBits = bits;
  }

  /** The bits of an instruction, as they go to {@code mtval} when it is illegal. */
  long bits(int index, PhysicalMemory memory) {
    boolean isLong = Decoded.length(code[index]) == 4;
    if (page == CodePage.NONE) {
      return isLong ? soleBits & 0xffff_ffffL : soleBits & 0xffff;
    }
    return memory.load(physical + offsets[index], isLong ? 4 : 2);
  }
}
