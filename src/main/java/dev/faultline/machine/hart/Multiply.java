package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;

/**
 * The rarer instructions of the M extension, with its results for division by zero and overflow.
 */
final class Multiply {
  private Multiply() {}

  static void execute(int op, long word, long[] x) {
    long a = x[Decoded.rs1(word)];
    long b = x[Decoded.rs2(word)];
    x[Decoded.rd(word)] =
        switch (op) {
          case Op.MULHSU -> Math.multiplyHigh(a, b) + (b < 0 ? a : 0);
          case Op.DIV -> b == 0 ? -1 : a / b;
          case Op.DIVU -> b == 0 ? -1 : Long.divideUnsigned(a, b);
          case Op.REM -> b == 0 ? a : a % b;
          case Op.REMU -> b == 0 ? a : Long.remainderUnsigned(a, b);
          case Op.DIVW -> (int) b == 0 ? -1 : (int) a / (int) b;
          case Op.DIVUW -> (int) b == 0 ? -1 : Integer.divideUnsigned((int) a, (int) b);
          case Op.REMW -> (int) b == 0 ? (int) a : (int) a % (int) b;
          case Op.REMUW -> (int) b == 0 ? (int) a : Integer.remainderUnsigned((int) a, (int) b);
          default -> throw new IllegalArgumentException("op " + op);
        };
  }
}
