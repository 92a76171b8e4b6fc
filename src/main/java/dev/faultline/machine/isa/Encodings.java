package dev.faultline.machine.isa;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every instruction of 32 bits, in the order of the manual's listings. */
final class Encodings {
  private static final int LOAD = 0x3;
  private static final int LOAD_FP = 0x7;
  private static final int MISC_MEM = 0xf;
  private static final int OP_IMM = 0x13;
  private static final int AUIPC = 0x17;
  private static final int OP_IMM_32 = 0x1b;
  private static final int STORE = 0x23;
  private static final int STORE_FP = 0x27;
  private static final int AMO = 0x2f;
  private static final int OP = 0x33;
  private static final int LUI = 0x37;
  private static final int OP_32 = 0x3b;
  private static final int MADD = 0x43;
  private static final int MSUB = 0x47;
  private static final int NMSUB = 0x4b;
  private static final int NMADD = 0x4f;
  private static final int OP_FP = 0x53;
  private static final int BRANCH = 0x63;
  private static final int JALR = 0x67;
  private static final int JAL = 0x6f;
  private static final int SYSTEM = 0x73;

  private static final int OPCODE_MASK = 0x0000_007f;
  private static final int FUNCT3_MASK = 0x0000_7000;
  private static final int RS2_MASK = 0x01f0_0000;
  private static final int FUNCT5_MASK = 0xf800_0000;
  private static final int FUNCT6_MASK = 0xfc00_0000;
  private static final int FUNCT7_MASK = 0xfe00_0000;

  private static final Encoding[] BY_OP = new Encoding[Op.COUNT];
  private static final List<List<Encoding>> BY_OPCODE = new ArrayList<>();

  private Encodings() {}

  static {
    for (int opcode = 0; opcode <= OPCODE_MASK; opcode++) {
      BY_OPCODE.add(new ArrayList<>());
    }

    // RV32I and RV64I, "RV32/64G Instruction Set Listings"
    opcode(Op.LUI, "lui", Form.U, LUI);
    opcode(Op.AUIPC, "auipc", Form.U, AUIPC);
    opcode(Op.JAL, "jal", Form.J, JAL);
    funct3(Op.JALR, "jalr", Form.LOAD, JALR, 0);
    funct3(Op.BEQ, "beq", Form.BRANCH, BRANCH, 0);
    funct3(Op.BNE, "bne", Form.BRANCH, BRANCH, 1);
    funct3(Op.BLT, "blt", Form.BRANCH, BRANCH, 4);
    funct3(Op.BGE, "bge", Form.BRANCH, BRANCH, 5);
    funct3(Op.BLTU, "bltu", Form.BRANCH, BRANCH, 6);
    funct3(Op.BGEU, "bgeu", Form.BRANCH, BRANCH, 7);
    funct3(Op.LB, "lb", Form.LOAD, LOAD, 0);
    funct3(Op.LH, "lh", Form.LOAD, LOAD, 1);
    funct3(Op.LW, "lw", Form.LOAD, LOAD, 2);
    funct3(Op.LD, "ld", Form.LOAD, LOAD, 3);
    funct3(Op.LBU, "lbu", Form.LOAD, LOAD, 4);
    funct3(Op.LHU, "lhu", Form.LOAD, LOAD, 5);
    funct3(Op.LWU, "lwu", Form.LOAD, LOAD, 6);
    funct3(Op.SB, "sb", Form.STORE, STORE, 0);
    funct3(Op.SH, "sh", Form.STORE, STORE, 1);
    funct3(Op.SW, "sw", Form.STORE, STORE, 2);
    funct3(Op.SD, "sd", Form.STORE, STORE, 3);
    funct3(Op.ADDI, "addi", Form.I, OP_IMM, 0);
    funct3(Op.SLTI, "slti", Form.I, OP_IMM, 2);
    funct3(Op.SLTIU, "sltiu", Form.I, OP_IMM, 3);
    funct3(Op.XORI, "xori", Form.I, OP_IMM, 4);
    funct3(Op.ORI, "ori", Form.I, OP_IMM, 6);
    funct3(Op.ANDI, "andi", Form.I, OP_IMM, 7);
    shift(Op.SLLI, "slli", 1, 0x0);
    shift(Op.SRLI, "srli", 5, 0x0);
    shift(Op.SRAI, "srai", 5, 0x10);
    funct7(Op.ADD, "add", Form.R, OP, 0, 0x0);
    funct7(Op.SUB, "sub", Form.R, OP, 0, 0x20);
    funct7(Op.SLL, "sll", Form.R, OP, 1, 0x0);
    funct7(Op.SLT, "slt", Form.R, OP, 2, 0x0);
    funct7(Op.SLTU, "sltu", Form.R, OP, 3, 0x0);
    funct7(Op.XOR, "xor", Form.R, OP, 4, 0x0);
    funct7(Op.SRL, "srl", Form.R, OP, 5, 0x0);
    funct7(Op.SRA, "sra", Form.R, OP, 5, 0x20);
    funct7(Op.OR, "or", Form.R, OP, 6, 0x0);
    funct7(Op.AND, "and", Form.R, OP, 7, 0x0);
    funct3(Op.ADDIW, "addiw", Form.I, OP_IMM_32, 0);
    funct7(Op.SLLIW, "slliw", Form.SHIFT_WORD, OP_IMM_32, 1, 0x0);
    funct7(Op.SRLIW, "srliw", Form.SHIFT_WORD, OP_IMM_32, 5, 0x0);
    funct7(Op.SRAIW, "sraiw", Form.SHIFT_WORD, OP_IMM_32, 5, 0x20);
    funct7(Op.ADDW, "addw", Form.R, OP_32, 0, 0x0);
    funct7(Op.SUBW, "subw", Form.R, OP_32, 0, 0x20);
    funct7(Op.SLLW, "sllw", Form.R, OP_32, 1, 0x0);
    funct7(Op.SRLW, "srlw", Form.R, OP_32, 5, 0x0);
    funct7(Op.SRAW, "sraw", Form.R, OP_32, 5, 0x20);
    funct3(Op.FENCE, "fence", Form.FENCE, MISC_MEM, 0);
    funct3(Op.FENCE_I, "fence.i", Form.NONE, MISC_MEM, 1);
    whole(Op.ECALL, "ecall", 0x0000_0073);
    whole(Op.EBREAK, "ebreak", 0x0010_0073);

    // Zicsr
    funct3(Op.CSRRW, "csrrw", Form.CSR, SYSTEM, 1);
    funct3(Op.CSRRS, "csrrs", Form.CSR, SYSTEM, 2);
    funct3(Op.CSRRC, "csrrc", Form.CSR, SYSTEM, 3);
    funct3(Op.CSRRWI, "csrrwi", Form.CSR_IMMEDIATE, SYSTEM, 5);
    funct3(Op.CSRRSI, "csrrsi", Form.CSR_IMMEDIATE, SYSTEM, 6);
    funct3(Op.CSRRCI, "csrrci", Form.CSR_IMMEDIATE, SYSTEM, 7);

    // Privileged Architecture, "RISC-V Privileged Instruction Set Listings"
    whole(Op.MRET, "mret", 0x3020_0073);
    whole(Op.SRET, "sret", 0x1020_0073);
    whole(Op.WFI, "wfi", 0x1050_0073);
    add(Op.SFENCE_VMA, "sfence.vma", Form.SFENCE, 0x1200_0073, 0xfe00_7fff);

    // M
    funct7(Op.MUL, "mul", Form.R, OP, 0, 1);
    funct7(Op.MULH, "mulh", Form.R, OP, 1, 1);
    funct7(Op.MULHSU, "mulhsu", Form.R, OP, 2, 1);
    funct7(Op.MULHU, "mulhu", Form.R, OP, 3, 1);
    funct7(Op.DIV, "div", Form.R, OP, 4, 1);
    funct7(Op.DIVU, "divu", Form.R, OP, 5, 1);
    funct7(Op.REM, "rem", Form.R, OP, 6, 1);
    funct7(Op.REMU, "remu", Form.R, OP, 7, 1);
    funct7(Op.MULW, "mulw", Form.R, OP_32, 0, 1);
    funct7(Op.DIVW, "divw", Form.R, OP_32, 4, 1);
    funct7(Op.DIVUW, "divuw", Form.R, OP_32, 5, 1);
    funct7(Op.REMW, "remw", Form.R, OP_32, 6, 1);
    funct7(Op.REMUW, "remuw", Form.R, OP_32, 7, 1);

    // A
    amo(Op.LR_W, "lr.w", Form.LR, 2, 2);
    amo(Op.SC_W, "sc.w", Form.AMO, 2, 0x3);
    amo(Op.AMOSWAP_W, "amoswap.w", Form.AMO, 2, 0x1);
    amo(Op.AMOADD_W, "amoadd.w", Form.AMO, 2, 0x0);
    amo(Op.AMOXOR_W, "amoxor.w", Form.AMO, 2, 0x4);
    amo(Op.AMOAND_W, "amoand.w", Form.AMO, 2, 0xc);
    amo(Op.AMOOR_W, "amoor.w", Form.AMO, 2, 0x8);
    amo(Op.AMOMIN_W, "amomin.w", Form.AMO, 2, 0x10);
    amo(Op.AMOMAX_W, "amomax.w", Form.AMO, 2, 0x14);
    amo(Op.AMOMINU_W, "amominu.w", Form.AMO, 2, 0x18);
    amo(Op.AMOMAXU_W, "amomaxu.w", Form.AMO, 2, 0x1c);
    amo(Op.LR_D, "lr.d", Form.LR, 3, 2);
    amo(Op.SC_D, "sc.d", Form.AMO, 3, 0x3);
    amo(Op.AMOSWAP_D, "amoswap.d", Form.AMO, 3, 0x1);
    amo(Op.AMOADD_D, "amoadd.d", Form.AMO, 3, 0x0);
    amo(Op.AMOXOR_D, "amoxor.d", Form.AMO, 3, 0x4);
    amo(Op.AMOAND_D, "amoand.d", Form.AMO, 3, 0xc);
    amo(Op.AMOOR_D, "amoor.d", Form.AMO, 3, 0x8);
    amo(Op.AMOMIN_D, "amomin.d", Form.AMO, 3, 0x10);
    amo(Op.AMOMAX_D, "amomax.d", Form.AMO, 3, 0x14);
    amo(Op.AMOMINU_D, "amominu.d", Form.AMO, 3, 0x18);
    amo(Op.AMOMAXU_D, "amomaxu.d", Form.AMO, 3, 0x1c);

    // F and D
    funct3(Op.FLW, "flw", Form.F_LOAD, LOAD_FP, 2);
    funct3(Op.FLD, "fld", Form.F_LOAD, LOAD_FP, 3);
    funct3(Op.FSW, "fsw", Form.F_STORE, STORE_FP, 2);
    funct3(Op.FSD, "fsd", Form.F_STORE, STORE_FP, 3);

    fused(Op.FMADD_S, "fmadd.s", MADD, 0);
    fused(Op.FMSUB_S, "fmsub.s", MSUB, 0);
    fused(Op.FNMSUB_S, "fnmsub.s", NMSUB, 0);
    fused(Op.FNMADD_S, "fnmadd.s", NMADD, 0);
    rounded(Op.FADD_S, "fadd.s", Form.F_R_ROUNDED, 0x0);
    rounded(Op.FSUB_S, "fsub.s", Form.F_R_ROUNDED, 0x4);
    rounded(Op.FMUL_S, "fmul.s", Form.F_R_ROUNDED, 0x8);
    rounded(Op.FDIV_S, "fdiv.s", Form.F_R_ROUNDED, 0xc);
    unary(Op.FSQRT_S, "fsqrt.s", Form.F_F_ROUNDED, 0x2c, 0);
    funct7(Op.FSGNJ_S, "fsgnj.s", Form.F_R, OP_FP, 0, 0x10);
    funct7(Op.FSGNJN_S, "fsgnjn.s", Form.F_R, OP_FP, 1, 0x10);
    funct7(Op.FSGNJX_S, "fsgnjx.s", Form.F_R, OP_FP, 2, 0x10);
    funct7(Op.FMIN_S, "fmin.s", Form.F_R, OP_FP, 0, 0x14);
    funct7(Op.FMAX_S, "fmax.s", Form.F_R, OP_FP, 1, 0x14);
    unary(Op.FCVT_W_S, "fcvt.w.s", Form.X_F_ROUNDED, 0x60, 0);
    unary(Op.FCVT_WU_S, "fcvt.wu.s", Form.X_F_ROUNDED, 0x60, 1);
    unary(Op.FCVT_L_S, "fcvt.l.s", Form.X_F_ROUNDED, 0x60, 2);
    unary(Op.FCVT_LU_S, "fcvt.lu.s", Form.X_F_ROUNDED, 0x60, 3);
    unary3(Op.FMV_X_W, "fmv.x.w", Form.X_F, 0x70, 0);
    funct7(Op.FEQ_S, "feq.s", Form.X_F_F, OP_FP, 2, 0x50);
    funct7(Op.FLT_S, "flt.s", Form.X_F_F, OP_FP, 1, 0x50);
    funct7(Op.FLE_S, "fle.s", Form.X_F_F, OP_FP, 0, 0x50);
    unary3(Op.FCLASS_S, "fclass.s", Form.X_F, 0x70, 1);
    unary(Op.FCVT_S_W, "fcvt.s.w", Form.F_X_ROUNDED, 0x68, 0);
    unary(Op.FCVT_S_WU, "fcvt.s.wu", Form.F_X_ROUNDED, 0x68, 1);
    unary(Op.FCVT_S_L, "fcvt.s.l", Form.F_X_ROUNDED, 0x68, 2);
    unary(Op.FCVT_S_LU, "fcvt.s.lu", Form.F_X_ROUNDED, 0x68, 3);
    unary3(Op.FMV_W_X, "fmv.w.x", Form.F_X, 0x78, 0);

    fused(Op.FMADD_D, "fmadd.d", MADD, 1);
    fused(Op.FMSUB_D, "fmsub.d", MSUB, 1);
    fused(Op.FNMSUB_D, "fnmsub.d", NMSUB, 1);
    fused(Op.FNMADD_D, "fnmadd.d", NMADD, 1);
    rounded(Op.FADD_D, "fadd.d", Form.F_R_ROUNDED, 0x1);
    rounded(Op.FSUB_D, "fsub.d", Form.F_R_ROUNDED, 0x5);
    rounded(Op.FMUL_D, "fmul.d", Form.F_R_ROUNDED, 0x9);
    rounded(Op.FDIV_D, "fdiv.d", Form.F_R_ROUNDED, 0xd);
    unary(Op.FSQRT_D, "fsqrt.d", Form.F_F_ROUNDED, 0x2d, 0);
    funct7(Op.FSGNJ_D, "fsgnj.d", Form.F_R, OP_FP, 0, 0x11);
    funct7(Op.FSGNJN_D, "fsgnjn.d", Form.F_R, OP_FP, 1, 0x11);
    funct7(Op.FSGNJX_D, "fsgnjx.d", Form.F_R, OP_FP, 2, 0x11);
    funct7(Op.FMIN_D, "fmin.d", Form.F_R, OP_FP, 0, 0x15);
    funct7(Op.FMAX_D, "fmax.d", Form.F_R, OP_FP, 1, 0x15);
    unary(Op.FCVT_W_D, "fcvt.w.d", Form.X_F_ROUNDED, 0x61, 0);
    unary(Op.FCVT_WU_D, "fcvt.wu.d", Form.X_F_ROUNDED, 0x61, 1);
    unary(Op.FCVT_L_D, "fcvt.l.d", Form.X_F_ROUNDED, 0x61, 2);
    unary(Op.FCVT_LU_D, "fcvt.lu.d", Form.X_F_ROUNDED, 0x61, 3);
    unary3(Op.FMV_X_D, "fmv.x.d", Form.X_F, 0x71, 0);
    funct7(Op.FEQ_D, "feq.d", Form.X_F_F, OP_FP, 2, 0x51);
    funct7(Op.FLT_D, "flt.d", Form.X_F_F, OP_FP, 1, 0x51);
    funct7(Op.FLE_D, "fle.d", Form.X_F_F, OP_FP, 0, 0x51);
    unary3(Op.FCLASS_D, "fclass.d", Form.X_F, 0x71, 1);
    unary(Op.FCVT_D_W, "fcvt.d.w", Form.F_X_ROUNDED, 0x69, 0);
    unary(Op.FCVT_D_WU, "fcvt.d.wu", Form.F_X_ROUNDED, 0x69, 1);
    unary(Op.FCVT_D_L, "fcvt.d.l", Form.F_X_ROUNDED, 0x69, 2);
    unary(Op.FCVT_D_LU, "fcvt.d.lu", Form.F_X_ROUNDED, 0x69, 3);
    unary3(Op.FMV_D_X, "fmv.d.x", Form.F_X, 0x79, 0);

    unary(Op.FCVT_S_D, "fcvt.s.d", Form.F_F_ROUNDED, 0x20, 1);
    unary(Op.FCVT_D_S, "fcvt.d.s", Form.F_F_ROUNDED, 0x21, 0);
  }

  /** The instruction that these 32 bits encode; null for none. */
  static @Nullable Encoding find(int insn) {
    for (Encoding encoding : BY_OPCODE.get(insn & OPCODE_MASK)) {
      if (encoding.matches(insn)) {
        return encoding;
      }
    }
    return null;
  }

  static Encoding of(int op) {
    return BY_OP[op];
  }

  private static void opcode(int op, String mnemonic, Form form, int opcode) {
    add(op, mnemonic, form, opcode, OPCODE_MASK);
  }

  private static void funct3(int op, String mnemonic, Form form, int opcode, int funct3) {
    add(op, mnemonic, form, funct3 << 12 | opcode, FUNCT3_MASK | OPCODE_MASK);
  }

  private static void funct7(
      int op, String mnemonic, Form form, int opcode, int funct3, int funct7) {
    int match = funct7 << 25 | funct3 << 12 | opcode;
    add(op, mnemonic, form, match, FUNCT7_MASK | FUNCT3_MASK | OPCODE_MASK);
  }

  private static void shift(int op, String mnemonic, int funct3, int funct6) {
    int match = funct6 << 26 | funct3 << 12 | OP_IMM;
    add(op, mnemonic, Form.SHIFT, match, FUNCT6_MASK | FUNCT3_MASK | OPCODE_MASK);
  }

  private static void whole(int op, String mnemonic, int insn) {
    add(op, mnemonic, Form.NONE, insn, -1);
  }

  private static void amo(int op, String mnemonic, Form form, int funct3, int funct5) {
    int fixed = form == Form.LR ? RS2_MASK : 0;
    int match = funct5 << 27 | funct3 << 12 | AMO;
    add(op, mnemonic, form, match, FUNCT5_MASK | FUNCT3_MASK | OPCODE_MASK | fixed);
  }

  private static void fused(int op, String mnemonic, int opcode, int fmt) {
    add(op, mnemonic, Form.F_R4, fmt << 25 | opcode, 3 << 25 | OPCODE_MASK);
  }

  private static void rounded(int op, String mnemonic, Form form, int funct7) {
    add(op, mnemonic, form, funct7 << 25 | OP_FP, FUNCT7_MASK | OPCODE_MASK);
  }

  /** One operand and a rounding mode; what would be rs2 says which instruction it is. */
  private static void unary(int op, String mnemonic, Form form, int funct7, int rs2) {
    int match = funct7 << 25 | rs2 << 20 | OP_FP;
    add(op, mnemonic, form, match, FUNCT7_MASK | RS2_MASK | OPCODE_MASK);
  }

  private static void unary3(int op, String mnemonic, Form form, int funct7, int funct3) {
    int match = funct7 << 25 | funct3 << 12 | OP_FP;
    add(op, mnemonic, form, match, FUNCT7_MASK | RS2_MASK | FUNCT3_MASK | OPCODE_MASK);
  }

  private static void add(int op, String mnemonic, Form form, int match, int mask) {
    var encoding = new Encoding(op, mnemonic, form, match, mask);
    BY_OP[op] = encoding;
    BY_OPCODE.get(match & OPCODE_MASK).add(encoding);
  }
}
