package dev.faultline.machine.hart;

import dev.faultline.machine.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks that begin in one frame, by the halfword that each begins with. */
final class CodePage {
  /** For blocks that are in no cache. */
  static final CodePage NONE = new CodePage();

  static final int HALFWORDS = PhysicalMemory.FRAME_SIZE / 2;

  private static final int MOST_CLEARS = 4;

  final @Nullable Block[] blocks = new Block[HALFWORDS];

  /** One bit for each halfword that belongs to a decoded instruction. */
  private final long[] decoded = new long[HALFWORDS / Long.SIZE];

  /** The first blocks of regions that have instructions of this page. */
  private final List<Block> heads = new ArrayList<>();

  private int clears;

  void add(Block block, int offset) {
    blocks[offset >>> 1] = block;
    int last = offset + block.offsets[block.code.length] - 2;
    for (int at = offset; at <= last; at += 2) {
      decoded[at >>> 7] |= 1L << (at >>> 1);
    }
  }

  /** True when any byte of a range belongs to a decoded instruction. */
  boolean isDecoded(int offset, int length) {
    for (int halfword = offset >>> 1; halfword <= offset + length - 1 >>> 1; halfword++) {
      if ((decoded[halfword >>> 6] & 1L << halfword) != 0) {
        return true;
      }
    }
    return false;
  }

  /** True when the instructions change so often that compiling them is no use. */
  boolean isUnstable() {
    return clears > MOST_CLEARS;
  }

  void addHead(Block head) {
    heads.add(head);
  }

  void clear() {
    clears++;
    heads.forEach(Block::dropCompiled);
    heads.clear();
    Arrays.fill(blocks, null);
    Arrays.fill(decoded, 0);
  }
}
