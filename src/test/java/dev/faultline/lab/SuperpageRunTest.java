package dev.faultline.lab;

import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.SUPERPAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.lab.MemoryModel.ModelPage;
import dev.faultline.lab.MemoryModel.ModelProcess;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random commands on a few MiB of anonymous memory that superpages come and go in, in a laboratory
 * and in the {@link MemoryModel}. {@code -Dfaultline.seed} repeats a run.
 */
@Execution(ExecutionMode.CONCURRENT)
class SuperpageRunTest {
  private static final int OPERATIONS = 800;
  private static final long START = 0x4000_0000L;
  private static final int AREAS = 3;
  private static final int MOST_PROCESSES = 3;
  private static final int ANON = TestLab.PRIVATE | TestLab.ANONYMOUS | TestLab.FIXED;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource
  void runOnSuperpages_agreesWithTheModel(AdBits adBits) {
    run(8192, adBits, OPERATIONS);
  }

  @Test
  void runWithFewFrames_swapsPagesOfSuperpagesOut() {
    run(1400, AdBits.HARDWARE, OPERATIONS / 4);
  }

  private void run(int frames, AdBits adBits, int operations) {
    System.out.printf("SuperpageRunTest %d %s: -Dfaultline.seed=%d%n", frames, adBits, seed);
    var machine = new MachineConfiguration(frames, PagingMode.SV39, 16, 4, adBits);
    var kernel =
        new KernelConfiguration(
            machine,
            PrivateFileStrategy.LAZY,
            Prefetch.NONE,
            8192,
            ReclaimPolicy.LRU,
            Overcommit.GUESS,
            Thp.ALWAYS);
    TestLab lab = TestLab.open(new Settings("superpages", seed, kernel));
    var model = new MemoryModel(false);
    var processes = new ModelledProcesses(lab, random, MOST_PROCESSES);
    processes.spawn();
    processes.repeat(operations, seed, () -> operate(lab, model, processes));
  }

  private void operate(TestLab lab, MemoryModel model, ModelledProcesses processes) {
    int pid = processes.any();
    ModelProcess process = processes.get(pid);
    boolean whole = random.nextBoolean();
    long address = START + random.nextInt(AREAS) * (long) SUPERPAGE;
    long length = SUPERPAGE * (1L + random.nextInt(2));
    if (!whole) {
      address += random.nextInt(512) * (long) PAGE;
      length = (1 + random.nextInt(700)) * (long) PAGE;
    }
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> {
        lab.mmap(pid, address, length, TestLab.RW, ANON, -1, 0);
        MemoryModel.unmap(process, address, length);
        model.map(process, address, length, TestLab.RW, ANON, null, 0);
      }
      case 3 -> {
        lab.munmap(pid, address, length);
        MemoryModel.unmap(process, address, length);
      }
      case 4, 5 -> {
        int prot = random.nextInt(3) > 0 ? TestLab.RW : random.nextInt(2) * Prot.READ;
        lab.run(new Command.Mprotect(pid, address, length, prot));
        MemoryModel.protect(process, address, length, prot);
      }
      case 6 -> {
        lab.run(new Command.Madvise(pid, address, length, Advice.DONTNEED.number()));
        MemoryModel.dontNeed(process, address, length);
      }
      case 7 -> processes.forkOrExit(pid);
      case 8 -> move(lab, pid, process, address, whole);
      case 9, 10, 11, 12 -> processes.read(pid, within(address), length());
      default -> {
        byte[] bytes = new byte[length()];
        random.nextBytes(bytes);
        processes.write(pid, within(address), bytes);
      }
    }
  }

  /** To a place behind all others, where nothing is, and back over the old place. */
  private void move(TestLab lab, int pid, ModelProcess process, long address, boolean whole) {
    NavigableMap<Long, ModelPage> moved =
        process.pages.subMap(address / PAGE, true, (address + SUPERPAGE) / PAGE, false);
    if (moved.size() < SUPERPAGE / PAGE) {
      return;
    }
    long away = START + 64L * SUPERPAGE + (whole ? 0 : random.nextInt(512) * (long) PAGE);
    long back = START + random.nextInt(AREAS) * (long) SUPERPAGE;
    move(lab, pid, address, away);
    move(lab, pid, away, back);
    Map<Long, ModelPage> there = new TreeMap<>();
    moved.forEach((page, value) -> there.put(page + (back - address) / PAGE, value));
    moved.clear();
    process.pages.putAll(there);
  }

  private static void move(TestLab lab, int pid, long from, long to) {
    int flags = Mremap.MAYMOVE | Mremap.FIXED;
    Outcome outcome = lab.run(new Command.Mremap(pid, from, SUPERPAGE, SUPERPAGE, flags, to));
    assertThat(outcome.errno()).as(outcome.story()).isNull();
  }

  private long within(long area) {
    return area + random.nextInt(SUPERPAGE);
  }

  private int length() {
    return 1 + random.nextInt(3 * PAGE);
  }
}
