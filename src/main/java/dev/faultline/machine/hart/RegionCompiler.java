package dev.faultline.machine.hart;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.faultline.machine.fp.Rounding;
import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  private static final ClassDesc PORTS = ClassDesc.of(Ports.class.getName());
  private static final ClassDesc LONGS = CD_long.arrayType();
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final ClassDesc LONG = ClassDesc.of("java.lang.Long");
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(CD_void, PORTS, LONGS, LONGS, CD_long, CD_int);
  private static final MethodTypeDesc LOAD =
      MethodTypeDesc.of(CD_long, PORTS, CD_long, CD_int, CD_int);
  private static final MethodTypeDesc STORE =
      MethodTypeDesc.of(CD_void, PORTS, CD_long, CD_long, CD_int, CD_int);
  private static final MethodTypeDesc RARE =
      MethodTypeDesc.of(CD_void, PORTS, CD_long, CD_int, CD_int);
  private static final MethodTypeDesc TWO_OPERANDS =
      MethodTypeDesc.of(CD_long, PORTS, CD_long, CD_long, CD_long, CD_int, CD_int);
  private static final MethodTypeDesc THREE_OPERANDS =
      MethodTypeDesc.of(CD_long, PORTS, CD_long, CD_long, CD_long, CD_long, CD_int, CD_int);
  private static final MethodTypeDesc EXIT = MethodTypeDesc.of(CD_void, CD_long, CD_int);
  private static final MethodTypeDesc COMPARE = MethodTypeDesc.of(CD_int, CD_long, CD_long);
  private static final MethodTypeDesc TWO_LONGS = MethodTypeDesc.of(CD_long, CD_long, CD_long);

  // Locals of the method; 0 is this.
  private static final int PORTS_LOCAL = 1;
  private static final int X = 2;
  private static final int F = 3;
  private static final int PAGE = 4;
  private static final int BUDGET = 6;
  private static final int TARGET = 7;

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
  void compile(Block head, int frameIndex) {
    if (count == MOST_REGIONS || head.page.isUnstable() || !isCompilable(head)) {
      head.cool();
      return;
    }
    count++;
    List<Block> blocks = reachable(head, frameIndex);
    var region = new CompiledRegion(blocks);
    head.setCompiled(define(region), region);
  }

  private List<Block> reachable(Block head, int frameIndex) {
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
    return !isSystem(block.code[0]);
  }

  private static boolean isSystem(long word) {
    return switch (Decoded.op(word)) {
      case Op.ECALL, Op.EBREAK, Op.MRET, Op.SRET, Op.WFI, Op.SFENCE_VMA, Op.FENCE_I -> true;
      case Op.CSRRW, Op.CSRRS, Op.CSRRC, Op.CSRRWI, Op.CSRRSI, Op.CSRRCI, Op.ILLEGAL -> true;
      default -> false;
    };
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
                      RUN,
                      AccessFlag.PUBLIC.mask(),
                      code -> new RegionCompiler.Emitter(code, region).emit());
                });
    try {
      Class<?> type = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
      return (CompiledRegion.Code) type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the method of one region. */
  private static final class Emitter {
    private final CodeBuilder code;
    private final CompiledRegion region;
    private final Map<Integer, Label> labels = new HashMap<>();

    Emitter(CodeBuilder code, CompiledRegion region) {
      this.code = code;
      this.region = region;
    }

    void emit() {
      List<Block> blocks = region.blocks();
      for (Block block : blocks) {
        labels.put(block.pageOffset(), code.newLabel());
      }
      for (int number = 0; number < blocks.size(); number++) {
        emit(blocks.get(number), region.firstIndex(number));
      }
    }

    private void emit(Block block, int firstIndex) {
      Label enough = code.newLabel();
      int count = block.code.length;
      boolean endsInSystem = isSystem(block.code[count - 1]);
      if (endsInSystem) {
        count--;
      }
      code.labelBinding(labels.get(block.pageOffset()));
      code.iload(BUDGET).loadConstant(block.code.length).if_icmpge(enough);
      exit(block.pageOffset());
      code.labelBinding(enough);
      code.iinc(BUDGET, -block.code.length);
      for (int i = 0; i < count; i++) {
        emit(block, i, firstIndex + i);
      }
      if (endsInSystem) {
        // The interpreter executes it, and pays for it.
        code.iinc(BUDGET, 1);
        exit(block.pageOffset() + block.offsets[count]);
      } else if (!Block.isJump(block.code[count - 1])) {
        goTo(block.pageOffset() + block.length());
      }
    }

    private void address(int offset) {
      code.lload(PAGE).loadConstant((long) offset).ladd();
    }

    private void exit(int offset) {
      code.aload(PORTS_LOCAL);
      address(offset);
      code.iload(BUDGET).invokevirtual(PORTS, "exit", EXIT).return_();
    }

    private void goTo(int offset) {
      Label label = labels.get(offset);
      if (label == null) {
        exit(offset);
      } else {
        code.goto_(label);
      }
    }

    private void read(int array, int register) {
      if (array == X && register == 0) {
        code.lconst_0();
      } else {
        code.aload(array).loadConstant(register).laload();
      }
    }

    private void emit(Block block, int i, int index) {
      long word = block.code[i];
      int op = Decoded.op(word);
      int rd = Decoded.rd(word);
      int rs1 = Decoded.rs1(word);
      int rs2 = Decoded.rs2(word);
      long imm = Decoded.immediate(word);
      switch (op) {
        case Op.LB, Op.LBU, Op.LH, Op.LHU, Op.LW, Op.LWU, Op.LD -> load(op, X, word, index);
        case Op.FLW, Op.FLD -> load(op, F, word, index);
        case Op.SB, Op.SH, Op.SW, Op.SD -> store(op, X, word, index);
        case Op.FSW, Op.FSD -> store(op, F, word, index);
        case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU -> branch(block, word);
        case Op.JAL -> {
          link(block, rd);
          goTo(block.pageOffset() + (int) imm);
        }
        case Op.JALR -> {
          // The target is read before the link is written: they may be one register.
          read(X, rs1);
          code.loadConstant(imm).ladd().loadConstant(-2L).land().lstore(TARGET);
          link(block, rd);
          goToTarget();
        }
        case Op.FENCE -> {}
        default -> {
          if (!integer(op, rd, rs1, rs2, imm, block, i) && !arithmetic(op, word, index)) {
            code.aload(PORTS_LOCAL).loadConstant(word).loadConstant(index).iload(BUDGET);
            code.invokestatic(PORTS, "rare", RARE);
          }
        }
      }
    }

    /** The usual on doubles, rounded as frm says; false when it is something else. */
    private boolean arithmetic(int op, long word, int index) {
      String name =
          switch (op) {
            case Op.FADD_D -> "fadd";
            case Op.FSUB_D -> "fsub";
            case Op.FMUL_D -> "fmul";
            case Op.FMADD_D -> "fmadd";
            default -> "";
          };
      if (name.isEmpty() || Decoded.rm(word) != Rounding.DYN) {
        return false;
      }
      code.aload(F).loadConstant(Decoded.rd(word)).aload(PORTS_LOCAL);
      read(F, Decoded.rs1(word));
      read(F, Decoded.rs2(word));
      if (op == Op.FMADD_D) {
        read(F, Decoded.immediate(word));
      }
      code.loadConstant(word).loadConstant(index).iload(BUDGET);
      code.invokestatic(PORTS, name, op == Op.FMADD_D ? THREE_OPERANDS : TWO_OPERANDS).lastore();
      return true;
    }

    /** A jump to an address: within the region when it is a return to after one of its calls. */
    private void goToTarget() {
      Label outside = code.newLabel();
      code.lload(TARGET)
          .lload(PAGE)
          .lsub()
          .loadConstant(12)
          .lushr()
          .lconst_0()
          .lcmp()
          .ifne(outside);
      var cases = new ArrayList<SwitchCase>();
      for (int offset : region.returns()) {
        if (labels.containsKey(offset)) {
          cases.add(SwitchCase.of(offset, labels.get(offset)));
        }
      }
      cases.sort(Comparator.comparingInt(SwitchCase::caseValue));
      code.lload(TARGET).l2i().loadConstant(4095).iand().lookupswitch(outside, cases);
      code.labelBinding(outside);
      code.aload(PORTS_LOCAL).lload(TARGET).iload(BUDGET);
      code.invokevirtual(PORTS, "exit", EXIT).return_();
    }

    private void link(Block block, int rd) {
      if (rd != Decoded.SINK) {
        code.aload(X).loadConstant(rd);
        address(block.pageOffset() + block.length());
        code.lastore();
      }
    }

    private static String helper(int op) {
      return switch (op) {
        case Op.LB -> "lb";
        case Op.LBU -> "lbu";
        case Op.LH -> "lh";
        case Op.LHU -> "lhu";
        case Op.LW -> "lw";
        case Op.LWU -> "lwu";
        case Op.LD -> "ld";
        case Op.FLW -> "flw";
        case Op.FLD -> "fld";
        case Op.SB -> "sb";
        case Op.SH -> "sh";
        case Op.SW -> "sw";
        case Op.SD -> "sd";
        case Op.FSW -> "fsw";
        case Op.FSD -> "fsd";
        default -> throw new IllegalArgumentException("op " + op);
      };
    }

    private void load(int op, int array, long word, int index) {
      code.aload(array).loadConstant(Decoded.rd(word));
      code.aload(PORTS_LOCAL);
      read(X, Decoded.rs1(word));
      code.loadConstant((long) Decoded.immediate(word)).ladd();
      code.loadConstant(index).iload(BUDGET).invokestatic(PORTS, helper(op), LOAD).lastore();
    }

    private void store(int op, int array, long word, int index) {
      code.aload(PORTS_LOCAL);
      read(X, Decoded.rs1(word));
      code.loadConstant((long) Decoded.immediate(word)).ladd();
      read(array, Decoded.rs2(word));
      code.loadConstant(index).iload(BUDGET).invokestatic(PORTS, helper(op), STORE);
    }

    private void branch(Block block, long word) {
      Label taken = code.newLabel();
      int op = Decoded.op(word);
      read(X, Decoded.rs1(word));
      read(X, Decoded.rs2(word));
      if (op == Op.BLTU || op == Op.BGEU) {
        code.invokestatic(LONG, "compareUnsigned", COMPARE);
      } else {
        code.lcmp();
      }
      switch (op) {
        case Op.BEQ -> code.ifeq(taken);
        case Op.BNE -> code.ifne(taken);
        case Op.BLT, Op.BLTU -> code.iflt(taken);
        default -> code.ifge(taken);
      }
      goTo(block.pageOffset() + block.length());
      code.labelBinding(taken);
      goTo(block.pageOffset() + Decoded.immediate(word));
    }

    /** An instruction on integer registers alone; false when it is none that has code here. */
    private boolean integer(int op, int rd, int rs1, int rs2, long imm, Block block, int i) {
      Kind kind = Kind.of(op);
      if (kind == null) {
        return false;
      }
      if (rd == Decoded.SINK) {
        return true;
      }
      code.aload(X).loadConstant(rd);
      switch (kind) {
        case UPPER -> code.loadConstant(imm);
        case UPPER_PC -> address(block.pageOffset() + block.offsets[i]);
        case IMMEDIATE, SHIFT_IMMEDIATE -> read(X, rs1);
        case REGISTERS -> read(X, rs1);
        case WORD_IMMEDIATE, WORD_REGISTERS -> {
          read(X, rs1);
          code.l2i();
        }
      }
      switch (kind) {
        case UPPER -> {}
        case UPPER_PC -> code.loadConstant(imm).ladd();
        case IMMEDIATE -> code.loadConstant(imm);
        case SHIFT_IMMEDIATE, WORD_IMMEDIATE -> code.loadConstant((int) imm);
        case REGISTERS -> {
          read(X, rs2);
          if (op == Op.SLL || op == Op.SRL || op == Op.SRA) {
            code.l2i();
          }
        }
        case WORD_REGISTERS -> {
          read(X, rs2);
          code.l2i();
        }
      }
      operate(op);
      code.lastore();
      return true;
    }

    private void operate(int op) {
      switch (op) {
        case Op.LUI, Op.AUIPC -> {}
        case Op.ADDI, Op.ADD -> code.ladd();
        case Op.SUB -> code.lsub();
        case Op.XORI, Op.XOR -> code.lxor();
        case Op.ORI, Op.OR -> code.lor();
        case Op.ANDI, Op.AND -> code.land();
        case Op.SLLI, Op.SLL -> code.lshl();
        case Op.SRLI, Op.SRL -> code.lushr();
        case Op.SRAI, Op.SRA -> code.lshr();
        case Op.SLTI, Op.SLT -> {
          code.lcmp();
          isNegative();
        }
        case Op.SLTIU, Op.SLTU -> {
          code.invokestatic(LONG, "compareUnsigned", COMPARE);
          isNegative();
        }
        case Op.ADDIW, Op.ADDW -> code.iadd().i2l();
        case Op.SUBW -> code.isub().i2l();
        case Op.SLLIW, Op.SLLW -> code.ishl().i2l();
        case Op.SRLIW, Op.SRLW -> code.iushr().i2l();
        case Op.SRAIW, Op.SRAW -> code.ishr().i2l();
        case Op.MULW -> code.imul().i2l();
        case Op.MUL -> code.lmul();
        case Op.MULH -> code.invokestatic(MATH, "multiplyHigh", TWO_LONGS);
        case Op.MULHU -> code.invokestatic(MATH, "unsignedMultiplyHigh", TWO_LONGS);
        default -> throw new IllegalArgumentException("op " + op);
      }
    }

    /** 1 for a comparison's result below zero, else 0. */
    private void isNegative() {
      code.loadConstant(31).iushr().i2l();
    }
  }

  /** Where an integer instruction takes its operands from. */
  private enum Kind {
    UPPER,
    UPPER_PC,
    IMMEDIATE,
    SHIFT_IMMEDIATE,
    REGISTERS,
    WORD_IMMEDIATE,
    WORD_REGISTERS;

    static @Nullable Kind of(int op) {
      return switch (op) {
        case Op.LUI -> UPPER;
        case Op.AUIPC -> UPPER_PC;
        case Op.ADDI, Op.SLTI, Op.SLTIU, Op.XORI, Op.ORI, Op.ANDI -> IMMEDIATE;
        case Op.SLLI, Op.SRLI, Op.SRAI -> SHIFT_IMMEDIATE;
        case Op.ADD, Op.SUB, Op.SLL, Op.SLT, Op.SLTU, Op.XOR, Op.SRL, Op.SRA, Op.OR, Op.AND ->
            REGISTERS;
        case Op.MUL, Op.MULH, Op.MULHU -> REGISTERS;
        case Op.ADDIW, Op.SLLIW, Op.SRLIW, Op.SRAIW -> WORD_IMMEDIATE;
        case Op.ADDW, Op.SUBW, Op.SLLW, Op.SRLW, Op.SRAW, Op.MULW -> WORD_REGISTERS;
        default -> null;
      };
    }
  }
}
