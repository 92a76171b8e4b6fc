package dev.faultline.machine.hart;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.faultline.machine.fp.Rounding;
import dev.faultline.machine.hart.CompiledRegion.Part;
import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Writes the method of one region: its blocks, how control moves between them, and memory. */
final class RegionEmitter {
  private static final ClassDesc PORTS = ClassDesc.of(Ports.class.getName());
  private static final ClassDesc LONGS = CD_long.arrayType();

  /** {@link CompiledRegion.Code#run}. */
  static final MethodTypeDesc RUN =
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

  private static final MethodTypeDesc LEADS_TO =
      MethodTypeDesc.of(CD_boolean, PORTS, CD_long, CD_int);

  // Locals of the method; 0 is this.
  private static final int PORTS_LOCAL = 1;
  static final int X = 2;
  private static final int F = 3;
  static final int PAGE = 4;
  private static final int BUDGET = 6;
  private static final int TARGET = 7;
  private static final int DISTANCE = 9;

  private final CodeBuilder code;
  private final CompiledRegion region;
  private final IntegerEmitter integers;
  private final Map<Long, Label> labels = new HashMap<>();

  RegionEmitter(CodeBuilder code, CompiledRegion region) {
    this.code = code;
    this.region = region;
    integers = new IntegerEmitter(code);
  }

  /** About how many bytes of bytecode a part takes. */
  static int size(Part part) {
    int size = 60 + 45 * part.targets().length;
    for (long word : part.block().code) {
      size += Decoded.op(word) >= Op.FMADD_S ? 28 : isMemory(Decoded.op(word)) ? 21 : 14;
    }
    return size;
  }

  void emit() {
    List<Part> parts = region.parts();
    for (Part part : parts) {
      labels.put(part.offset(), code.newLabel());
    }
    for (int number = 0; number < parts.size(); number++) {
      emit(parts.get(number), region.firstIndex(number));
    }
  }

  private void emit(Part part, int firstIndex) {
    Block block = part.block();
    Label enough = code.newLabel();
    int count = block.code.length;
    boolean endsInSystem = Block.isSystem(block.code[count - 1]);
    if (endsInSystem) {
      count--;
    }
    code.labelBinding(label(part.offset()));
    code.iload(BUDGET).loadConstant(block.code.length).if_icmpge(enough);
    exit(part.offset());
    code.labelBinding(enough);
    code.iinc(BUDGET, -block.code.length);
    for (int i = 0; i < count; i++) {
      emit(part, i, firstIndex + i);
    }
    if (endsInSystem) {
      // The interpreter executes it, and pays for it.
      code.iinc(BUDGET, 1);
      exit(part.offset() + block.offsets[count]);
    } else if (!Block.isJump(block.code[count - 1])) {
      goTo(part, part.end());
    }
  }

  private Label label(long offset) {
    return Objects.requireNonNull(labels.get(offset));
  }

  private void exit(long offset) {
    code.aload(PORTS_LOCAL);
    integers.address(offset);
    code.iload(BUDGET).invokevirtual(PORTS, "exit", EXIT).return_();
  }

  private void goTo(Part from, long offset) {
    if (labels.containsKey(offset)) {
      long page = offset >> PhysicalMemory.FRAME_SHIFT;
      if (page == from.page()) {
        code.goto_(label(offset));
        return;
      }
      code.aload(PORTS_LOCAL);
      integers.address(page << PhysicalMemory.FRAME_SHIFT);
      code.loadConstant(region.pageNumber(page));
      code.invokestatic(PORTS, "leadsTo", LEADS_TO).ifne(label(offset));
    }
    exit(offset);
  }

  private void readFloat(int register) {
    code.aload(F).loadConstant(register).laload();
  }

  private void emit(Part part, int i, int index) {
    Block block = part.block();
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
      case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU -> branch(part, word);
      case Op.JAL -> {
        link(part, rd);
        goTo(part, part.offset() + imm);
      }
      case Op.JALR -> {
        // The target is read before the link is written: they may be one register.
        integers.read(rs1);
        code.loadConstant(imm).ladd().loadConstant(-2L).land().lstore(TARGET);
        link(part, rd);
        goToTarget(part, rd);
      }
      case Op.FENCE -> {}
      default -> {
        if (!integers.emit(word, part.offset() + block.offsets[i])
            && !arithmetic(op, word, index)) {
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
    readFloat(Decoded.rs1(word));
    readFloat(Decoded.rs2(word));
    if (op == Op.FMADD_D) {
      readFloat(Decoded.immediate(word));
    }
    code.loadConstant(word).loadConstant(index).iload(BUDGET);
    code.invokestatic(PORTS, name, op == Op.FMADD_D ? THREE_OPERANDS : TWO_OPERANDS).lastore();
    return true;
  }

  /** A jump to where TARGET says: within the region where that is known, else out of it. */
  private void goToTarget(Part from, int rd) {
    var known = new TreeSet<Long>();
    Arrays.stream(from.targets()).forEach(known::add);
    if (rd == Decoded.SINK) {
      known.addAll(region.returns());
    }
    known.retainAll(labels.keySet());
    var near = new ArrayList<SwitchCase>();
    var stubs = new HashMap<Long, Label>();
    Label far = code.newLabel();
    code.lload(TARGET).lload(PAGE).lsub().lstore(DISTANCE);
    for (long offset : known) {
      Label to = label(offset);
      if (offset >> PhysicalMemory.FRAME_SHIFT != from.page()) {
        to = code.newLabel();
        stubs.put(offset, to);
      }
      if (offset == (int) offset) {
        near.add(SwitchCase.of((int) offset, to));
      } else {
        code.lload(DISTANCE).loadConstant(offset).lcmp().ifeq(to);
      }
    }
    if (near.isEmpty()) {
      code.goto_(far);
    } else {
      code.lload(DISTANCE).lload(DISTANCE).l2i().i2l().lcmp().ifne(far);
      code.lload(DISTANCE).l2i().lookupswitch(far, near);
    }
    for (long offset : known) {
      Label stub = stubs.get(offset);
      if (stub != null) {
        code.labelBinding(stub);
        goTo(from, offset);
      }
    }
    code.labelBinding(far);
    code.aload(PORTS_LOCAL).lload(TARGET).iload(BUDGET);
    code.invokevirtual(PORTS, "exit", EXIT).return_();
  }

  private void link(Part part, int rd) {
    if (rd != Decoded.SINK) {
      code.aload(X).loadConstant(rd);
      integers.address(part.end());
      code.lastore();
    }
  }

  private static boolean isMemory(int op) {
    return switch (op) {
      case Op.LB, Op.LBU, Op.LH, Op.LHU, Op.LW, Op.LWU, Op.LD, Op.SB, Op.SH, Op.SW, Op.SD -> true;
      default -> false;
    };
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
    integers.read(Decoded.rs1(word));
    code.loadConstant((long) Decoded.immediate(word)).ladd();
    code.loadConstant(index).iload(BUDGET).invokestatic(PORTS, helper(op), LOAD).lastore();
  }

  private void store(int op, int array, long word, int index) {
    code.aload(PORTS_LOCAL);
    integers.read(Decoded.rs1(word));
    code.loadConstant((long) Decoded.immediate(word)).ladd();
    if (array == X) {
      integers.read(Decoded.rs2(word));
    } else {
      readFloat(Decoded.rs2(word));
    }
    code.loadConstant(index).iload(BUDGET).invokestatic(PORTS, helper(op), STORE);
  }

  private void branch(Part part, long word) {
    Label taken = code.newLabel();
    int op = Decoded.op(word);
    integers.read(Decoded.rs1(word));
    integers.read(Decoded.rs2(word));
    if (op == Op.BLTU || op == Op.BGEU) {
      integers.compareUnsigned();
    } else {
      code.lcmp();
    }
    switch (op) {
      case Op.BEQ -> code.ifeq(taken);
      case Op.BNE -> code.ifne(taken);
      case Op.BLT, Op.BLTU -> code.iflt(taken);
      default -> code.ifge(taken);
    }
    goTo(part, part.end());
    code.labelBinding(taken);
    goTo(part, part.offset() + Decoded.immediate(word));
  }
}
