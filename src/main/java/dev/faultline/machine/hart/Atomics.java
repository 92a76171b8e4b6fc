package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;

/** The A extension. */
final class Atomics {
  private final LoadStore memory;
  private final long[] x;

  Atomics(LoadStore memory, long[] x) {
    this.memory = memory;
    this.x = x;
  }

  void execute(long word) {
    int op = Decoded.op(word);
    long va = x[Decoded.rs1(word)];
    long operand = x[Decoded.rs2(word)];
    int rd = Decoded.rd(word);
    switch (op) {
      case Op.LR_W -> x[rd] = (int) memory.loadReserved(va, 4);
      case Op.LR_D -> x[rd] = memory.loadReserved(va, 8);
      case Op.SC_W -> x[rd] = memory.storeConditional(va, 4, operand);
      case Op.SC_D -> x[rd] = memory.storeConditional(va, 8, operand);
      default -> {
        int size = op >= Op.AMOSWAP_D ? 8 : 4;
        long physical = memory.amoAddress(va, size);
        long loaded = memory.loadPhysical(physical, size);
        long old = size == 4 ? (int) loaded : loaded;
        long other = size == 4 ? (int) operand : operand;
        memory.storePhysical(physical, size, result(op, old, other));
        x[rd] = old;
      }
    }
  }

  private static long result(int op, long old, long operand) {
    return switch (op) {
      case Op.AMOSWAP_W, Op.AMOSWAP_D -> operand;
      case Op.AMOADD_W, Op.AMOADD_D -> old + operand;
      case Op.AMOXOR_W, Op.AMOXOR_D -> old ^ operand;
      case Op.AMOAND_W, Op.AMOAND_D -> old & operand;
      case Op.AMOOR_W, Op.AMOOR_D -> old | operand;
      case Op.AMOMIN_W, Op.AMOMIN_D -> Math.min(old, operand);
      case Op.AMOMAX_W, Op.AMOMAX_D -> Math.max(old, operand);
      // Sign-extended words compare unsigned as the words themselves do.
      case Op.AMOMINU_W, Op.AMOMINU_D -> Long.compareUnsigned(old, operand) < 0 ? old : operand;
      case Op.AMOMAXU_W, Op.AMOMAXU_D -> Long.compareUnsigned(old, operand) > 0 ? old : operand;
      default -> throw new IllegalArgumentException("op " + op);
    };
  }
}
