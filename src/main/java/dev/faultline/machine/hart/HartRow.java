package dev.faultline.machine.hart;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;

/** What the log knows of a hart. */
final class HartRow {
  private int pid;
  private int privilege;
  private long pc;
  private long satp;
  private long scause;
  private long stval;
  private long sepc;
  private long instret;

  private void takeRare(Hart hart) {
    pid = hart.pid();
    privilege = hart.privilege();
    satp = hart.satp();
    scause = hart.scause();
    stval = hart.stval();
    sepc = hart.sepc();
  }

  void take(Hart hart) {
    takeRare(hart);
    pc = hart.pc();
    instret = hart.instret();
  }

  void insert(ChangeLog log, int number) {
    log.insert(Table.HART, number)
        .value(number)
        .value(pid)
        .value(privilege)
        .value(pc)
        .value(satp)
        .value(scause)
        .value(stval)
        .value(sepc)
        .value(instret)
        .end();
  }

  /** Tells the log what has changed; {@code pc} and {@code instret} only when {@code all}. */
  void update(ChangeLog log, int number, Hart hart, boolean all) {
    log.update(Table.HART, number)
        .column(Table.Hart.PID, pid, hart.pid())
        .column(Table.Hart.PRIVILEGE, privilege, hart.privilege())
        .column(Table.Hart.PC, pc, all ? hart.pc() : pc)
        .column(Table.Hart.SATP, satp, hart.satp())
        .column(Table.Hart.SCAUSE, scause, hart.scause())
        .column(Table.Hart.STVAL, stval, hart.stval())
        .column(Table.Hart.SEPC, sepc, hart.sepc())
        .column(Table.Hart.INSTRET, instret, all ? hart.instret() : instret)
        .end();
    if (all) {
      take(hart);
    } else {
      takeRare(hart);
    }
  }

  void give(RowReader reader, int number) {
    reader.row(Table.HART, number, number, pid, privilege, pc, satp, scause, stval, sepc, instret);
  }
}
