package dev.faultline.machine.hart;

import static java.lang.constant.ConstantDescs.CD_Object;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles the blocks around a hot one into a method of the JVM, which HotSpot then compiles to
 * machine code.
 *
 * <p>A region is what is reachable from one block without leaving its page, up to a limit. It is
 * entered at that block alone, since HotSpot does little for loops that are entered in the middle.
 * Each block becomes a stretch of bytecode behind a label; a jump to another block of the region is
 * a jump, and so is a return to after a call; any other one leaves. Every block first takes its
 * instructions off the budget, and leaves when they are not to be had, so that the budget is exact.
 * Registers stay in their arrays, where a trap finds them; with constant indices HotSpot keeps what
 * matters in registers of the host. Loads, stores and what is rare are calls to {@link Ports},
 * small enough to be inlined.
 */
final class RegionCompiler {
  private static final int DEFAULT_THRESHOLD = 50;
  private static final int MOST_BLOCKS = 40;
  private static final int MOST_INSTRUCTIONS = 240;

  /** In the life of a hart: the host's memory for code is not the guest's to fill. */
  private static final int MOST_REGIONS = 2000;

  private final CodeCache codes;
  private int threshold = DEFAULT_THRESHOLD;
  private int count;

  RegionCompiler(CodeCache codes) {
    this.codes = codes;
  }

  /** How many executions make a block worth compiling. */
  int threshold() {
    return threshold;
  }

  void setThreshold(int executions) {
    threshold = executions;
  }

  /** Compiles the region that begins with a block. */
  void compile(Block head) {
    if (count == MOST_REGIONS || head.page.isUnstable() || !isCompilable(head)) {
      head.cool();
      return;
    }
    count++;
    List<Block> blocks = reachable(head);
    var region = new CompiledRegion(codes.frameIndex(head), blocks);
    head.setCompiled(define(region), region);
  }

  private List<Block> reachable(Block head) {
    int frameIndex = codes.frameIndex(head);
    var blocks = new ArrayList<Block>();
    blocks.add(head);
    int instructions = head.code.length;
    for (int i = 0; i < blocks.size(); i++) {
      for (int offset : successors(blocks.get(i))) {
        Block next = offset < 0 ? null : codes.block(frameIndex, offset);
        if (next != null
            && !blocks.contains(next)
            && blocks.size() < MOST_BLOCKS
            && instructions + next.code.length <= MOST_INSTRUCTIONS
            && isCompilable(next)) {
          blocks.add(next);
          instructions += next.code.length;
        }
      }
    }
    return blocks;
  }

  /** A block that begins with what only the interpreter does is left to it. */
  private static boolean isCompilable(Block block) {
    return !Block.isSystem(block.code[0]);
  }

  /** The offsets in the page where a block goes on; -1 for elsewhere. */
  private static int[] successors(Block block) {
    long last = block.code[block.code.length - 1];
    int taken = inPage(block.pageOffset() + Decoded.immediate(last));
    int next = inPage(block.pageOffset() + block.length());
    return switch (Decoded.op(last)) {
      // After a call it goes on where the call returns to.
      case Op.JAL -> links(last) ? new int[] {taken, next} : new int[] {taken};
      case Op.JALR -> links(last) ? new int[] {next} : new int[] {};
      case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU -> new int[] {taken, next};
      default -> new int[] {next};
    };
  }

  static boolean links(long word) {
    return Decoded.rd(word) != Decoded.SINK;
  }

  private static int inPage(int offset) {
    return offset >= 0 && offset < 4096 ? offset : -1;
  }

  private static CompiledRegion.Code define(CompiledRegion region) {
    String name = CompiledRegion.class.getPackageName() + ".Region";
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of(name),
                type -> {
                  type.withInterfaceSymbols(ClassDesc.of(CompiledRegion.Code.class.getName()));
                  type.withMethodBody(
                      ConstantDescs.INIT_NAME,
                      ConstantDescs.MTD_void,
                      ClassFile.ACC_PUBLIC,
                      code ->
                          code.aload(0)
                              .invokespecial(
                                  CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                              .return_());
                  type.withMethodBody(
                      "run",
                      RegionEmitter.RUN,
                      AccessFlag.PUBLIC.mask(),
                      code -> new RegionEmitter(code, region).emit());
                });
    try {
      Class<?> type = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
      return (CompiledRegion.Code) type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
