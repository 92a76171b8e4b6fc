package dev.faultline.lab;

import static dev.faultline.lab.TestLab.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.kernel.mm.Msync;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.MemoryModel.ModelFile;
import dev.faultline.lab.MemoryModel.ModelPage;
import dev.faultline.lab.MemoryModel.ModelProcess;
import dev.faultline.lab.MemoryModel.OpenModelFile;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random commands over several processes and files, run in a laboratory and in the {@link
 * MemoryModel}: results, errors, signals, bytes and mapped pages must agree, and after every
 * command the audit holds and the folded log equals the live machine. {@code -Dfaultline.seed}
 * repeats a run, {@code -Dfaultline.operations} sets its length.
 */
@Execution(ExecutionMode.CONCURRENT)
class RandomRunTest {
  private static final int OPERATIONS = Integer.getInteger("faultline.operations", 12_000);
  private static final int PROCESSES = 3;
  private static final int MOST_PROCESSES = 6;
  private static final int FILES = 4;
  private static final int MOST_PAGES_MAPPED = 120;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final ModelFile[] names = new ModelFile[FILES];
  private Prefetch prefetch = Prefetch.NONE;
  private boolean pagesGo;
  private int harts = 1;

  @Test
  void lazyRun_agreesWithTheModel() {
    run(PrivateFileStrategy.LAZY, AdBits.HARDWARE, OPERATIONS);
  }

  @Test
  void eagerRun_agreesWithTheModel() {
    run(PrivateFileStrategy.EAGER, AdBits.HARDWARE, OPERATIONS / 4);
  }

  @Test
  void runWithAccessedAndDirtyByFault_agreesWithTheModel() {
    run(PrivateFileStrategy.LAZY, AdBits.FAULT, OPERATIONS / 4);
  }

  @Test
  void runWithReadaheadAndFaultAround_agreesWithTheModel() {
    prefetch = new Prefetch(1 + random.nextInt(8), 1 << random.nextInt(5));
    run(PrivateFileStrategy.LAZY, AdBits.HARDWARE, OPERATIONS / 4);
  }

  @ParameterizedTest
  @EnumSource
  void runWithEachReplacement_agreesWithTheModel(Replacement replacement) {
    run(
        PrivateFileStrategy.LAZY,
        new MachineConfiguration(
            0, 4096, PagingMode.SV39, 8, 4, replacement, seed, AdBits.HARDWARE),
        OPERATIONS / 8);
  }

  @ParameterizedTest
  @EnumSource
  void runOnSeveralHarts_agreesWithTheModel(AdBits adBits) {
    harts = 2 + random.nextInt(3);
    var machine = new MachineConfiguration(4096, PagingMode.SV39, 32, 4, adBits);
    run(PrivateFileStrategy.LAZY, machine.withHarts(harts), OPERATIONS / 4);
  }

  @Test
  void runOnTwoHartsUnderPressure_agreesWithTheModel() {
    harts = 2;
    var machine = new MachineConfiguration(96, PagingMode.SV39, 8, 2, AdBits.HARDWARE);
    run(
        new KernelConfiguration(
            machine.withHarts(harts), PrivateFileStrategy.LAZY, prefetch, 4096, ReclaimPolicy.LRU),
        OPERATIONS / 6);
  }

  @ParameterizedTest
  @EnumSource
  void runUnderPressure_agreesWithTheModelWhateverThePolicy(ReclaimPolicy policy) {
    var machine =
        new MachineConfiguration(
            0, 96, PagingMode.SV39, 8, 2, Replacement.ROUND_ROBIN, seed, AdBits.HARDWARE);
    run(
        new KernelConfiguration(machine, PrivateFileStrategy.LAZY, prefetch, 4096, policy),
        OPERATIONS / 6);
  }

  @Test
  void runUnderPressureWithReadaheadAndFaults_agreesWithTheModel() {
    var machine = new MachineConfiguration(96, PagingMode.SV39, 8, 2, AdBits.FAULT);
    run(
        new KernelConfiguration(
            machine, PrivateFileStrategy.LAZY, new Prefetch(8, 8), 4096, ReclaimPolicy.LRU),
        OPERATIONS / 6);
  }

  private void run(PrivateFileStrategy strategy, AdBits adBits, int operations) {
    run(strategy, new MachineConfiguration(4096, PagingMode.SV39, 32, 4, adBits), operations);
  }

  private void run(PrivateFileStrategy strategy, MachineConfiguration machine, int operations) {
    run(new KernelConfiguration(machine, strategy, prefetch), operations);
  }

  private void run(KernelConfiguration configuration, int operations) {
    System.out.printf("RandomRunTest %s: -Dfaultline.seed=%d%n", configuration, seed);
    TestLab lab = TestLab.open(new Settings("random", seed, configuration));
    var model = new MemoryModel(configuration.privateFile() == PrivateFileStrategy.EAGER);
    var changes = new RandomChanges(lab, random);
    var processes = new ModelledProcesses(lab, random, MOST_PROCESSES);
    pagesGo = configuration.swapSlots() > 0;
    for (int i = 0; i < FILES; i++) {
      put(lab, i);
    }
    for (int i = 0; i < PROCESSES; i++) {
      int pid = processes.spawn();
      changes.limitLocks(pid, processes.get(pid));
    }
    processes.repeat(operations, seed, () -> operate(lab, model, changes, processes));
  }

  private void operate(
      TestLab lab, MemoryModel model, RandomChanges changes, ModelledProcesses processes) {
    int pid = processes.any();
    ModelProcess process = processes.get(pid);
    if (harts > 1 && random.nextInt(3) == 0) {
      lab.run(new Command.Affinity(pid, random.nextInt(harts)));
    }
    switch (random.nextInt(68)) {
      case 58, 59 -> changes.createMemory(pid, process);
      case 60, 61, 62 -> changes.fallocate(pid, process);
      case 63 -> changes.cut(pid, process, processes.all());
      case 64, 65 -> changes.lock(pid, process);
      case 66 -> changes.unlock(pid, process);
      case 67 -> changes.limit(pid, process);
      case 40, 41, 42, 43, 44 -> mprotect(lab, pid, process);
      case 45, 46 -> cut(lab, pid, processes);
      case 47, 48 -> pwrite(lab, pid);
      case 49, 50 -> dontNeed(lab, pid, process);
      case 51, 52, 53 -> advise(lab, pid, process);
      case 54 -> giveUp(lab, pid, process);
      case 55, 56 -> mremap(lab, pid, process);
      case 57 -> brk(lab, pid, process);
      case 39 -> processes.forkOrExit(pid);
      case 0 -> open(lab, pid, process);
      case 1 -> close(lab, pid, process);
      case 2, 3 -> replaceOrCompareFile(lab);
      case 4, 5, 6, 7, 8 -> mmap(lab, model, pid, process);
      case 9, 10, 11, 12 -> munmap(lab, pid, process);
      case 13, 14, 15, 16, 17, 18, 19, 20, 21, 22 ->
          processes.read(pid, somewhere(process), length());
      case 23 -> comparePages(lab, pid, process);
      default -> write(lab, pid, processes);
    }
  }

  private void put(TestLab lab, int index) {
    byte[] bytes = new byte[random.nextInt(6 * PAGE)];
    random.nextBytes(bytes);
    names[index] = new ModelFile("/dir" + index % 2 + "/file" + index, false, bytes);
    lab.put(names[index].path, bytes);
  }

  private void replaceOrCompareFile(TestLab lab) {
    int index = random.nextInt(FILES);
    if (random.nextInt(4) == 0) {
      put(lab, index);
    } else {
      assertThat(lab.file(names[index].path)).isEqualTo(names[index].bytes());
    }
  }

  private void open(TestLab lab, int pid, ModelProcess process) {
    ModelFile file = names[random.nextInt(FILES)];
    int flags = random.nextInt(3);
    int fd = lab.open(pid, file.path, flags);
    int expected = 3;
    while (process.descriptors.containsKey(expected)) {
      expected++;
    }
    assertThat(fd).isEqualTo(expected);
    process.descriptors.put(fd, new OpenModelFile(file, flags));
  }

  private void close(TestLab lab, int pid, ModelProcess process) {
    int fd = 3 + random.nextInt(6);
    Outcome outcome = lab.run(new Command.Close(pid, fd));
    assertThat(outcome.errno() == null).isEqualTo(process.descriptors.remove(fd) != null);
  }

  private void mmap(TestLab lab, MemoryModel model, int pid, ModelProcess process) {
    long length = 1 + random.nextInt(12 * PAGE);
    long rounded = (length + PAGE - 1) / PAGE * PAGE;
    if (process.pages.size() + rounded / PAGE > MOST_PAGES_MAPPED) {
      munmap(lab, pid, process);
      return;
    }
    boolean shared = random.nextInt(3) == 0;
    boolean anonymous = random.nextInt(3) == 0;
    int prot = random.nextInt(4) == 0 ? random.nextInt(8) : Prot.READ | Prot.WRITE;
    int flags = (shared ? TestLab.SHARED : TestLab.PRIVATE) | (anonymous ? TestLab.ANONYMOUS : 0);
    long offset = random.nextInt(4) * (long) PAGE;
    int fd = 3 + random.nextInt(5);
    long address = 0;
    if (random.nextBoolean()) {
      address = somewhere(process) / PAGE * PAGE;
      flags |= random.nextBoolean() ? TestLab.FIXED : 0;
      flags |= random.nextInt(6) == 0 ? MapFlag.FIXED_NOREPLACE.bit() : 0;
    }
    Outcome outcome = lab.tryMmap(pid, address, length, prot, flags, fd, offset);

    OpenModelFile open = anonymous ? null : process.descriptors.get(fd);
    String expected = expectedError(process, address, rounded, prot, flags, anonymous, open);
    assertThat(RandomChanges.error(outcome)).isEqualTo(expected);
    if (!expected.isEmpty()) {
      return;
    }
    long granted = ((Result.Address) Objects.requireNonNull(outcome.result())).address();
    boolean isFixed = MapFlag.FIXED.in(flags) || MapFlag.FIXED_NOREPLACE.in(flags);
    if (isFixed || address != 0 && MemoryModel.isFree(process, address, rounded)) {
      assertThat(granted).isEqualTo(address);
    } else {
      assertThat(granted).isEqualTo(MemoryModel.highestGap(process, rounded));
    }
    MemoryModel.unmap(process, granted, rounded);
    model.map(process, granted, rounded, prot, flags, open, offset);
  }

  private static String expectedError(
      ModelProcess process,
      long address,
      long length,
      int prot,
      int flags,
      boolean anonymous,
      @org.jspecify.annotations.Nullable OpenModelFile open) {
    if (!anonymous && open == null) {
      return "EBADF";
    }
    if (MapFlag.FIXED_NOREPLACE.in(flags) && !MemoryModel.isFree(process, address, length)) {
      return "EEXIST";
    }
    if (open != null && !mayMap(open, prot, flags)) {
      return "EACCES";
    }
    boolean replaces = MapFlag.FIXED.in(flags);
    long going =
        replaces ? process.pages.subMap(address / PAGE, (address + length) / PAGE).size() : 0;
    return process.pages.size() - going + length / PAGE > process.most ? "ENOMEM" : "";
  }

  private static boolean mayMap(OpenModelFile open, int prot, int flags) {
    boolean writable = open.flags() != OpenFlag.RDONLY.bit();
    boolean readable = open.flags() != OpenFlag.WRONLY.bit();
    boolean sharedWrite = MapFlag.SHARED.in(flags) && (prot & Prot.WRITE) != 0;
    return readable && (writable || !sharedWrite);
  }

  private void munmap(TestLab lab, int pid, ModelProcess process) {
    long address = somewhere(process) / PAGE * PAGE;
    long length = 1 + random.nextInt(8 * PAGE);
    assertThat(lab.munmap(pid, address, length).errno()).isNull();
    MemoryModel.unmap(process, address, length);
  }

  private void cut(TestLab lab, int pid, ModelledProcesses processes) {
    ModelFile file = names[random.nextInt(FILES)];
    int size = random.nextInt(6 * PAGE);
    var command = new Command.Ftruncate(pid, new Command.ByPath(file.path), size);
    assertThat(lab.run(command).errno()).isNull();
    file.resize(size, Integer.MAX_VALUE);
    processes.all().forEach(process -> MemoryModel.dropPastEnd(process, file));
  }

  private void pwrite(TestLab lab, int pid) {
    ModelFile file = names[random.nextInt(FILES)];
    byte[] bytes = new byte[length()];
    random.nextBytes(bytes);
    int offset = random.nextInt(5 * PAGE);
    var command = new Command.Pwrite(pid, new Command.ByPath(file.path), bytes, offset);
    assertThat(lab.run(command).errno()).isNull();
    file.write(bytes, offset);
  }

  private void dontNeed(TestLab lab, int pid, ModelProcess process) {
    long address = somewhere(process) / PAGE * PAGE;
    long length = (1 + random.nextInt(6)) * (long) PAGE;
    var command = new Command.Madvise(pid, address, length, Advice.DONTNEED.number());
    String expected = MemoryModel.adviceError(process, address, length, true);
    assertThat(RandomChanges.error(lab.run(command))).isEqualTo(expected);
    MemoryModel.dontNeed(process, address, length);
  }

  /** Advice that changes no byte. */
  private void advise(TestLab lab, int pid, ModelProcess process) {
    Advice[] harmless = {Advice.PAGEOUT, Advice.PAGEOUT, Advice.COLD, Advice.WILLNEED};
    long address = somewhere(process) / PAGE * PAGE;
    long length = (1 + random.nextInt(6)) * (long) PAGE;
    Advice advice = harmless[random.nextInt(harmless.length)];
    boolean refusesLocked = advice != Advice.WILLNEED;
    String expected = MemoryModel.adviceError(process, address, length, refusesLocked);
    Outcome outcome = lab.run(new Command.Madvise(pid, address, length, advice.number()));
    assertThat(RandomChanges.error(outcome)).isEqualTo(expected);
  }

  /** MADV_FREE leaves each page as it was or makes it zero, until it is written. */
  private void giveUp(TestLab lab, int pid, ModelProcess process) {
    long address = somewhere(process) / PAGE * PAGE;
    long end = address + (1 + random.nextInt(4)) * (long) PAGE;
    for (long at = address; at < end; at += PAGE) {
      ModelPage page = process.pages.get(at / PAGE);
      if (page == null
          || page.locked
          || page.file != null
          || (page.prot & TestLab.RW) != TestLab.RW) {
        return;
      }
    }
    var command = new Command.Madvise(pid, address, end - address, Advice.FREE.number());
    assertThat(lab.run(command).errno()).isNull();
    for (long at = address; at < end; at += PAGE) {
      lab.write(pid, at, new byte[] {1});
      byte[] kept = MemoryModel.read(process, at, PAGE);
      byte[] dropped = new byte[PAGE];
      kept[0] = 1;
      dropped[0] = 1;
      byte[] seen = lab.read(pid, at, PAGE);
      assertThat(List.of(kept, dropped)).anyMatch(expected -> Arrays.equals(expected, seen));
      MemoryModel.write(process, at, seen, PAGE);
    }
  }

  private void mremap(TestLab lab, int pid, ModelProcess process) {
    long address = somewhere(process) / PAGE * PAGE;
    long length = (1 + random.nextInt(4)) * (long) PAGE;
    long newLength = (1 + random.nextInt(6)) * (long) PAGE;
    if (process.pages.size() + newLength / PAGE > MOST_PAGES_MAPPED) {
      return;
    }
    var command = new Command.Mremap(pid, address, length, newLength, Mremap.MAYMOVE, 0);
    if (lab.run(command).result() instanceof Result.Address(long target)) {
      MemoryModel.remap(process, address, length, target, newLength);
    }
  }

  private void brk(TestLab lab, int pid, ModelProcess process) {
    long wanted = MemoryModel.HEAP + random.nextInt(12 * PAGE);
    Outcome outcome = lab.run(new Command.Brk(pid, wanted));
    if (outcome.result() instanceof Result.Address(long granted) && granted == wanted) {
      MemoryModel.moveBrk(process, wanted);
    }
  }

  private void mprotect(TestLab lab, int pid, ModelProcess process) {
    long address = somewhere(process) / PAGE * PAGE;
    long length = (1 + random.nextInt(6)) * (long) PAGE;
    int prot = random.nextInt(3) > 0 ? Prot.READ | Prot.WRITE : random.nextInt(8);
    Outcome outcome = lab.run(new Command.Mprotect(pid, address, length, prot));
    long refused = MemoryModel.protect(process, address, length, prot);
    String expected =
        refused < 0 ? "" : process.pages.containsKey(refused / PAGE) ? "EACCES" : "ENOMEM";
    assertThat(RandomChanges.error(outcome)).isEqualTo(expected);
  }

  private void write(TestLab lab, int pid, ModelledProcesses processes) {
    ModelProcess process = processes.get(pid);
    long address = somewhere(process);
    byte[] bytes = new byte[length()];
    random.nextBytes(bytes);
    long tail = pagesGo ? MemoryModel.pageStoredPastEnd(process, address, bytes.length) : -1;
    if (tail >= 0) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(bytes.length, tail + PAGE - address));
    }
    processes.write(pid, address, bytes);
    if (tail >= 0) {
      writeBack(lab, pid, process, tail);
    }
  }

  /**
   * What is stored past the end of a file lasts until its page is written back, which is at any
   * time when pages must go: it is done at once, so that the model knows.
   */
  private static void writeBack(TestLab lab, int pid, ModelProcess process, long address) {
    var command = new Command.Msync(pid, address, PAGE, Msync.SYNC);
    assertThat(lab.run(command).errno()).isNull();
    MemoryModel.writeBack(process, address);
  }

  /** Mostly an address near what is mapped. */
  private long somewhere(ModelProcess process) {
    if (process.pages.isEmpty() || random.nextInt(20) == 0) {
      return 0x10_0000 + random.nextInt(1 << 20);
    }
    List<Long> pages = new ArrayList<>(process.pages.keySet());
    long page = pages.get(random.nextInt(pages.size())) + random.nextInt(3) - 1;
    return Math.max(0x1_0000, page * PAGE + random.nextInt(PAGE));
  }

  private int length() {
    return switch (random.nextInt(4)) {
      case 0 -> 1;
      case 1 -> 1 + random.nextInt(16);
      case 2 -> 1 + random.nextInt(PAGE);
      default -> 1 + random.nextInt(3 * PAGE);
    };
  }

  /** Every page that a VMA covers, with its protection and sharing, must be one of the model's. */
  private static void comparePages(TestLab lab, int pid, ModelProcess process) {
    FoldedState state = lab.state();
    Rows vmas = state.rows(Table.VMA);
    Map<Long, String> covered = new TreeMap<>();
    for (long vma : vmas.sortedKeys()) {
      if (vmas.get(vma, Table.Vma.PID) == pid) {
        long end = vmas.get(vma, Table.Vma.END);
        for (long at = vmas.get(vma, Table.Vma.START); at < end; at += PAGE) {
          covered.put(
              at / PAGE, vmas.get(vma, Table.Vma.PROT) + " " + vmas.get(vma, Table.Vma.SHARING));
        }
      }
    }
    Map<Long, String> expected = new TreeMap<>();
    for (Map.Entry<Long, ModelPage> page : process.pages.entrySet()) {
      expected.put(page.getKey(), page.getValue().prot + " " + (page.getValue().shared ? 1 : 0));
    }
    assertThat(covered).isEqualTo(expected);
  }

  @Test
  void sameCommands_giveTheSameLog() {
    long[][] logs = new long[2][];
    for (int run = 0; run < 2; run++) {
      var commands = new Random(42);
      TestLab lab = TestLab.lazy();
      lab.put("/f", TestLab.pattern(10 * PAGE));
      int pid = lab.spawn();
      lab.open(pid, "/f", TestLab.RDWR);
      for (int i = 0; i < 300; i++) {
        long address = 0x3ff8000000L - (1 + commands.nextInt(20)) * (long) PAGE;
        lab.run(
            switch (commands.nextInt(3)) {
              case 0 -> new Command.Mmap(pid, address, 3 * PAGE, 3, TestLab.PRIVATE, 3, 0);
              case 1 -> new Command.Write(pid, address, TestLab.filled(100, i));
              default -> new Command.Munmap(pid, address, 2 * PAGE);
            });
      }
      logs[run] = words(lab);
    }
    assertThat(logs[1]).isEqualTo(logs[0]);
  }

  private static long[] words(TestLab lab) {
    var encoder = new dev.faultline.log.RecordEncoder();
    var cursor = lab.laboratory().log().cursor(0);
    while (cursor.next()) {
      encoder.putRecord(cursor);
    }
    byte[] bytes = encoder.toByteArray();
    assertThat(bytes.length).isGreaterThan(1000);
    long[] words = new long[bytes.length];
    Arrays.setAll(words, i -> bytes[i]);
    return words;
  }
}
