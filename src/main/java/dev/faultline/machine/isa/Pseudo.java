package dev.faultline.machine.isa;

import static dev.faultline.machine.isa.Disassembler.f;
import static dev.faultline.machine.isa.Disassembler.isRa;
import static dev.faultline.machine.isa.Disassembler.line;
import static dev.faultline.machine.isa.Disassembler.target;
import static dev.faultline.machine.isa.Disassembler.x;

import org.jspecify.annotations.Nullable;

/** The pseudo-instructions ("RISC-V Assembly Programmer's Handbook", "Pseudoinstructions"). */
final class Pseudo {
  private static final int SINK = Decoded.SINK;

  private Pseudo() {}

  /** How an instruction is written as a pseudo-instruction; null when it is none. */
  static @Nullable String of(long word, long pc) {
    int op = Decoded.op(word);
    int rd = Decoded.rd(word);
    int rs1 = Decoded.rs1(word);
    int rs2 = Decoded.rs2(word);
    int imm = Decoded.immediate(word);
    return switch (op) {
      case Op.ADDI -> addi(rd, rs1, imm);
      case Op.ADD -> rs1 == 0 && Decoded.length(word) == 2 ? line("mv", x(rd), x(rs2)) : null;
      case Op.ADDIW -> imm == 0 ? line("sext.w", x(rd), x(rs1)) : null;
      case Op.ANDI -> imm == 255 ? line("zext.b", x(rd), x(rs1)) : null;
      case Op.XORI -> imm == -1 ? line("not", x(rd), x(rs1)) : null;
      case Op.SUB -> rs1 == 0 ? line("neg", x(rd), x(rs2)) : null;
      case Op.SUBW -> rs1 == 0 ? line("negw", x(rd), x(rs2)) : null;
      case Op.SLTIU -> imm == 1 ? line("seqz", x(rd), x(rs1)) : null;
      case Op.SLTU -> rs1 == 0 ? line("snez", x(rd), x(rs2)) : null;
      case Op.SLT -> {
        if (rs2 == 0) {
          yield line("sltz", x(rd), x(rs1));
        }
        yield rs1 == 0 ? line("sgtz", x(rd), x(rs2)) : null;
      }
      case Op.BEQ -> rs2 == 0 ? line("beqz", x(rs1), target(word, pc)) : null;
      case Op.BNE -> rs2 == 0 ? line("bnez", x(rs1), target(word, pc)) : null;
      case Op.BLT -> signed("bltz", "bgtz", rs1, rs2, word, pc);
      case Op.BGE -> signed("bgez", "blez", rs1, rs2, word, pc);
      case Op.JAL -> {
        if (rd == SINK) {
          yield line("j", target(word, pc));
        }
        yield isRa(rd) ? line("jal", target(word, pc)) : null;
      }
      case Op.JALR -> jalr(rd, rs1, imm);
      case Op.CSRRW, Op.CSRRS, Op.CSRRC -> csr(op, rd, rs1, imm);
      case Op.CSRRWI -> csrImmediate("w", rd, rs1, imm);
      case Op.CSRRSI -> csrImmediate("s", rd, rs1, imm);
      case Op.CSRRCI -> csrImmediate("c", rd, rs1, imm);
      case Op.FSGNJ_S -> rs1 == rs2 ? line("fmv.s", f(rd), f(rs1)) : null;
      case Op.FSGNJN_S -> rs1 == rs2 ? line("fneg.s", f(rd), f(rs1)) : null;
      case Op.FSGNJX_S -> rs1 == rs2 ? line("fabs.s", f(rd), f(rs1)) : null;
      case Op.FSGNJ_D -> rs1 == rs2 ? line("fmv.d", f(rd), f(rs1)) : null;
      case Op.FSGNJN_D -> rs1 == rs2 ? line("fneg.d", f(rd), f(rs1)) : null;
      case Op.FSGNJX_D -> rs1 == rs2 ? line("fabs.d", f(rd), f(rs1)) : null;
      default -> null;
    };
  }

  private static @Nullable String addi(int rd, int rs1, int imm) {
    if (rd == SINK && rs1 == 0 && imm == 0) {
      return "nop";
    }
    if (rs1 == 0) {
      return line("li", x(rd), Integer.toString(imm));
    }
    return imm == 0 ? line("mv", x(rd), x(rs1)) : null;
  }

  private static @Nullable String signed(
      String withZeroSecond, String withZeroFirst, int rs1, int rs2, long word, long pc) {
    if (rs2 == 0) {
      return line(withZeroSecond, x(rs1), target(word, pc));
    }
    return rs1 == 0 ? line(withZeroFirst, x(rs2), target(word, pc)) : null;
  }

  private static @Nullable String jalr(int rd, int rs1, int imm) {
    if (rd == SINK && isRa(rs1) && imm == 0) {
      return "ret";
    }
    String where = imm == 0 ? x(rs1) : imm + "(" + x(rs1) + ")";
    if (rd == SINK) {
      return line("jr", where);
    }
    return isRa(rd) ? line("jalr", where) : null;
  }

  private static @Nullable String csr(int op, int rd, int rs1, int csr) {
    if (op == Op.CSRRS && rs1 == 0) {
      return switch (csr) {
        case Csr.CYCLE, Csr.TIME, Csr.INSTRET -> line("rd" + Csr.name(csr), x(rd));
        case Csr.FFLAGS -> line("frflags", x(rd));
        case Csr.FRM -> line("frrm", x(rd));
        case Csr.FCSR -> line("frcsr", x(rd));
        default -> line("csrr", x(rd), Csr.name(csr));
      };
    }
    if (op == Op.CSRRW && csr <= Csr.FCSR && csr >= Csr.FFLAGS) {
      String name =
          switch (csr) {
            case Csr.FFLAGS -> "fsflags";
            case Csr.FRM -> "fsrm";
            default -> "fscsr";
          };
      return rd == SINK ? line(name, x(rs1)) : line(name, x(rd), x(rs1));
    }
    if (rd != SINK) {
      return null;
    }
    String name =
        switch (op) {
          case Op.CSRRW -> "csrw";
          case Op.CSRRS -> "csrs";
          default -> "csrc";
        };
    return line(name, Csr.name(csr), x(rs1));
  }

  private static @Nullable String csrImmediate(String what, int rd, int uimm, int csr) {
    if (what.equals("w") && (csr == Csr.FFLAGS || csr == Csr.FRM)) {
      String name = csr == Csr.FRM ? "fsrmi" : "fsflagsi";
      String value = Integer.toString(uimm);
      return rd == SINK ? line(name, value) : line(name, x(rd), value);
    }
    return rd == SINK ? line("csr" + what + "i", Csr.name(csr), Integer.toString(uimm)) : null;
  }
}
