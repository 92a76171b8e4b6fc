package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.log.RecordEncoder;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Laboratories share a directory, threads and classes, but nothing that their logs could show: what
 * runs beside others leaves the same log, byte for byte, as what runs alone. {@code
 * -Dfaultline.seed} repeats a run.
 */
class ManyLaboratoriesTest {
  private static final int LABORATORIES = 10;
  private static final int THREADS = 4;
  private static final int COMMANDS = 250;

  /** Few enough that some commands find none left. */
  private static final int FRAMES = 60;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  /** A laboratory and what it is given, a command at a time. */
  private static final class Session {
    private final Laboratory lab;
    private final BlindCommands commands;
    private final CompletableFuture<Laboratory> end = new CompletableFuture<>();
    private Command last;
    private Outcome outcome;
    private int done;

    Session(Laboratories directory, long seed) {
      PrivateFileStrategy[] strategies = PrivateFileStrategy.values();
      var machine = new MachineConfiguration(FRAMES, PagingMode.SV39, 8, 2, AdBits.HARDWARE);
      var kernel =
          new KernelConfiguration(
              machine, strategies[(int) (seed & 1)], new Prefetch((int) (seed & 8), 8));
      lab = directory.open(new Settings("one of many", seed, kernel));
      commands = new BlindCommands(new Random(seed), 1);
      lab.execute(BlindCommands.FILE);
      last = BlindCommands.PROCESS;
      outcome = lab.execute(last);
    }

    void step() {
      last = commands.next(last, outcome);
      outcome = lab.execute(last);
      done++;
    }

    /** Takes a step on whichever thread is free, and so on to the end. */
    void runOn(ExecutorService threads) {
      threads.execute(() -> {
        try {
          step();
        } catch (RuntimeException | AssertionError failure) {
          end.completeExceptionally(failure);
          return;
        }
        if (done < COMMANDS) {
          runOn(threads);
        } else {
          end.complete(lab);
        }
      });
    }
  }

  @Test
  void laboratoriesDrivenAtOnce_leaveTheLogsOfThoseDrivenAlone() throws Exception {
    System.out.println("ManyLaboratoriesTest: -Dfaultline.seed=" + seed);
    var directory = new Laboratories(Limits.DEFAULT);
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < LABORATORIES; i++) {
      sessions.add(new Session(directory, seed + i));
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
    try {
      Future<?> reader = threads.submit(() -> readUntilAllEnd(sessions));
      sessions.forEach(session -> session.runOn(threads));
      for (Session session : sessions) {
        Laboratory together = session.end.get(5, TimeUnit.MINUTES);
        assertThat(together.audit().violations()).isEmpty();
      }
      reader.get(1, TimeUnit.MINUTES);
    } finally {
      threads.shutdownNow();
    }
    for (int i = 0; i < LABORATORIES; i++) {
      var alone = new Session(new Laboratories(Limits.DEFAULT), seed + i);
      while (alone.done < COMMANDS) {
        alone.step();
      }
      assertThat(log(sessions.get(i).lab)).as("seed %d", seed + i).isEqualTo(log(alone.lab));
    }
  }

  /** Readers look at live machines and at states of the past meanwhile. */
  private static void readUntilAllEnd(List<Session> sessions) {
    while (!sessions.stream().allMatch(session -> session.end.isDone())) {
      for (Session session : sessions) {
        assertThat(session.lab.audit().violations()).isEmpty();
        session.lab.stateAt(session.lab.log().head() / 2);
      }
    }
  }

  private static byte[] log(Laboratory lab) {
    var encoder = new RecordEncoder();
    var cursor = lab.log().cursor(0);
    while (cursor.next()) {
      encoder.putRecord(cursor);
    }
    byte[] bytes = encoder.toByteArray();
    assertThat(bytes.length).isGreaterThan(10 * COMMANDS);
    return bytes;
  }
}
