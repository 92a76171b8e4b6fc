package dev.faultline.machine.hart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.Cursor;
import dev.faultline.machine.Machine;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random programs that jump about do the same compiled as interpreted: after every slice, step and
 * breakpoint the same registers, rows of the TLB and retired instructions, and in the end the same
 * memory and the same log, record by record.
 */
@Execution(ExecutionMode.CONCURRENT)
class CompiledControlFlowTest {
  private static final long SEED = Long.getLong("faultline.wild.seed", 1);
  private static final int COUNT = Integer.getInteger("faultline.wild.count", 12);
  private static final int SLICES = 300;
  private static final int LONGEST_SLICE = 500;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20})
  void compiledPrograms_doWhatInterpretedOnesDo(int compileAfter) {
    for (long seed = SEED; seed < SEED + COUNT; seed++) {
      check(seed, compileAfter);
    }
  }

  private static void check(long seed, int compileAfter) {
    var interpreted = new WildProgram(seed, Integer.MAX_VALUE);
    var compiled = new WildProgram(seed, compileAfter);
    var random = new Random(seed);
    for (int slice = 0; slice < SLICES; slice++) {
      long choice = random.nextLong();
      String expected = goOn(interpreted, new Random(choice));
      assertThat(goOn(compiled, new Random(choice)))
          .as("seed %d, slice %d, compiled after %d", seed, slice, compileAfter)
          .isEqualTo(expected);
    }
    assertThat(memory(compiled)).as("memory of seed %d", seed).isEqualTo(memory(interpreted));
    assertSameLog(seed, compiled, interpreted);
  }

  /** Runs on in one way or another; what is seen afterwards. */
  private static String goOn(WildProgram program, Random random) {
    Hart hart = program.machine().hart();
    switch (random.nextInt(8)) {
      case 0 -> {
        for (int i = 0; i < 5; i++) {
          hart.step();
        }
      }
      case 1 -> hart.run(1 + random.nextInt(LONGEST_SLICE));
      case 2 -> {
        long from = hart.pc();
        hart.setBreakpoint(from);
        hart.run(100);
        hart.setBreakpoint(null);
      }
      default -> {
        // Few of them come out of their loops by themselves.
        program.restart();
        hart.run(1 + random.nextInt(LONGEST_SLICE));
      }
    }
    return state(program.machine());
  }

  private static String state(Machine machine) {
    Hart hart = machine.hart();
    var text = new StringBuilder();
    text.append("pc %x after %d\n".formatted(hart.pc(), hart.instret()));
    for (int i = 0; i < 32; i++) {
      text.append("x%d %x f%d %x\n".formatted(i, hart.register(i), i, hart.floatRegister(i)));
    }
    text.append("fcsr %x\n".formatted(hart.fcsr()));
    machine
        .tlb()
        .forEachRow((table, key, values) -> text.append(Arrays.toString(values)).append('\n'));
    return text.toString();
  }

  private static long memory(WildProgram program) {
    var crc = new CRC32C();
    byte[] frame = new byte[4096];
    for (int i = 0; i < program.machine().memory().frames(); i++) {
      program.machine().memory().get((long) i << 12, frame, 0, frame.length);
      crc.update(frame);
    }
    return crc.getValue();
  }

  private static void assertSameLog(long seed, WildProgram one, WildProgram other) {
    one.log().publish();
    other.log().publish();
    assertThat(one.log().head()).as("records of seed %d", seed).isEqualTo(other.log().head());
    Cursor ones = one.log().cursor(one.log().oldest());
    Cursor others = other.log().cursor(other.log().oldest());
    while (ones.next() && others.next()) {
      assertThat(ones.saysTheSameAs(others))
          .as(() -> "seed %d: %s instead of %s".formatted(seed, ones.text(), others.text()))
          .isTrue();
    }
  }
}
