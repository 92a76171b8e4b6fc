package dev.faultline.machine.hart;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.jspecify.annotations.Nullable;

/** Writes bytecode for instructions that read and write integer registers and nothing else. */
final class IntegerEmitter {
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final ClassDesc LONG = ClassDesc.of("java.lang.Long");
  private static final MethodTypeDesc COMPARE = MethodTypeDesc.of(CD_int, CD_long, CD_long);
  private static final MethodTypeDesc TWO_LONGS = MethodTypeDesc.of(CD_long, CD_long, CD_long);

  private final CodeBuilder code;

  IntegerEmitter(CodeBuilder code) {
    this.code = code;
  }

  /** The value of an integer register. */
  void read(int register) {
    if (register == 0) {
      code.lconst_0();
    } else {
      code.aload(RegionEmitter.X).loadConstant(register).laload();
    }
  }

  /** The virtual address of an offset from the region's first page. */
  void address(long offset) {
    code.lload(RegionEmitter.PAGE).loadConstant(offset).ladd();
  }

  /** Below zero, zero or above, as two values compare unsigned. */
  void compareUnsigned() {
    code.invokestatic(LONG, "compareUnsigned", COMPARE);
  }

  /**
   * An instruction on integer registers alone; false when it is none that has code here.
   *
   * @param offset where it stands, from the region's first page on
   */
  boolean emit(long word, long offset) {
    int op = Decoded.op(word);
    int rd = Decoded.rd(word);
    int rs1 = Decoded.rs1(word);
    int rs2 = Decoded.rs2(word);
    long imm = Decoded.immediate(word);
    Kind kind = Kind.of(op);
    if (kind == null) {
      return false;
    }
    if (rd == Decoded.SINK) {
      return true;
    }
    code.aload(RegionEmitter.X).loadConstant(rd);
    switch (kind) {
      case UPPER -> code.loadConstant(imm);
      case UPPER_PC -> address(offset);
      case IMMEDIATE, SHIFT_IMMEDIATE -> read(rs1);
      case REGISTERS -> read(rs1);
      case WORD_IMMEDIATE, WORD_REGISTERS -> {
        read(rs1);
        code.l2i();
      }
    }
    switch (kind) {
      case UPPER -> {}
      case UPPER_PC -> code.loadConstant(imm).ladd();
      case IMMEDIATE -> code.loadConstant(imm);
      case SHIFT_IMMEDIATE, WORD_IMMEDIATE -> code.loadConstant((int) imm);
      case REGISTERS -> {
        read(rs2);
        if (op == Op.SLL || op == Op.SRL || op == Op.SRA) {
          code.l2i();
        }
      }
      case WORD_REGISTERS -> {
        read(rs2);
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
        compareUnsigned();
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
