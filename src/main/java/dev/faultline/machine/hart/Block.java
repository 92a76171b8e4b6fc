package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Decoder;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

  private static final int MOST_TARGETS = 8;

  private static final long[] NONE = {};

  /** How often longer a block is interpreted that some region has already. */
  private static final int PATIENCE = 16;

  private final long physical;
  private int soleBits;

  /** True when the last instruction jumps to where a register points. */
  final boolean isIndirect;

  private long[] targets = NONE;

  private int heat;
  private CompiledRegion.@Nullable Code compiled;
  private CompiledRegion region = CompiledRegion.NONE;

  Block(long[] code, short[] offsets, CodePage page, long physical) {
    this.code = code;
    this.offsets = offsets;
    this.page = page;
    this.physical = physical;
    isIndirect = Decoded.op(code[code.length - 1]) == Op.JALR;
  }

  /** A block for one instruction at a time, outside of any cache. */
  static Block forOne() {
    return new Block(new long[1], new short[2], CodePage.NONE, 0);
  }

  /** A block of an instruction that is given from outside of memory. */
  static Block ofOne(int bits) {
    Block block = forOne();
    block.set(Decoder.decode(bits), bits);
    return block;
  }

  /** Makes this block, which is {@link #forOne}, that of an instruction. */
  void set(long word, int bits) {
    code[0] = word;
    offsets[1] = (short) Decoded.length(word);
    soleBits = bits;
  }

  /** The physical address of the first instruction. */
  long physical() {
    return physical;
  }

  /** Where in its page this block begins. */
  int pageOffset() {
    return (int) physical & PhysicalMemory.FRAME_SIZE - 1;
  }

  /** In bytes. */
  int length() {
    return offsets[code.length];
  }

  /** Counts an execution; true when this block is worth compiling. */
  boolean heats(int threshold) {
    return ++heat >= threshold;
  }

  /** Nothing is gained by compiling this block. */
  void cool() {
    heat = Integer.MIN_VALUE;
  }

  /** It was compiled into the region of another block, by which it is mostly entered. */
  void join(int threshold) {
    heat = -PATIENCE * threshold;
  }

  /** Where the indirect jump at its end has led, in bytes from the block's start; the first few. */
  long[] targets() {
    return targets;
  }

  void addTarget(long distance) {
    for (long known : targets) {
      if (known == distance) {
        return;
      }
    }
    if (targets.length < MOST_TARGETS) {
      targets = Arrays.copyOf(targets, targets.length + 1);
      targets[targets.length - 1] = distance;
    }
  }

  /** The compiled code of the region that begins with this block, if there is any. */
  CompiledRegion.@Nullable Code compiled() {
    return compiled;
  }

  CompiledRegion region() {
    return region;
  }

  void setCompiled(CompiledRegion.Code code, CompiledRegion ofRegion) {
    compiled = code;
    region = ofRegion;
  }

  /** Some instruction of its region is no more. */
  void dropCompiled() {
    compiled = null;
    region = CompiledRegion.NONE;
    heat = 0;
  }

  long last() {
    return code[code.length - 1];
  }

  static boolean isJump(long word) {
    int op = Decoded.op(word);
    return op == Op.JAL || op == Op.JALR || isBranch(word);
  }

  static boolean isBranch(long word) {
    return switch (Decoded.op(word)) {
      case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU -> true;
      default -> false;
    };
  }

  /** True for what only the interpreter executes, and nothing of a block comes after. */
  static boolean isSystem(long word) {
    return switch (Decoded.op(word)) {
      case Op.ECALL, Op.EBREAK, Op.MRET, Op.SRET, Op.WFI, Op.SFENCE_VMA, Op.FENCE_I -> true;
      case Op.CSRRW, Op.CSRRS, Op.CSRRC, Op.CSRRWI, Op.CSRRSI, Op.CSRRCI, Op.ILLEGAL -> true;
      default -> false;
    };
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
