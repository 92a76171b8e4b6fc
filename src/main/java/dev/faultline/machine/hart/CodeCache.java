package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Decoder;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.memory.PhysicalMemory.Mark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decoded blocks by physical address: another mapping of the same frame finds the same blocks, and
 * a remapped page finds those of its new frame. Frames with decoded code are marked, so that every
 * store to them is heard of; one that hits an instruction drops the page's blocks at once. So
 * instructions are always those in memory, with or without {@code fence.i}. The harts of a machine
 * share it.
 */
public final class CodeCache {
  private static final int MOST_INSTRUCTIONS = 64;
  private static final int MOST_PAGES = 1024;

  private final PhysicalMemory memory;
  private final long[] words = new long[MOST_INSTRUCTIONS];
  private final short[] offsets = new short[MOST_INSTRUCTIONS + 1];
  private @Nullable CodePage[] pages = {};
  private int pageCount;
  private final List<Runnable> whenDropped = new ArrayList<>();

  public CodeCache(PhysicalMemory memory) {
    this.memory = memory;
    memory.watch(Mark.CODE, this::stored);
  }

  /** What to do when blocks were dropped that may just be executed. */
  void whenDropped(Runnable action) {
    whenDropped.add(action);
  }

  int frameIndex(Block block) {
    return memory.frameIndex(block.physical());
  }

  /** The page of blocks of a frame, perhaps empty. */
  CodePage page(int frameIndex) {
    CodePage page = frameIndex < pages.length ? pages[frameIndex] : null;
    return page == null ? newPage(frameIndex) : page;
  }

  private CodePage newPage(int frameIndex) {
    if (pageCount == MOST_PAGES) {
      forgetAll();
    }
    if (pages.length == 0) {
      pages = new CodePage[memory.frames()];
    }
    var page = new CodePage();
    pages[frameIndex] = page;
    pageCount++;
    return page;
  }

  private void forgetAll() {
    for (int frame = 0; frame < pages.length; frame++) {
      if (pages[frame] != null) {
        memory.unmark(frame, Mark.CODE);
      }
    }
    Arrays.fill(pages, null);
    pageCount = 0;
    whenDropped.forEach(Runnable::run);
  }

  /**
   * The block that begins at an offset of a frame; null when its first instruction reaches into the
   * next page.
   */
  @Nullable Block block(int frameIndex, int offset) {
    CodePage page = page(frameIndex);
    Block block = page.blocks[offset >>> 1];
    return block == null ? decode(page, frameIndex, offset) : block;
  }

  /** The block that begins at an offset of a frame, if it was decoded. */
  @Nullable Block known(int frameIndex, int offset) {
    CodePage page = frameIndex < pages.length ? pages[frameIndex] : null;
    return page == null ? null : page.blocks[offset >>> 1];
  }

  private @Nullable Block decode(CodePage page, int frameIndex, int offset) {
    long physical = memory.base() + ((long) frameIndex << PhysicalMemory.FRAME_SHIFT) + offset;
    int count = 0;
    int length = 0;
    while (count < MOST_INSTRUCTIONS && offset + length < PhysicalMemory.FRAME_SIZE) {
      long low = memory.load(physical + length, 2);
      boolean isLong = Decoder.isLong((int) low);
      if (isLong && offset + length + 4 > PhysicalMemory.FRAME_SIZE) {
        break;
      }
      long word = Decoder.decode((int) (isLong ? memory.load(physical + length, 4) : low));
      offsets[count] = (short) length;
      words[count] =
          Decoded.op(word) == Op.JAL || Block.isBranch(word)
              ? Decoded.plusImmediate(word, length)
              : word;
      count++;
      length += Decoded.length(word);
      if (Block.isJump(word) || Block.isSystem(word)) {
        break;
      }
    }
    if (count == 0) {
      return null;
    }
    offsets[count] = (short) length;
    var block =
        new Block(Arrays.copyOf(words, count), Arrays.copyOf(offsets, count + 1), page, physical);
    memory.mark(frameIndex, Mark.CODE);
    page.add(block, offset);
    return block;
  }

  private void stored(long address, int length) {
    int frame = memory.frameIndex(address);
    CodePage page = pages[frame];
    int offset = (int) (address - memory.base()) & PhysicalMemory.FRAME_SIZE - 1;
    if (page != null && page.isDecoded(offset, length)) {
      // The page of blocks itself may be what the hart is just executing from: it stays, empty.
      page.clear();
      memory.unmark(frame, Mark.CODE);
      whenDropped.forEach(Runnable::run);
    }
  }
}
