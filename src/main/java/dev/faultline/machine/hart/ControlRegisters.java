package dev.faultline.machine.hart;

import dev.faultline.machine.fp.Flags;
import dev.faultline.machine.fp.Rounding;
import dev.faultline.machine.isa.Csr;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Pmp;
import dev.faultline.machine.mmu.Privilege;

/**
 * The control and status registers of a hart, with the values that each may take (WARL fields keep
 * to what is implemented), and the two things that change several of them at once: taking a trap
 * and returning from one. Whatever the MMU has to know of a change is told to it here.
 */
final class ControlRegisters {
  /** MXL 64, and A, C, D, F, I, M, S, U. */
  private static final long MISA =
      2L << 62 | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 8 | 1 << 12 | 1 << 18 | 1 << 20;

  /** All exceptions but the call from M-mode itself and the two that do not exist. */
  private static final long DELEGABLE = 0xb3ff;

  private static final long COUNTERS = 0xffff_ffffL;
  private static final long ADUE = 1L << 61;
  private static final long FIOM = 1;
  private static final long ROOT = (1L << 44) - 1;
  private static final int CYCLE_BIT = 1;
  private static final int INSTRET_BIT = 4;

  final Interrupts interrupts = new Interrupts();
  private final Mmu mmu;

  private int privilege = Privilege.M;
  private long status = Status.XL;
  private long medeleg;
  private long mtvec;
  private long stvec;
  private long mcounteren;
  private long scounteren;
  private long mcountinhibit;
  private long menvcfg;
  private long senvcfg;
  private long mscratch;
  private long sscratch;
  private long mepc;
  private long sepc;
  private long mcause;
  private long scause;
  private long mtval;
  private long stval;
  private long satp;
  private final Counter cycle = new Counter();
  private final Counter instret = new Counter();

  /** {@code mstatus.FS}, apart from the rest because every floating-point instruction looks. */
  private int fs;

  private int fflags;
  private int frm;
  private boolean hostRounds;

  ControlRegisters(Mmu mmu) {
    this.mmu = mmu;
    menvcfg = mmu.adBits() == AdBits.HARDWARE ? ADUE : 0;
    tellMmuOfStatus();
  }

  /** What firmware leaves behind for an operating system: nothing stands in the way of U-mode. */
  void open() {
    fs = Status.FS_INITIAL;
    mcounteren = COUNTERS;
    scounteren = COUNTERS;
    mmu.pmp().open();
    mmu.protectionChanged();
  }

  int privilege() {
    return privilege;
  }

  void setPrivilege(int newPrivilege) {
    privilege = newPrivilege;
    tellMmuOfStatus();
  }

  long satp() {
    return satp;
  }

  long scause() {
    return scause;
  }

  long stval() {
    return stval;
  }

  long sepc() {
    return sepc;
  }

  /** What hardware writes when a trap enters S-mode, for the kernel outside the machine. */
  void setSupervisorTrap(long cause, long value, long pc) {
    scause = cause;
    stval = value;
    sepc = pc;
  }

  void setSepc(long pc) {
    sepc = pc;
  }

  void setSatp(long value) {
    var mode = PagingMode.ofSatp(value);
    boolean isBare = value >>> 60 == 0;
    if (mode.isEmpty() && !isBare) {
      // A mode that is not implemented: the whole write has no effect.
      return;
    }
    satp = value;
    mmu.use(mode.orElse(null), value & ROOT, (int) (value >>> 44) & 0xffff);
  }

  // Floating point.

  boolean isFloatOff() {
    return fs == Status.FS_OFF;
  }

  boolean isFloatDirty() {
    return fs == Status.FS_DIRTY;
  }

  /** Floating-point state is about to change. */
  void dirtyFloat() {
    fs = Status.FS_DIRTY;
  }

  /**
   * True when an operation that is rounded as {@code frm} says may be left to the host, whose
   * result stands if it is a normal number: see {@link FloatUnit}. FS is dirty then anyway.
   */
  boolean leavesRoundingToHost() {
    return hostRounds && fs == Status.FS_DIRTY;
  }

  private void updateHostRounds() {
    hostRounds = frm == Rounding.RNE && (fflags & Flags.NX) != 0;
  }

  int frm() {
    return frm;
  }

  int fflags() {
    return fflags;
  }

  void raise(int flags) {
    if (flags != 0) {
      fflags |= flags;
      updateHostRounds();
      fs = Status.FS_DIRTY;
    }
  }

  // Status.

  private long mstatus() {
    return status | (long) fs << Status.FS_SHIFT | (fs == Status.FS_DIRTY ? Status.SD : 0);
  }

  private void setMstatus(long value, long writable) {
    long mask = writable & ~Status.FS;
    long next = status & ~mask | value & mask;
    if ((next & Status.MPP) >>> Status.MPP_SHIFT == 2) {
      // No such mode: MPP stays as it was.
      next = next & ~Status.MPP | status & Status.MPP;
    }
    status = next;
    fs = (int) (value >>> Status.FS_SHIFT) & 3;
    tellMmuOfStatus();
  }

  private void tellMmuOfStatus() {
    mmu.setPermissions((status & Status.SUM) != 0, (status & Status.MXR) != 0);
    boolean asPrevious = privilege == Privilege.M && (status & Status.MPRV) != 0;
    int previous = (int) (status >>> Status.MPP_SHIFT) & 3;
    mmu.setPrivilege(privilege, asPrevious ? previous : privilege);
  }

  boolean has(long statusBit) {
    return (status & statusBit) != 0;
  }

  int interruptToTake(long retired) {
    return interrupts.toTake(retired, privilege, status);
  }

  // Traps.

  /**
   * Enters the mode that a trap is delegated to.
   *
   * @param code the exception code, or the number of an interrupt
   * @return where the handler is
   */
  long takeTrap(int code, boolean isInterrupt, long value, long pc) {
    long delegation = isInterrupt ? interrupts.delegated : medeleg;
    boolean toSupervisor = privilege <= Privilege.S && (delegation >>> code & 1) != 0;
    long cause = isInterrupt ? 1L << 63 | code : code;
    long vector;
    if (toSupervisor) {
      setSupervisorTrap(cause, value, pc);
      status = with(status, Status.SPIE, has(Status.SIE)) & ~Status.SIE;
      status = with(status, Status.SPP, privilege == Privilege.S);
      privilege = Privilege.S;
      vector = stvec;
    } else {
      mcause = cause;
      mtval = value;
      mepc = pc;
      status = with(status, Status.MPIE, has(Status.MIE)) & ~Status.MIE;
      status = status & ~Status.MPP | (long) privilege << Status.MPP_SHIFT;
      privilege = Privilege.M;
      vector = mtvec;
    }
    tellMmuOfStatus();
    boolean isVectored = (vector & 1) != 0;
    return (vector & -4) + (isVectored && isInterrupt ? 4L * code : 0);
  }

  /** MRET; gives where to go on. */
  long returnFromMachine() {
    int previous = (int) (status >>> Status.MPP_SHIFT) & 3;
    status = with(status, Status.MIE, has(Status.MPIE)) | Status.MPIE;
    status &= ~Status.MPP;
    enterPrevious(previous);
    return mepc;
  }

  /** SRET; gives where to go on. */
  long returnFromSupervisor() {
    int previous = has(Status.SPP) ? Privilege.S : Privilege.U;
    status = with(status, Status.SIE, has(Status.SPIE)) | Status.SPIE;
    status &= ~Status.SPP;
    enterPrevious(previous);
    return sepc;
  }

  private void enterPrevious(int previous) {
    privilege = previous;
    if (previous != Privilege.M) {
      status &= ~Status.MPRV;
    }
    tellMmuOfStatus();
  }

  private static long with(long value, long bit, boolean set) {
    return set ? value | bit : value & ~bit;
  }

  // Access by number.

  /** True when the current mode may access a register so, and the register exists. */
  boolean mayAccess(int csr, boolean write) {
    boolean isReadOnly = csr >>> 10 == 3;
    int least = csr >>> 8 & 3;
    if (privilege < least || isReadOnly && write) {
      return false;
    }
    if (csr >= Csr.FFLAGS && csr <= Csr.FCSR) {
      return !isFloatOff();
    }
    if (csr >= Csr.CYCLE && csr <= Csr.HPMCOUNTER31) {
      return mayCount(csr - Csr.CYCLE);
    }
    if (csr == Csr.SATP) {
      return privilege == Privilege.M || !has(Status.TVM);
    }
    return exists(csr);
  }

  private boolean mayCount(int counter) {
    boolean byMachine = (mcounteren >>> counter & 1) != 0;
    boolean bySupervisor = (scounteren >>> counter & 1) != 0;
    return privilege == Privilege.M || byMachine && (privilege == Privilege.S || bySupervisor);
  }

  private static boolean exists(int csr) {
    return switch (csr) {
      case Csr.SSTATUS, Csr.SIE, Csr.STVEC, Csr.SCOUNTEREN, Csr.SENVCFG -> true;
      case Csr.SSCRATCH, Csr.SEPC, Csr.SCAUSE, Csr.STVAL, Csr.SIP -> true;
      case Csr.MSTATUS, Csr.MISA, Csr.MEDELEG, Csr.MIDELEG, Csr.MIE, Csr.MTVEC -> true;
      case Csr.MCOUNTEREN, Csr.MENVCFG, Csr.MCOUNTINHIBIT -> true;
      case Csr.MSCRATCH, Csr.MEPC, Csr.MCAUSE, Csr.MTVAL, Csr.MIP -> true;
      case Csr.TSELECT, Csr.TDATA1, Csr.TDATA2, Csr.TDATA3 -> true;
      case Csr.MCYCLE, Csr.MINSTRET -> true;
      case Csr.MVENDORID, Csr.MARCHID, Csr.MIMPID, Csr.MHARTID, Csr.MCONFIGPTR -> true;
      default ->
          csr >= Csr.MHPMEVENT3 && csr <= Csr.MHPMEVENT31
              || csr >= Csr.MHPMCOUNTER3 && csr <= Csr.MHPMCOUNTER31
              // Of the registers for 64 entries; on RV64 pmpcfg has even numbers only.
              || csr >= Csr.PMPCFG0 && csr <= Csr.PMPCFG15 && (csr & 1) == 0
              || csr >= Csr.PMPADDR0 && csr <= Csr.PMPADDR63;
    };
  }

  /** The value of a register that exists. */
  long read(int csr, long retired) {
    return switch (csr) {
      case Csr.FFLAGS -> fflags;
      case Csr.FRM -> frm;
      case Csr.FCSR -> frm << 5 | fflags;
      case Csr.SSTATUS -> mstatus() & Status.SUPERVISOR_READABLE;
      case Csr.SIE -> interrupts.enabled & interrupts.delegated;
      case Csr.STVEC -> stvec;
      case Csr.SCOUNTEREN -> scounteren;
      case Csr.SENVCFG -> senvcfg;
      case Csr.SSCRATCH -> sscratch;
      case Csr.SEPC -> sepc;
      case Csr.SCAUSE -> scause;
      case Csr.STVAL -> stval;
      case Csr.SIP -> interrupts.pending(retired) & interrupts.delegated;
      case Csr.SATP -> satp;
      case Csr.MSTATUS -> mstatus();
      case Csr.MISA -> MISA;
      case Csr.MEDELEG -> medeleg;
      case Csr.MIDELEG -> interrupts.delegated;
      case Csr.MIE -> interrupts.enabled;
      case Csr.MTVEC -> mtvec;
      case Csr.MCOUNTEREN -> mcounteren;
      case Csr.MENVCFG -> menvcfg;
      case Csr.MCOUNTINHIBIT -> mcountinhibit;
      case Csr.MSCRATCH -> mscratch;
      case Csr.MEPC -> mepc;
      case Csr.MCAUSE -> mcause;
      case Csr.MTVAL -> mtval;
      case Csr.MIP -> interrupts.pending(retired);
      case Csr.MCYCLE, Csr.CYCLE -> cycle.value(retired);
      case Csr.MINSTRET, Csr.INSTRET -> instret.value(retired);
      case Csr.TIME -> interrupts.time(retired);
      case Csr.PMPCFG0, Csr.PMPCFG0 + 2 -> mmu.pmp().configuration(csr - Csr.PMPCFG0);
      default -> {
        int entry = csr - Csr.PMPADDR0;
        // Everything else is zero: no event, no further counter, no trigger, no identity.
        yield entry >= 0 && entry < Pmp.ENTRIES ? mmu.pmp().address(entry) : 0;
      }
    };
  }

  /** Writes what a register can take of a value. */
  void write(int csr, long value, long retired) {
    switch (csr) {
      case Csr.FFLAGS -> setFcsr(frm, (int) value);
      case Csr.FRM -> setFcsr((int) value, fflags);
      case Csr.FCSR -> setFcsr((int) value >>> 5, (int) value);
      case Csr.SSTATUS -> setMstatus(value, Status.SUPERVISOR_WRITABLE);
      case Csr.SIE ->
          interrupts.enabled =
              interrupts.enabled & ~interrupts.delegated | value & interrupts.delegated;
      case Csr.STVEC -> stvec = value & ~2;
      case Csr.SCOUNTEREN -> scounteren = value & COUNTERS;
      case Csr.SENVCFG -> senvcfg = value & FIOM;
      case Csr.SSCRATCH -> sscratch = value;
      case Csr.SEPC -> sepc = value & ~1;
      case Csr.SCAUSE -> scause = value;
      case Csr.STVAL -> stval = value;
      case Csr.SIP -> request(value, 1 << Interrupts.SSI & interrupts.delegated);
      case Csr.SATP -> setSatp(value);
      case Csr.MSTATUS -> setMstatus(value, Status.WRITABLE);
      case Csr.MEDELEG -> medeleg = value & DELEGABLE;
      case Csr.MIDELEG -> interrupts.delegated = value & Interrupts.SUPERVISOR;
      case Csr.MIE -> interrupts.enabled = value & Interrupts.ALL;
      case Csr.MTVEC -> mtvec = value & ~2;
      case Csr.MCOUNTEREN -> mcounteren = value & COUNTERS;
      case Csr.MENVCFG -> {
        menvcfg = value & (ADUE | FIOM);
        mmu.setAdBits((value & ADUE) != 0 ? AdBits.HARDWARE : AdBits.FAULT);
      }
      case Csr.MCOUNTINHIBIT -> {
        mcountinhibit = value & (CYCLE_BIT | INSTRET_BIT);
        cycle.setInhibited((value & CYCLE_BIT) != 0, retired);
        instret.setInhibited((value & INSTRET_BIT) != 0, retired);
      }
      case Csr.MSCRATCH -> mscratch = value;
      case Csr.MEPC -> mepc = value & ~1;
      case Csr.MCAUSE -> mcause = value;
      case Csr.MTVAL -> mtval = value;
      case Csr.MIP -> request(value, Interrupts.SUPERVISOR);
      case Csr.MCYCLE -> cycle.set(value, retired);
      case Csr.MINSTRET -> instret.set(value, retired);
      case Csr.PMPCFG0, Csr.PMPCFG0 + 2 -> {
        mmu.pmp().setConfiguration(csr - Csr.PMPCFG0, value);
        mmu.protectionChanged();
      }
      default -> {
        int entry = csr - Csr.PMPADDR0;
        if (entry >= 0 && entry < Pmp.ENTRIES) {
          mmu.pmp().setAddress(entry, value);
          mmu.protectionChanged();
        }
      }
    }
  }

  private void request(long value, long writable) {
    interrupts.requested = interrupts.requested & ~writable | value & writable;
  }

  void setFcsr(int newFrm, int newFflags) {
    frm = newFrm & 7;
    fflags = newFflags & 31;
    updateHostRounds();
    fs = Status.FS_DIRTY;
  }
}
