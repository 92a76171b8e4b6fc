package dev.faultline.machine.hart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.Cause;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.RecordType;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Machine;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hart without a kernel: its traps and interrupts, exact in time and told as a story. */
class BareMetalHartTest {
  private static final long BASE = 0x8000_0000L;
  private static final int T2 = 7;
  private static final int NOP = 0x0000_0013;
  private static final int WFI = 0x1050_0073;
  private static final int JUMP_TO_ITSELF = 0x0000_006f;

  private final ChangeLog log = new ChangeLog(1 << 16);
  private final Machine machine =
      new Machine(
          new MachineConfiguration(
              BASE, 16, PagingMode.SV39, 8, 2, Replacement.ROUND_ROBIN, 0, AdBits.FAULT),
          null,
          log);
  private final Hart hart = machine.hart();

  private void program(int... instructions) {
    for (int i = 0; i < instructions.length; i++) {
      machine.memory().store(BASE + 4L * i, 4, instructions[i]);
    }
    hart.setPc(BASE);
  }

  /** Sets the timer to 2^30, waits by some instruction, and reads the time in the handler. */
  private void programWithTimer(int compareInstruction, int waiting) {
    program(
        0x0000_0297, // auipc t0, 0
        0x0282_8293, // addi t0, t0, 40
        0x3052_9073, // csrw mtvec, t0
        0x0800_0293, // li t0, 128
        0x3042_9073, // csrw mie, t0
        0x0200_4337, // lui t1, 0x2004
        compareInstruction, // to t3
        0x01c3_3023, // sd t3, 0(t1): mtimecmp
        0x3004_6073, // csrsi mstatus, 8
        waiting,
        0xc010_23f3, // handler: rdtime t2
        JUMP_TO_ITSELF);
  }

  private List<StepKind> steps() {
    log.publish();
    var kinds = new ArrayList<StepKind>();
    Cursor cursor = log.cursor(0);
    while (cursor.next()) {
      if (cursor.type() == RecordType.STEP) {
        kinds.add(cursor.step());
      }
    }
    return kinds;
  }

  @Test
  void timer_interruptsAtItsInstruction() {
    programWithTimer(0x1f40_0e13, JUMP_TO_ITSELF); // li t3, 500
    assertThat(hart.run(2_000)).isEqualTo(Hart.Stop.BUDGET);
    assertThat(hart.register(T2)).as("mtime at the handler's first instruction").isEqualTo(500);
    assertThat(steps()).containsExactly(StepKind.INTERRUPTS_TO_M);
  }

  @Test
  void waiting_letsTimeGoOnToTheTimer() {
    programWithTimer(0x4000_0e37, WFI); // lui t3, 0x40000
    assertThat(hart.run(20)).isEqualTo(Hart.Stop.BUDGET);
    assertThat(hart.register(T2)).isEqualTo(1 << 30);
    assertThat(hart.instret()).as("only instructions retire").isEqualTo(20);
    assertThat(steps()).containsExactly(StepKind.WAITS, StepKind.INTERRUPTS_TO_M);
  }

  @Test
  void waitingForNothing_goesOn() {
    program(WFI, NOP, JUMP_TO_ITSELF);
    assertThat(hart.run(100)).isEqualTo(Hart.Stop.BUDGET);
    assertThat(hart.pc()).isEqualTo(BASE + 8);
    assertThat(steps()).isEmpty();
  }

  @Test
  void traps_areTold_withWhereTheyLead() {
    program(
        0xfff0_0293, // li t0, -1
        0x3b02_9073, // csrw pmpaddr0, t0
        0x01f0_0293, // li t0, 0x1f
        0x3a02_9073, // csrw pmpcfg0, t0
        0x0000_0297, // auipc t0, 0
        0x0282_8293, // addi t0, t0, 40
        0x1052_9073, // csrw stvec, t0
        0xffc2_8293, // addi t0, t0, -4
        0x3412_9073, // csrw mepc, t0
        0x1000_0313, // li t1, 256
        0x3023_1073, // csrw medeleg, t1
        0x3020_0073, // mret
        NOP,
        0x0000_0073, // ecall, in U-mode
        0x1410_23f3, // handler: csrr t2, sepc
        0x0043_8393, // addi t2, t2, 4
        0x1413_9073, // csrw sepc, t2
        0x1020_0073, // sret, to the handler's first instruction, which is illegal in U-mode
        NOP);
    hart.run(16);
    hart.step();
    assertThat(steps())
        .containsExactly(
            StepKind.RETURNS_FROM_M,
            StepKind.TRAPS_TO_S,
            StepKind.RETURNS_FROM_S,
            StepKind.EXECUTES,
            StepKind.TRAPS_TO_M);
    assertThat(lastStep())
        .startsWith("traps from U-mode to M-mode: illegal instruction (mcause 2), mtval 0x141023f3")
        .contains("mepc 0x80000038");
    assertThat(hart.scause()).isEqualTo(Cause.ECALL_FROM_U);
  }

  private String lastStep() {
    String last = "";
    Cursor cursor = log.cursor(0);
    while (cursor.next()) {
      if (cursor.type() == RecordType.STEP) {
        last = cursor.text();
      }
    }
    return last;
  }
}
