package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.machine.fp.Flags;
import dev.faultline.machine.fp.Rounding;
import dev.faultline.machine.fp.SoftFloat;
import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.mmu.Trap;

/**
 * The F and D extensions, loads and stores aside.
 *
 * <p>The host rounds to nearest and tells no exceptions. Its result is used where that is enough:
 * the rounding mode is to nearest, NX is set already, and the result is a normal number, so that no
 * other exception can have happened. (A result that may have been rounded up to the least normal
 * number does not count as one: it can be an underflow.) All else is done by {@link SoftFloat}.
 */
final class FloatUnit {
  /** The upper half of a register that holds a single: NaN boxing. */
  private static final long BOX = 0xffff_ffff_0000_0000L;

  private static final long SINGLE_SIGN = 1L << 31;
  private static final long DOUBLE_SIGN = 1L << 63;
  private static final int HIGHEST_ROUNDING_MODE = 4;

  private final ControlRegisters registers;
  private final Trap trap;
  private final long[] x;
  private final long[] f;
  private final SoftFloat single = SoftFloat.single();
  private final SoftFloat binary64 = SoftFloat.binary64();

  FloatUnit(ControlRegisters registers, Trap trap, long[] x, long[] f) {
    this.registers = registers;
    this.trap = trap;
    this.x = x;
    this.f = f;
  }

  /** Traps when floating point is off; the hart knows the instruction's bits. */
  void require() {
    if (registers.isFloatOff()) {
      throw trap.with(Cause.ILLEGAL_INSTRUCTION, 0);
    }
  }

  /** A register is about to be written by a load. */
  void dirty() {
    registers.dirtyFloat();
  }

  static long box(long single) {
    return single | BOX;
  }

  /** A single in a register; one that is not boxed counts as the canonical NaN. */
  private long unboxed(int register) {
    long bits = f[register];
    return (bits & BOX) == BOX ? bits & ~BOX : single.canonicalNan();
  }

  void execute(long word) {
    require();
    int op = Decoded.op(word);
    if (op >= Op.FMADD_D) {
      executeDouble(op, word);
    } else {
      executeSingle(op, word);
    }
    registers.raise(single.takeFlags() | binary64.takeFlags());
  }

  private int rounding(long word) {
    int rm = Decoded.rm(word);
    int effective = rm == Rounding.DYN ? registers.frm() : rm;
    if (effective > HIGHEST_ROUNDING_MODE) {
      throw trap.with(Cause.ILLEGAL_INSTRUCTION, 0);
    }
    return effective;
  }

  private boolean hostWill(int rm) {
    return rm == Rounding.RNE && (registers.fflags() & Flags.NX) != 0;
  }

  static boolean isNormal(double result) {
    double magnitude = Math.abs(result);
    return magnitude > Double.MIN_NORMAL && magnitude <= Double.MAX_VALUE;
  }

  private static boolean isNormal(float result) {
    float magnitude = Math.abs(result);
    return magnitude > Float.MIN_NORMAL && magnitude <= Float.MAX_VALUE;
  }

  private void put(int rd, long bits) {
    f[rd] = bits;
    registers.dirtyFloat();
  }

  private void executeDouble(int op, long word) {
    int rd = Decoded.rd(word);
    int rs1 = Decoded.rs1(word);
    long a = f[rs1];
    long b = f[Decoded.rs2(word)];
    switch (op) {
      case Op.FMADD_D, Op.FMSUB_D, Op.FNMSUB_D, Op.FNMADD_D -> put(rd, fusedDouble(op, word, a, b));
      case Op.FADD_D, Op.FSUB_D, Op.FMUL_D, Op.FDIV_D, Op.FSQRT_D ->
          put(rd, arithmeticDouble(op, a, b, rounding(word)));
      case Op.FSGNJ_D -> put(rd, a & ~DOUBLE_SIGN | b & DOUBLE_SIGN);
      case Op.FSGNJN_D -> put(rd, a & ~DOUBLE_SIGN | ~b & DOUBLE_SIGN);
      case Op.FSGNJX_D -> put(rd, a ^ b & DOUBLE_SIGN);
      case Op.FMIN_D -> put(rd, binary64.minimum(a, b));
      case Op.FMAX_D -> put(rd, binary64.maximum(a, b));
      case Op.FCVT_W_D -> x[rd] = binary64.toInteger(a, rounding(word), 32, true);
      case Op.FCVT_WU_D -> x[rd] = binary64.toInteger(a, rounding(word), 32, false);
      case Op.FCVT_L_D -> x[rd] = binary64.toInteger(a, rounding(word), 64, true);
      case Op.FCVT_LU_D -> x[rd] = binary64.toInteger(a, rounding(word), 64, false);
      case Op.FMV_X_D -> x[rd] = a;
      case Op.FEQ_D -> x[rd] = binary64.isEqual(a, b) ? 1 : 0;
      case Op.FLT_D -> x[rd] = binary64.isLess(a, b) ? 1 : 0;
      case Op.FLE_D -> x[rd] = binary64.isLessOrEqual(a, b) ? 1 : 0;
      case Op.FCLASS_D -> x[rd] = binary64.classify(a);
      case Op.FCVT_D_W -> put(rd, binary64.fromInteger((int) x[rs1], true, rounding(word)));
      case Op.FCVT_D_WU ->
          put(rd, binary64.fromInteger(x[rs1] & 0xffff_ffffL, false, rounding(word)));
      case Op.FCVT_D_L -> put(rd, binary64.fromInteger(x[rs1], true, rounding(word)));
      case Op.FCVT_D_LU -> put(rd, binary64.fromInteger(x[rs1], false, rounding(word)));
      case Op.FMV_D_X -> put(rd, x[rs1]);
      case Op.FCVT_S_D -> put(rd, box(single.from(binary64, a, rounding(word))));
      case Op.FCVT_D_S -> put(rd, binary64.from(single, unboxed(rs1), rounding(word)));
      default -> throw new IllegalArgumentException("op " + op);
    }
  }

  private long arithmeticDouble(int op, long a, long b, int rm) {
    if (hostWill(rm)) {
      double left = Double.longBitsToDouble(a);
      double right = Double.longBitsToDouble(b);
      double result =
          switch (op) {
            case Op.FADD_D -> left + right;
            case Op.FSUB_D -> left - right;
            case Op.FMUL_D -> left * right;
            case Op.FDIV_D -> left / right;
            default -> Math.sqrt(left);
          };
      // A normal quotient of an infinity or by zero does not exist, nor a normal root of a NaN.
      if (isNormal(result)) {
        return Double.doubleToRawLongBits(result);
      }
    }
    return switch (op) {
      case Op.FADD_D -> binary64.add(a, b, rm);
      case Op.FSUB_D -> binary64.subtract(a, b, rm);
      case Op.FMUL_D -> binary64.multiply(a, b, rm);
      case Op.FDIV_D -> binary64.divide(a, b, rm);
      default -> binary64.squareRoot(a, rm);
    };
  }

  private long fusedDouble(int op, long word, long a, long b) {
    int rm = rounding(word);
    long c = f[Decoded.immediate(word)];
    // fnmsub is -(a * b) + c, fnmadd is -(a * b) - c: the signs go in before anything is rounded.
    long factor = op == Op.FNMSUB_D || op == Op.FNMADD_D ? a ^ DOUBLE_SIGN : a;
    long summand = op == Op.FMSUB_D || op == Op.FNMADD_D ? c ^ DOUBLE_SIGN : c;
    if (hostWill(rm)) {
      double result =
          Math.fma(
              Double.longBitsToDouble(factor),
              Double.longBitsToDouble(b),
              Double.longBitsToDouble(summand));
      if (isNormal(result)) {
        return Double.doubleToRawLongBits(result);
      }
    }
    return binary64.fusedMultiplyAdd(factor, b, summand, rm);
  }

  private void executeSingle(int op, long word) {
    int rd = Decoded.rd(word);
    int rs1 = Decoded.rs1(word);
    int rs2 = Decoded.rs2(word);
    switch (op) {
      case Op.FMADD_S, Op.FMSUB_S, Op.FNMSUB_S, Op.FNMADD_S -> put(rd, box(fusedSingle(op, word)));
      case Op.FADD_S, Op.FSUB_S, Op.FMUL_S, Op.FDIV_S, Op.FSQRT_S ->
          put(rd, box(arithmeticSingle(op, unboxed(rs1), unboxed(rs2), rounding(word))));
      case Op.FSGNJ_S -> put(rd, box(unboxed(rs1) & ~SINGLE_SIGN | unboxed(rs2) & SINGLE_SIGN));
      case Op.FSGNJN_S -> put(rd, box(unboxed(rs1) & ~SINGLE_SIGN | ~unboxed(rs2) & SINGLE_SIGN));
      case Op.FSGNJX_S -> put(rd, box(unboxed(rs1) ^ unboxed(rs2) & SINGLE_SIGN));
      case Op.FMIN_S -> put(rd, box(single.minimum(unboxed(rs1), unboxed(rs2))));
      case Op.FMAX_S -> put(rd, box(single.maximum(unboxed(rs1), unboxed(rs2))));
      case Op.FCVT_W_S -> x[rd] = single.toInteger(unboxed(rs1), rounding(word), 32, true);
      case Op.FCVT_WU_S -> x[rd] = single.toInteger(unboxed(rs1), rounding(word), 32, false);
      case Op.FCVT_L_S -> x[rd] = single.toInteger(unboxed(rs1), rounding(word), 64, true);
      case Op.FCVT_LU_S -> x[rd] = single.toInteger(unboxed(rs1), rounding(word), 64, false);
      case Op.FMV_X_W -> x[rd] = (int) f[rs1];
      case Op.FEQ_S -> x[rd] = single.isEqual(unboxed(rs1), unboxed(rs2)) ? 1 : 0;
      case Op.FLT_S -> x[rd] = single.isLess(unboxed(rs1), unboxed(rs2)) ? 1 : 0;
      case Op.FLE_S -> x[rd] = single.isLessOrEqual(unboxed(rs1), unboxed(rs2)) ? 1 : 0;
      case Op.FCLASS_S -> x[rd] = single.classify(unboxed(rs1));
      case Op.FCVT_S_W -> put(rd, box(single.fromInteger((int) x[rs1], true, rounding(word))));
      case Op.FCVT_S_WU ->
          put(rd, box(single.fromInteger(x[rs1] & 0xffff_ffffL, false, rounding(word))));
      case Op.FCVT_S_L -> put(rd, box(single.fromInteger(x[rs1], true, rounding(word))));
      case Op.FCVT_S_LU -> put(rd, box(single.fromInteger(x[rs1], false, rounding(word))));
      case Op.FMV_W_X -> put(rd, box(x[rs1] & ~BOX));
      default -> throw new IllegalArgumentException("op " + op);
    }
  }

  private long arithmeticSingle(int op, long a, long b, int rm) {
    if (hostWill(rm)) {
      float left = Float.intBitsToFloat((int) a);
      float right = Float.intBitsToFloat((int) b);
      float result =
          switch (op) {
            case Op.FADD_S -> left + right;
            case Op.FSUB_S -> left - right;
            case Op.FMUL_S -> left * right;
            case Op.FDIV_S -> left / right;
            // Rounding a root of twice the precision a second time changes nothing.
            default -> (float) Math.sqrt(left);
          };
      if (isNormal(result)) {
        return Float.floatToRawIntBits(result) & ~BOX;
      }
    }
    return switch (op) {
      case Op.FADD_S -> single.add(a, b, rm);
      case Op.FSUB_S -> single.subtract(a, b, rm);
      case Op.FMUL_S -> single.multiply(a, b, rm);
      case Op.FDIV_S -> single.divide(a, b, rm);
      default -> single.squareRoot(a, rm);
    };
  }

  private long fusedSingle(int op, long word) {
    int rm = rounding(word);
    long a = unboxed(Decoded.rs1(word));
    long b = unboxed(Decoded.rs2(word));
    long c = unboxed(Decoded.immediate(word));
    long factor = op == Op.FNMSUB_S || op == Op.FNMADD_S ? a ^ SINGLE_SIGN : a;
    long summand = op == Op.FMSUB_S || op == Op.FNMADD_S ? c ^ SINGLE_SIGN : c;
    if (hostWill(rm)) {
      float result =
          Math.fma(
              Float.intBitsToFloat((int) factor),
              Float.intBitsToFloat((int) b),
              Float.intBitsToFloat((int) summand));
      if (isNormal(result)) {
        return Float.floatToRawIntBits(result) & ~BOX;
      }
    }
    return single.fusedMultiplyAdd(factor, b, summand, rm);
  }
}
