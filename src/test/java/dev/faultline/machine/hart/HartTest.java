package dev.faultline.machine.hart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.Cause;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.RecordType;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Machine;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hart with a kernel outside the machine: a small one, which maps what is touched. */
class HartTest {
  private static final int ASID = 1;
  private static final long ROOT = 1;
  private static final long MIDDLE = 2;
  private static final long LOWEST = 3;
  private static final long CODE = 0x1000;
  private static final long DATA = 0x5000;
  private static final int FIRST_FREE = 8;

  private final ChangeLog log = new ChangeLog(1 << 16);
  private final Machine machine =
      new Machine(
          new MachineConfiguration(64, PagingMode.SV39, 8, 2, AdBits.HARDWARE), this::handle, log);
  private final Hart hart = machine.hart();
  private final List<Long> faults = new ArrayList<>();
  private int calls;
  private long nextFrame = FIRST_FREE;

  HartTest() {
    store(entry(ROOT, 0), MIDDLE, Entry.V);
    store(entry(MIDDLE, 0), LOWEST, Entry.V);
    map(CODE, 4, Entry.R | Entry.X);
    hart.enter(1, ASID, ROOT);
    hart.setPc(CODE);
  }

  private static long entry(long table, long index) {
    return (table << 12) + 8 * index;
  }

  private void store(long address, long ppn, long flags) {
    machine.pageTableMemory().store(address, Entry.of(ppn, flags), 1, 0, 0);
  }

  private void map(long va, long ppn, long permissions) {
    store(entry(LOWEST, va >> 12), ppn, permissions | Entry.V | Entry.U);
  }

  private boolean handle(Hart trapped) {
    long cause = trapped.scause();
    if (cause == Cause.ECALL_FROM_U) {
      calls++;
      trapped.setSepc(trapped.sepc() + 4);
      return true;
    }
    boolean isData = cause == Cause.LOAD_PAGE_FAULT || cause == Cause.STORE_PAGE_FAULT;
    if (isData && trapped.stval() >= DATA) {
      faults.add(trapped.stval());
      map(trapped.stval(), nextFrame++, Entry.R | Entry.W);
      return true;
    }
    return false;
  }

  private void program(int... instructions) {
    for (int i = 0; i < instructions.length; i++) {
      machine.memory().store((4 << 12) + 4L * i, 4, instructions[i]);
    }
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

  /** Stores to 40 pages, one after another, then again without end. */
  private void storeToPages() {
    program(
        0x0000_52b7, // lui t0, 5
        0x0280_0313, // li t1, 40
        0x0062_b023, // sd t1, 0(t0)
        0x0000_13b7, // lui t2, 1
        0x0072_82b3, // add t0, t0, t2
        0xfff3_0313, // addi t1, t1, -1
        0xfe03_18e3, // bnez t1, .-16
        0xfe5f_f06f); // j .-28
  }

  @Test
  void run_mendsFaults_andRetiresExactlyTheBudget() {
    storeToPages();
    assertThat(hart.run(202)).isEqualTo(Hart.Stop.BUDGET);
    assertThat(hart.instret()).isEqualTo(202);
    assertThat(hart.pc()).isEqualTo(CODE + 28);
    assertThat(faults).hasSize(40).startsWith(DATA).endsWith(DATA + 39 * 0x1000);
    assertThat(hart.run(1_000_003)).isEqualTo(Hart.Stop.BUDGET);
    assertThat(hart.instret()).isEqualTo(1_000_205);
    assertThat(faults).hasSize(40);
  }

  @Test
  void run_tellsFaults_butNotMisses() {
    storeToPages();
    hart.run(100_000);
    List<StepKind> steps = steps();
    assertThat(steps.stream().filter(StepKind.TRAPS::equals)).hasSize(40);
    assertThat(steps.stream().filter(StepKind.RETRIES::equals)).hasSize(40);
    assertThat(steps.stream().filter(StepKind.READS_UNUSABLE::equals)).hasSize(40);
    assertThat(steps).doesNotContain(StepKind.TLB_HIT, StepKind.FILLS_TLB);
    assertThat(steps).hasSizeLessThan(40 * 10);
  }

  @Test
  void step_tellsTheInstructionAndItsTranslation() {
    storeToPages();
    assertThat(hart.step()).isTrue();
    assertThat(steps())
        .containsExactly(
            StepKind.TLB_MISS,
            StepKind.READS_SATP,
            StepKind.READS_POINTER,
            StepKind.READS_POINTER,
            StepKind.READS_LEAF,
            StepKind.SETS_ACCESSED_DIRTY,
            StepKind.FILLS_TLB,
            StepKind.EXECUTES);
    assertThat(hart.pc()).isEqualTo(CODE + 4);
  }

  @Test
  void call_returnsBehindItself_andDoesNotRetire() {
    program(0x0000_0073, 0x0010_0513); // ecall; li a0, 1
    assertThat(hart.run(1)).isEqualTo(Hart.Stop.BUDGET);
    assertThat(calls).isEqualTo(1);
    assertThat(hart.register(10)).isEqualTo(1);
    assertThat(hart.instret()).isEqualTo(1);
  }

  @Test
  void faultThatCannotBeMended_stopsWhereItHappened() {
    program(0x0010_0513, 0x0000_3003); // li a0, 1; ld zero, 0(zero)
    assertThat(hart.run(10)).isEqualTo(Hart.Stop.KERNEL);
    assertThat(hart.pc()).isEqualTo(CODE + 4);
    assertThat(hart.stval()).isZero();
    assertThat(hart.instret()).isEqualTo(1);
  }

  @Test
  void machineInstruction_isIllegalInUserMode() {
    program(0x3020_0073); // mret
    assertThat(hart.run(10)).isEqualTo(Hart.Stop.KERNEL);
    assertThat(hart.scause()).isEqualTo(Cause.ILLEGAL_INSTRUCTION);
    assertThat(hart.stval()).isEqualTo(0x3020_0073);
  }

  @Test
  void codeOfAFrameThatTheKernelRewrites_isDecodedAnew() {
    program(0x0010_0513, 0xffdf_f06f); // li a0, 1; j .-4
    hart.run(100_000);
    assertThat(hart.register(10)).isEqualTo(1);
    program(0x0020_0513); // li a0, 2
    hart.run(2);
    assertThat(hart.register(10)).isEqualTo(2);
    machine.memory().copyFrame(4, 5);
    machine.memory().store((5 << 12), 4, 0x0030_0513); // li a0, 3
    map(CODE, 5, Entry.R | Entry.X);
    hart.run(2);
    assertThat(hart.register(10)).as("by the stale row").isEqualTo(2);
    machine.tlb().fence(CODE, ASID);
    hart.run(2);
    assertThat(hart.register(10)).isEqualTo(3);
  }
}
