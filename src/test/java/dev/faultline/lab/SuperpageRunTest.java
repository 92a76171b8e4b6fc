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
import dev.faultline.lab.MemoryModel.Stop;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random commands on a few MiB of anonymous memory that superpages come and go in, in a laboratory
 * and in the {@link MemoryModel}. {@code -Dfaultline.seed} repeats a run.
 */
class SuperpageRunTest {
  private static final int OPERATIONS = 800;
  private static final long START = 0x4000_0000L;
  private static final int AREAS = 3;
  private static final int MOST_PROCESSES = 3;
  private static final int ANON = TestLab.PRIVATE | TestLab.ANONYMOUS | TestLab.FIXED;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<Integer, ModelProcess> processes = new TreeMap<>();

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
    processes.put(lab.spawn(), new ModelProcess());
    for (int i = 0; i < operations; i++) {
      try {
        operate(lab, model);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("operation " + i + " of seed " + seed, failure);
      }
    }
    processes.keySet().forEach(lab::exit);
    assertThat(lab.count(Table.FRAME, Table.Frame.KIND, "anon")).isZero();
    assertThat(lab.count(Table.FRAME, Table.Frame.KIND, "table")).isZero();
  }

  private void operate(TestLab lab, MemoryModel model) {
    List<Integer> pids = List.copyOf(processes.keySet());
    int pid = pids.get(random.nextInt(pids.size()));
    ModelProcess process = Objects.requireNonNull(processes.get(pid));
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
      case 7 -> forkOrExit(lab, pid, process);
      case 8 -> move(lab, pid, process, address, whole);
      case 9, 10, 11, 12 -> read(lab, pid, process, address);
      default -> write(lab, pid, process, address);
    }
  }

  private void forkOrExit(TestLab lab, int pid, ModelProcess process) {
    if (processes.size() < MOST_PROCESSES) {
      processes.put(lab.fork(pid), MemoryModel.fork(process));
    } else {
      lab.exit(pid);
      processes.remove(pid);
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

  private void read(TestLab lab, int pid, ModelProcess process, long area) {
    long address = area + random.nextInt(SUPERPAGE);
    int length = 1 + random.nextInt(3 * PAGE);
    Outcome outcome = lab.tryRead(pid, address, length);
    Stop stop = MemoryModel.stop(process, address, length, false);
    if (stop != null) {
      TestLab.assertSignal(outcome, stop.signal(), stop.address());
    } else {
      byte[] bytes = ((Result.Bytes) Objects.requireNonNull(outcome.result())).bytes();
      assertThat(bytes).isEqualTo(MemoryModel.read(process, address, length));
    }
  }

  private void write(TestLab lab, int pid, ModelProcess process, long area) {
    long address = area + random.nextInt(SUPERPAGE);
    byte[] bytes = new byte[1 + random.nextInt(3 * PAGE)];
    random.nextBytes(bytes);
    Outcome outcome = lab.tryWrite(pid, address, bytes);
    Stop stop = MemoryModel.stop(process, address, bytes.length, true);
    int written = stop == null ? bytes.length : (int) (stop.address() - address);
    if (stop != null) {
      TestLab.assertSignal(outcome, stop.signal(), stop.address());
    }
    MemoryModel.write(process, address, bytes, written);
  }
}
