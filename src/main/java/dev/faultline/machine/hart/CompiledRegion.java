package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Blocks that were compiled together, and where each of their instructions stands. */
final class CompiledRegion {
  /** The code of a region. */
  interface Code {
    /**
     * Runs from the first block on, until it leaves the region or less of the budget is left than
     * the next block needs. Where it left off is told to {@link Ports#exit}.
     *
     * @param page the virtual address of the page that the first block begins in
     */
    void run(Ports ports, long[] x, long[] f, long page, int budget);
  }

  /**
   * A block of a region.
   *
   * @param offset where it begins, in bytes from the page that the region's first block begins in
   * @param targets where the indirect jump at its end has led, as such offsets
   */
  record Part(Block block, long offset, long[] targets) {
    static Part of(Block block, long offset) {
      return new Part(
          block, offset, Arrays.stream(block.targets()).map(target -> target + offset).toArray());
    }

    /** Where the code after it begins. */
    long end() {
      return offset + block.length();
    }

    /** Which page it lies in; 0 is that of the region's first block. */
    long page() {
      return offset >> PhysicalMemory.FRAME_SHIFT;
    }
  }

  static final CompiledRegion NONE = new CompiledRegion(List.of(), Map.of());

  private static final long BOX = 0xffff_ffff_0000_0000L;

  private final List<Part> parts;
  private final List<Long> pages;
  private final int[] frames;
  private final int[] firstIndex;
  private final long[] words;
  private final long[] offsets;
  private final int[] remaining;

  /**
   * @param framesOfPages the frame that each page was found to have
   */
  CompiledRegion(List<Part> parts, Map<Long, Integer> framesOfPages) {
    this.parts = parts;
    pages = List.copyOf(framesOfPages.keySet());
    frames = framesOfPages.values().stream().mapToInt(Integer::intValue).toArray();
    firstIndex = new int[parts.size()];
    int count = parts.stream().mapToInt(part -> part.block.code.length).sum();
    words = new long[count];
    offsets = new long[count];
    remaining = new int[count];
    int index = 0;
    for (int number = 0; number < parts.size(); number++) {
      Block block = parts.get(number).block;
      firstIndex[number] = index;
      for (int i = 0; i < block.code.length; i++) {
        words[index] = block.code[i];
        offsets[index] = parts.get(number).offset + block.offsets[i];
        remaining[index] = block.code.length - i;
        index++;
      }
    }
  }

  List<Part> parts() {
    return parts;
  }

  /** The frame of each page, by the page's number in the region. */
  int[] frames() {
    return frames;
  }

  /** The number of a page in the region. */
  int pageNumber(long page) {
    return pages.indexOf(page);
  }

  /** The offsets that calls of the region return to. */
  Set<Long> returns() {
    var returns = new HashSet<Long>();
    for (Part part : parts) {
      long last = part.block.last();
      if (Block.isJump(last) && !Block.isBranch(last) && Decoded.rd(last) != Decoded.SINK) {
        returns.add(part.end());
      }
    }
    return returns;
  }

  /** The number of a part's first instruction in the region. */
  int firstIndex(int partNumber) {
    return firstIndex[partNumber];
  }

  /** How many instructions its block has from this one on. */
  int remaining(int index) {
    return remaining[index];
  }

  /** Where an instruction stands, from the page of the first block on. */
  long offset(int index) {
    return offsets[index];
  }

  long offsetAfter(int index) {
    return offsets[index] + Decoded.length(words[index]);
  }

  /** The frame that an instruction lies in. */
  int frame(int index) {
    return frames[pageNumber(offsets[index] >> PhysicalMemory.FRAME_SHIFT)];
  }

  /** The bits of an instruction, as they go to {@code mtval} when it is illegal. */
  long bits(int index, PhysicalMemory memory) {
    long frame = memory.base() + ((long) frame(index) << PhysicalMemory.FRAME_SHIFT);
    long offset = offsets[index] & PhysicalMemory.FRAME_SIZE - 1;
    return memory.load(frame + offset, Decoded.length(words[index]));
  }

  /** All that its code depends on: regions of which this is equal have the same code. */
  ByteBuffer content() {
    int longs = words.length + parts.stream().mapToInt(part -> 3 + part.targets.length).sum();
    ByteBuffer content = ByteBuffer.allocate(longs * Long.BYTES);
    for (Part part : parts) {
      content.putLong(part.offset).putLong(part.block.code.length).putLong(part.targets.length);
      for (long word : part.block.code) {
        content.putLong(word);
      }
      for (long target : part.targets) {
        content.putLong(target);
      }
    }
    return content.flip();
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
