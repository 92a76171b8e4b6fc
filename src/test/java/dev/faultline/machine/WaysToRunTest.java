package dev.faultline.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A program ends alike and after as many instructions, whether it is interpreted, compiled, run in
 * slices or stepped, with any TLB; and the log knows what the machine knows.
 */
@Execution(ExecutionMode.CONCURRENT)
class WaysToRunTest {
  private static final long BASE = 0x8000_0000L;
  private static final int FRAMES = 16_384;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final long ENOUGH = 1_000_000;

  private static final int LOG_WORDS = 1 << 22;

  /** That of the machine made last. */
  private ChangeLog log = new ChangeLog(LOG_WORDS);

  private Machine machine(String program, Replacement replacement, int rows) throws Exception {
    var configuration =
        new MachineConfiguration(
            BASE, FRAMES, PagingMode.SV39, rows, 2, replacement, 7, AdBits.FAULT);
    log = new ChangeLog(LOG_WORDS);
    var machine = new Machine(configuration, null, log);
    var image = image(program);
    for (ElfImage.Segment segment : image.segments()) {
      for (int i = 0; i < segment.bytes().length; i++) {
        machine.memory().store(segment.address() + i, 1, segment.bytes()[i]);
      }
    }
    machine.hart().setPc(image.entry());
    machine.hart().await(tohost(program));
    return machine;
  }

  private static ElfImage image(String program) throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/baremetal", program));
    return ElfImage.read(bytes, BASE, (long) FRAMES << 12);
  }

  private static long tohost(String program) throws Exception {
    return Objects.requireNonNull(image(program).symbol("tohost"));
  }

  private static boolean passed(Machine machine, String program) throws Exception {
    return machine.memory().load(tohost(program), 8) == 1;
  }

  private void assertLogAgrees(Machine machine) {
    machine.hart().settle();
    log.publish();
    FoldedState folded = log.oldestState();
    folded.advance(log, log.head());
    int[] live = new int[1];
    machine.forEachRow((table, key, values) -> {
      live[0]++;
      Rows rows = folded.rows(table);
      assertThat(rows.contains(key)).as("%s %d", table, key).isTrue();
      for (int column = 0; column < values.length; column++) {
        assertThat(rows.get(key, column)).as("%s %d", table, key).isEqualTo(values[column]);
      }
    });
    assertThat(folded.rows(Table.TLB).size() + folded.rows(Table.HART).size()).isEqualTo(live[0]);
  }

  private long run(String program, Replacement replacement, int rows, int compileAfter)
      throws Exception {
    Machine machine = machine(program, replacement, rows);
    machine.hart().compileAfter(compileAfter);
    assertThat(machine.hart().run(ENOUGH)).isEqualTo(Hart.Stop.AWAITED);
    assertThat(passed(machine, program)).isTrue();
    assertLogAgrees(machine);
    return machine.hart().instret();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code.elf",
        "exact.elf",
        "interrupts.elf",
        "modes.elf",
        "paging.elf",
        "pmp.elf",
        "traps.elf"
      })
  void program_endsAlike(String program) throws Exception {
    long expected = run(program, Replacement.ROUND_ROBIN, 64, NEVER);
    for (Replacement replacement : Replacement.values()) {
      for (int rows = 2; rows <= 1024; rows *= 8) {
        for (int compileAfter = 0; compileAfter < 4; compileAfter++) {
          assertThat(run(program, replacement, rows, compileAfter)).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 50})
  void slices_areExactToTheInstruction(int slice) throws Exception {
    long expected = run("paging.elf", Replacement.ROUND_ROBIN, 8, 1);
    Machine machine = machine("paging.elf", Replacement.ROUND_ROBIN, 8);
    machine.hart().compileAfter(1);
    Hart.Stop stop = Hart.Stop.BUDGET;
    for (long done = slice; stop == Hart.Stop.BUDGET; done += slice) {
      stop = machine.hart().run(slice);
      assertThat(machine.hart().instret()).isLessThanOrEqualTo(done);
      if (stop == Hart.Stop.BUDGET) {
        assertThat(machine.hart().instret()).isEqualTo(done);
      }
    }
    assertThat(machine.hart().instret()).isEqualTo(expected);
    assertLogAgrees(machine);
  }

  @Test
  void steps_leaveTheTlbThatARunLeaves() throws Exception {
    Machine stepped = machine("paging.elf", Replacement.ROUND_ROBIN, 8);
    Machine ran = machine("paging.elf", Replacement.ROUND_ROBIN, 8);
    for (int i = 0; i < 2_000; i++) {
      long before = stepped.hart().instret();
      stepped.hart().step();
      ran.hart().run(stepped.hart().instret() - before);
    }
    assertThat(rows(stepped)).isEqualTo(rows(ran));
  }

  private static String rows(Machine machine) {
    var text = new StringBuilder();
    machine
        .tlb()
        .forEachRow((table, key, values) -> text.append(Arrays.toString(values)).append('\n'));
    return text.toString();
  }
}
