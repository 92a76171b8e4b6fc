package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import java.util.List;

/** Blocks of one page that were compiled together, and where each of their instructions stands. */
final class CompiledRegion {
  /** The code of a region. */
  interface Code {
    /**
     * Runs from the first block on, until it leaves the region or less of the budget is left than
     * the next block needs. Where it left off is told to {@link Ports#exit}.
     *
     * @param page the virtual address of the page
     */
    void run(Ports ports, long[] x, long[] f, long page, int budget);
  }

  static final CompiledRegion NONE = new CompiledRegion(-1, List.of());

  private static final long BOX = 0xffff_ffff_0000_0000L;

  private final int frameIndex;
  private final List<Block> blocks;
  private final int[] firstIndex;
  private final long[] words;
  private final int[] offsets;
  private final int[] remaining;

  CompiledRegion(int frameIndex, List<Block> blocks) {
    this.frameIndex = frameIndex;
    this.blocks = blocks;
    firstIndex = new int[blocks.size()];
    int count = blocks.stream().mapToInt(block -> block.code.length).sum();
    words = new long[count];
    offsets = new int[count];
    remaining = new int[count];
    int index = 0;
    for (int number = 0; number < blocks.size(); number++) {
      Block block = blocks.get(number);
      firstIndex[number] = index;
      for (int i = 0; i < block.code.length; i++) {
        words[index] = block.code[i];
        offsets[index] = block.pageOffset() + block.offsets[i];
        remaining[index] = block.code.length - i;
        index++;
      }
    }
  }

  /** The frame that it is the code of. */
  int frameIndex() {
    return frameIndex;
  }

  List<Block> blocks() {
    return blocks;
  }

  /** The offsets in the page that calls of the region return to, each once. */
  int[] returns() {
    return blocks.stream()
        .filter(block -> Block.isJump(block.last()) && RegionCompiler.links(block.last()))
        .filter(block -> !Block.isBranch(block.last()))
        .mapToInt(block -> block.pageOffset() + block.length())
        .distinct()
        .toArray();
  }

  /** The number of a block's first instruction in the region. */
  int firstIndex(int blockNumber) {
    return firstIndex[blockNumber];
  }

  /** How many instructions its block has from this one on. */
  int remaining(int index) {
    return remaining[index];
  }

  /** Where an instruction stands in its page. */
  int offset(int index) {
    return offsets[index];
  }

  int offsetAfter(int index) {
    return offsets[index] + Decoded.length(words[index]);
  }

  /** Writes what a load has loaded, zero-extended so far, to its register. */
  void finishLoad(int index, long loaded, long[] x, long[] f) {
    long word = words[index];
    int rd = Decoded.rd(word);
    switch (Decoded.op(word)) {
      case Op.LB -> x[rd] = (byte) loaded;
      case Op.LH -> x[rd] = (short) loaded;
      case Op.LW -> x[rd] = (int) loaded;
      case Op.FLW -> f[rd] = loaded | BOX;
      case Op.FLD -> f[rd] = loaded;
      default -> x[rd] = loaded;
    }
  }
}
