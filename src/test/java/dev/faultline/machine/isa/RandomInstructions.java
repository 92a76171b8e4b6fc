package dev.faultline.machine.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random instructions of every kind that runs straight through: no jump, no trap on purpose. They
 * leave {@code gp} alone, and {@code sp}, {@code s0} and {@code s1}, which point into a data area:
 * {@code sp} and {@code s0} to its middle, {@code s1} to a doubleword.
 */
public final class RandomInstructions {
  /** Loads and stores reach this far to either side of the middle. */
  public static final int REACH = 512;

  private static final int SP = 2;
  private static final int GP = 3;
  private static final int S0 = 8;
  private static final int S1 = 9;
  private static final List<Encoding> STRAIGHT = new ArrayList<>();

  static {
    for (int op = 1; op < Op.COUNT; op++) {
      Encoding encoding = Encodings.of(op);
      boolean isStraight =
          switch (op) {
            case Op.JAL, Op.JALR, Op.ECALL, Op.EBREAK, Op.MRET, Op.SRET, Op.WFI, Op.SFENCE_VMA ->
                false;
            case Op.LR_W, Op.LR_D, Op.SC_W, Op.SC_D -> false;
            default -> encoding.form() != Form.BRANCH;
          };
      if (isStraight) {
        STRAIGHT.add(encoding);
      }
    }
  }

  private final RandomGenerator random;

  public RandomInstructions(RandomGenerator random) {
    this.random = random;
  }

  /** How many kinds there are. */
  public static int kinds() {
    return STRAIGHT.size();
  }

  /** An instruction of 32 bits. */
  public int next() {
    Encoding encoding = STRAIGHT.get(random.nextInt(STRAIGHT.size()));
    int rd = destination();
    int rs1 = random.nextInt(32);
    int rs2 = random.nextInt(32);
    int insn = encoding.match();
    return switch (encoding.form()) {
      case LOAD, F_LOAD -> {
        int fd = encoding.form() == Form.LOAD ? rd : random.nextInt(32);
        yield insn | offset() << 20 | pointer() << 15 | fd << 7;
      }
      case STORE, F_STORE -> {
        int offset = offset();
        yield insn | offset >> 5 << 25 | rs2 << 20 | pointer() << 15 | (offset & 31) << 7;
      }
      case AMO -> insn | random.nextInt(4) << 25 | rs2 << 20 | S1 << 15 | rd << 7;
      case CSR, CSR_IMMEDIATE -> csr(encoding, rd);
      case FENCE -> insn | 0xff << 20;
      case NONE -> insn;
      default -> {
        int operands =
            rd << 7
                | rs1 << 15
                | rs2 << 20
                | random.nextInt(32) << 27
                | 0x7f << 20 & random.nextInt();
        int filled = insn | operands & ~encoding.mask();
        yield withRounding(encoding, freed(encoding, filled, rd));
      }
    };
  }

  private int freed(Encoding encoding, int insn, int rd) {
    int rest = insn & ~(31 << 7);
    return encoding.form().writesInteger() ? rest | rd << 7 : rest | random.nextInt(32) << 7;
  }

  private int withRounding(Encoding encoding, int insn) {
    int rest = insn & ~(7 << 12);
    int free = insn | random.nextInt(8) << 12 & ~encoding.mask();
    if (!encoding.form().isRounded()) {
      return free;
    }
    int[] modes = {0, 1, 2, 3, 4, 7, 7};
    return rest | modes[random.nextInt(modes.length)] << 12;
  }

  private int csr(Encoding encoding, int rd) {
    int insn = encoding.match() | rd << 7;
    return switch (random.nextInt(3)) {
      // Reads any of the three.
      case 0 -> Encodings.of(Op.CSRRS).match() | rd << 7 | (1 + random.nextInt(3)) << 20;
      // Writes frm with a mode that exists.
      case 1 -> Encodings.of(Op.CSRRWI).match() | rd << 7 | random.nextInt(5) << 15 | Csr.FRM << 20;
      default -> insn | random.nextInt(32) << 15 | Csr.FFLAGS << 20;
    };
  }

  /**
   * LR, then SC of the same size twice, of which the second fails. What comes between is left to
   * the machine.
   */
  public int[] reservation() {
    boolean isWord = random.nextBoolean();
    int load = Encodings.of(isWord ? Op.LR_W : Op.LR_D).match();
    int store = Encodings.of(isWord ? Op.SC_W : Op.SC_D).match();
    int order = random.nextInt(4) << 25;
    return new int[] {
      load | order | S1 << 15 | destination() << 7,
      store | order | random.nextInt(32) << 20 | S1 << 15 | destination() << 7,
      store | order | random.nextInt(32) << 20 | S1 << 15 | destination() << 7
    };
  }

  /** A compressed instruction. */
  public int nextCompressed() {
    for (; ; ) {
      int c = random.nextInt(1 << 16);
      int quadrant = c & 3;
      boolean isMemory = quadrant == 0 && c >>> 13 != 0;
      int candidate = isMemory ? c & ~(7 << 7) : c;
      if (quadrant != 3 && isSafe(Decoder.decode(candidate))) {
        return candidate;
      }
    }
  }

  private static boolean isSafe(long word) {
    int op = Decoded.op(word);
    if (op == Op.ILLEGAL || STRAIGHT.stream().noneMatch(encoding -> encoding.op() == op)) {
      return false;
    }
    Form form = Encodings.of(op).form();
    int rd = Decoded.rd(word);
    return !form.writesInteger() || rd != SP && rd != GP && rd != S0 && rd != S1;
  }

  private int destination() {
    for (; ; ) {
      int rd = random.nextInt(32);
      if (rd != SP && rd != GP && rd != S0 && rd != S1) {
        return rd;
      }
    }
  }

  private int pointer() {
    return random.nextBoolean() ? SP : S0;
  }

  private int offset() {
    return random.nextInt(-REACH, REACH - 8);
  }

  /** A conditional branch over some bytes, up to 4 KiB to either side. */
  public int branch(int bytes) {
    int[] ops = {Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.BLTU, Op.BGEU};
    int insn = Encodings.of(ops[random.nextInt(ops.length)]).match();
    return insn
        | (bytes >>> 12 & 1) << 31
        | (bytes >>> 5 & 63) << 25
        | random.nextInt(32) << 20
        | random.nextInt(32) << 15
        | (bytes >>> 1 & 15) << 8
        | (bytes >>> 11 & 1) << 7;
  }

  /** A jump over some bytes that links. */
  public int jump(int bytes) {
    return jal(destination(), bytes);
  }

  /** JAL over some bytes. */
  public static int jal(int rd, int bytes) {
    return Encodings.of(Op.JAL).match()
        | (bytes >>> 20 & 1) << 31
        | (bytes >>> 1 & 0x3ff) << 21
        | (bytes >>> 11 & 1) << 20
        | bytes & 0xff000
        | rd << 7;
  }

  /** A jump to where a register points. */
  public static int jalr(int rd, int rs1) {
    return Encodings.of(Op.JALR).match() | rs1 << 15 | rd << 7;
  }

  /** A load of a doubleword. */
  public static int ld(int rd, int rs1, int offset) {
    return Encodings.of(Op.LD).match() | offset << 20 | rs1 << 15 | rd << 7;
  }
}
