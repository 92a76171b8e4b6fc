package dev.faultline.machine.hart;

import dev.faultline.machine.hart.CompiledRegion.Code;
import dev.faultline.machine.hart.CompiledRegion.Part;
import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.FastTable;
import dev.faultline.machine.mmu.Mmu;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the blocks around a hot one into a method of the JVM, which HotSpot then compiles to
 * machine code.
 *
 * <p>A region is what is reachable from one block, up to a limit: first what was executed before,
 * in any page that instructions are fetched from just now, so that calls and returns, jumps through
 * tables and loops over several pages stay in one method; then the rest of its own page. It is
 * entered at its first block alone, since HotSpot does little for loops that are entered in the
 * middle, and since few methods entered often are compiled sooner than many. Therefore a block that
 * some region has already begins one of its own only much later.
 *
 * <p>Each block becomes a stretch of bytecode behind a label; a jump to another block of the region
 * is a jump; any other one leaves. Where an indirect jump leads is what the interpreter saw, and
 * for a return also after each call of the region. A jump to another page first asks whether that
 * page is still on the fast path with the frame it had: if not, it leaves, and instructions are
 * fetched the long way. Pages are told apart by their distance from the first, so that another
 * mapping of the same code runs the same method.
 *
 * <p>Every block first takes its instructions off the budget, and leaves when they are not to be
 * had, so that the budget is exact. Registers stay in their arrays, where a trap finds them; with
 * constant indices HotSpot keeps what matters in registers of the host. Loads, stores and what is
 * rare are calls to {@link Ports}, small enough to be inlined.
 */
final class RegionCompiler {
  private static final int DEFAULT_THRESHOLD = 200;
  private static final int MOST_BLOCKS = 100;

  /** In the life of a hart: the host's memory for code is not the guest's to fill. */
  private static final int MOST_REGIONS = 2000;

  private final CodeCache codes;
  private final Mmu mmu;
  private int threshold = DEFAULT_THRESHOLD;
  private int count;

  RegionCompiler(CodeCache codes, Mmu mmu) {
    this.codes = codes;
    this.mmu = mmu;
  }

  /** How many executions make a block worth compiling. */
  int threshold() {
    return threshold;
  }

  void setThreshold(int executions) {
    threshold = executions;
  }

  /**
   * Compiles the region that begins with a block.
   *
   * @param pc where the block is just executed
   */
  void compile(Block head, long pc) {
    if (count == MOST_REGIONS || !isCompilable(head)) {
      head.cool();
      return;
    }
    count++;
    List<Part> parts = reachable(head, pc);
    CompiledRegion region = region(parts);
    Code code = RegionCode.of(region);
    while (code == null) {
      // The guess was wrong: calls and returns of a region make each other longer.
      parts = parts.subList(0, (parts.size() + 1) / 2);
      region = region(parts);
      code = RegionCode.of(region);
    }
    head.setCompiled(code, region);
    for (Part part : parts) {
      part.block().page.addHead(head);
      if (part.block().compiled() == null) {
        part.block().join(threshold);
      }
    }
  }

  private CompiledRegion region(List<Part> parts) {
    Map<Long, Integer> frames = new LinkedHashMap<>();
    for (Part part : parts) {
      frames.putIfAbsent(part.page(), codes.frameIndex(part.block()));
    }
    return new CompiledRegion(parts, frames);
  }

  private List<Part> reachable(Block head, long pc) {
    var parts = new ArrayList<Part>();
    Set<Long> taken = new HashSet<>();
    parts.add(Part.of(head, head.pageOffset()));
    taken.add((long) head.pageOffset());
    long page = pc & -PhysicalMemory.FRAME_SIZE;
    int size = grow(parts, taken, page, RegionEmitter.size(parts.getFirst()), true);
    grow(parts, taken, page, size, false);
    return parts;
  }

  /** Adds what the parts lead to, as long as there is room; the size then. */
  private int grow(
      List<Part> parts, Set<Long> taken, long page, int sizeBefore, boolean onlyExecuted) {
    int size = sizeBefore;
    for (int i = 0; i < parts.size(); i++) {
      for (long offset : successors(parts.get(i)).toArray()) {
        Block next = taken.contains(offset) ? null : find(page, offset, onlyExecuted);
        if (next == null || parts.size() == MOST_BLOCKS || !isCompilable(next)) {
          continue;
        }
        Part part = Part.of(next, offset);
        if (size + RegionEmitter.size(part) <= RegionCode.MOST_BYTES) {
          parts.add(part);
          taken.add(offset);
          size += RegionEmitter.size(part);
        }
      }
    }
    return size;
  }

  private @Nullable Block find(long page, long offset, boolean onlyExecuted) {
    boolean isFirstPage = offset >>> PhysicalMemory.FRAME_SHIFT == 0;
    if (!onlyExecuted && !isFirstPage) {
      return null;
    }
    long va = page + offset;
    FastTable fetches = mmu.fetches();
    int place = fetches.place(va);
    if (fetches.tag[place] != (va & -PhysicalMemory.FRAME_SIZE)) {
      return null;
    }
    int inPage = (int) va & PhysicalMemory.FRAME_SIZE - 1;
    return onlyExecuted
        ? codes.known(fetches.value[place], inPage)
        : codes.block(fetches.value[place], inPage);
  }

  /** A block that begins with what only the interpreter does is left to it. */
  private static boolean isCompilable(Block block) {
    return !Block.isSystem(block.code[0]) && !block.page.isUnstable();
  }

  /** Where a block goes on, and after a call also where that returns to. */
  private static LongStream successors(Part part) {
    long last = part.block().last();
    long taken = part.offset() + Decoded.immediate(last);
    LongStream next =
        Decoded.rd(last) == Decoded.SINK ? LongStream.empty() : LongStream.of(part.end());
    return switch (Decoded.op(last)) {
      case Op.JAL -> LongStream.concat(LongStream.of(taken), next);
      case Op.JALR -> LongStream.concat(LongStream.of(part.targets()), next);
      case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU -> LongStream.of(taken, part.end());
      default -> LongStream.of(part.end());
    };
  }
}
