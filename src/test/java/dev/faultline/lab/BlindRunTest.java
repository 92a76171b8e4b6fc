package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random commands where frames and slots run out all the time: whatever fails halfway, no frame,
 * slot or table is lost. {@code -Dfaultline.seed} repeats a run, {@code -Dfaultline.operations}
 * sets its length.
 */
@Execution(ExecutionMode.CONCURRENT)
class BlindRunTest {
  private static final int OPERATIONS = Integer.getInteger("faultline.operations", 12_000) / 30;

  /** What is not about memory, or needs a program. */
  private static final Set<Class<?>> OTHERS =
      Set.of(
          Command.Unpack.class,
          Command.DeleteFile.class,
          Command.Step.class,
          Command.Run.class,
          Command.RunAll.class,
          Command.Start.class,
          Command.Exec.class,
          Command.Kill.class,
          Command.Affinity.class,
          Command.Input.class);

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource
  void runWithFewFrames_neverLosesOne(ReclaimPolicy policy) {
    for (PrivateFileStrategy strategy : PrivateFileStrategy.values()) {
      for (int slots : new int[] {0, 20, 400}) {
        run(40, strategy, slots, policy, Thp.NEVER, 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ALWAYS", "MADVISE"})
  void runWithFewFramesForSuperpages_neverLosesOne(Thp thp) {
    for (int slots : new int[] {0, 300}) {
      run(1300, PrivateFileStrategy.LAZY, slots, ReclaimPolicy.LRU, thp, 32);
    }
  }

  private void run(
      int frames,
      PrivateFileStrategy strategy,
      int slots,
      ReclaimPolicy policy,
      Thp thp,
      int unit) {
    var machine = new MachineConfiguration(frames, PagingMode.SV39, 8, 2, AdBits.HARDWARE);
    var kernel =
        new KernelConfiguration(
            machine, strategy, Prefetch.NONE, slots, policy, Overcommit.ALWAYS, thp);
    System.out.printf("BlindRunTest %s: -Dfaultline.seed=%d%n", kernel, seed);
    TestLab lab = TestLab.open(new Settings("few frames", seed, kernel));
    var commands = new BlindCommands(random, unit);
    lab.run(BlindCommands.FILE);
    Command command = BlindCommands.PROCESS;
    for (int i = 0; i < OPERATIONS; i++) {
      try {
        command = commands.next(command, lab.run(command));
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("operation " + i + " of seed " + seed, failure);
      }
    }
    lab.assertNothingIsLeft();
  }

  @Test
  void commands_areAllThatThereAreAboutMemory() {
    TestLab lab = TestLab.withSwap(64, 20, ReclaimPolicy.LRU);
    var commands = new BlindCommands(new Random(1), 1);
    Set<Class<?>> given = new HashSet<>();
    Command command = BlindCommands.FILE;
    for (int i = 0; i < 3000; i++) {
      given.add(command.getClass());
      Outcome outcome = lab.laboratory().execute(command);
      command =
          command == BlindCommands.FILE && i == 0
              ? BlindCommands.PROCESS
              : commands.next(command, outcome);
    }
    List<Class<?>> missing =
        leaves(Command.class)
            .filter(kind -> !OTHERS.contains(kind) && !given.contains(kind))
            .toList();
    assertThat(missing).isEmpty();
  }

  private static Stream<Class<?>> leaves(Class<?> kind) {
    return kind.isSealed()
        ? Stream.of(kind.getPermittedSubclasses()).flatMap(BlindRunTest::leaves).distinct()
        : Stream.of(kind);
  }
}
