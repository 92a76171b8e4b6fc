package dev.faultline.machine.isa;

import java.util.HashMap;
import java.util.Map;

/** Numbers and names of control and status registers ("CSR Listing"). */
public final class Csr {
  public static final int FFLAGS = 0x001;
  public static final int FRM = 0x002;
  public static final int FCSR = 0x003;

  public static final int SSTATUS = 0x100;
  public static final int SIE = 0x104;
  public static final int STVEC = 0x105;
  public static final int SCOUNTEREN = 0x106;
  public static final int SENVCFG = 0x10a;
  public static final int SSCRATCH = 0x140;
  public static final int SEPC = 0x141;
  public static final int SCAUSE = 0x142;
  public static final int STVAL = 0x143;
  public static final int SIP = 0x144;
  public static final int SATP = 0x180;

  public static final int MSTATUS = 0x300;
  public static final int MISA = 0x301;
  public static final int MEDELEG = 0x302;
  public static final int MIDELEG = 0x303;
  public static final int MIE = 0x304;
  public static final int MTVEC = 0x305;
  public static final int MCOUNTEREN = 0x306;
  public static final int MENVCFG = 0x30a;
  public static final int MCOUNTINHIBIT = 0x320;
  public static final int MHPMEVENT3 = 0x323;
  public static final int MHPMEVENT31 = 0x33f;
  public static final int MSCRATCH = 0x340;
  public static final int MEPC = 0x341;
  public static final int MCAUSE = 0x342;
  public static final int MTVAL = 0x343;
  public static final int MIP = 0x344;
  public static final int PMPCFG0 = 0x3a0;
  public static final int PMPCFG15 = 0x3af;
  public static final int PMPADDR0 = 0x3b0;
  public static final int PMPADDR63 = 0x3ef;
  public static final int TSELECT = 0x7a0;
  public static final int TDATA1 = 0x7a1;
  public static final int TDATA2 = 0x7a2;
  public static final int TDATA3 = 0x7a3;
  public static final int MCYCLE = 0xb00;
  public static final int MINSTRET = 0xb02;
  public static final int MHPMCOUNTER3 = 0xb03;
  public static final int MHPMCOUNTER31 = 0xb1f;
  public static final int CYCLE = 0xc00;
  public static final int TIME = 0xc01;
  public static final int INSTRET = 0xc02;
  public static final int HPMCOUNTER3 = 0xc03;
  public static final int HPMCOUNTER31 = 0xc1f;
  public static final int MVENDORID = 0xf11;
  public static final int MARCHID = 0xf12;
  public static final int MIMPID = 0xf13;
  public static final int MHARTID = 0xf14;
  public static final int MCONFIGPTR = 0xf15;

  private static final Map<Integer, String> NAMES = new HashMap<>();

  static {
    name(FFLAGS, "fflags", "frm", "fcsr");
    name(SSTATUS, "sstatus");
    name(SIE, "sie", "stvec", "scounteren");
    name(SENVCFG, "senvcfg");
    name(SSCRATCH, "sscratch", "sepc", "scause", "stval", "sip");
    name(SATP, "satp");
    name(MSTATUS, "mstatus", "misa", "medeleg", "mideleg", "mie", "mtvec", "mcounteren");
    name(MENVCFG, "menvcfg");
    name(MCOUNTINHIBIT, "mcountinhibit");
    name(MSCRATCH, "mscratch", "mepc", "mcause", "mtval", "mip");
    name(TSELECT, "tselect", "tdata1", "tdata2", "tdata3");
    name(MCYCLE, "mcycle");
    name(MINSTRET, "minstret");
    name(CYCLE, "cycle", "time", "instret");
    name(MVENDORID, "mvendorid", "marchid", "mimpid", "mhartid", "mconfigptr");
    number(MHPMEVENT3, MHPMEVENT31, "mhpmevent", 3);
    number(PMPCFG0, PMPCFG15, "pmpcfg", 0);
    number(PMPADDR0, PMPADDR63, "pmpaddr", 0);
    number(MHPMCOUNTER3, MHPMCOUNTER31, "mhpmcounter", 3);
    number(HPMCOUNTER3, HPMCOUNTER31, "hpmcounter", 3);
  }

  private Csr() {}

  private static void name(int first, String... names) {
    for (int i = 0; i < names.length; i++) {
      NAMES.put(first + i, names[i]);
    }
  }

  private static void number(int first, int last, String prefix, int firstSuffix) {
    for (int csr = first; csr <= last; csr++) {
      NAMES.put(csr, prefix + (csr - first + firstSuffix));
    }
  }

  /** The name of a register; its number in hexadecimal when it has none here. */
  public static String name(int csr) {
    return NAMES.getOrDefault(csr, "0x" + Integer.toHexString(csr));
  }
}
