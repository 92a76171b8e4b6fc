package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.StepKind;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random reads and touches of a file that is not in memory: after each, the host's kernel and ours
 * hold the same pages of it. What the host does differently when it is asked again is its timing,
 * and is said. A trial ends when a reader comes to a mark, because file systems with large folios
 * round the windows after the first. {@code -Dfaultline.seed} repeats a run.
 */
class ReadaheadHostTest {
  private static final int TRIALS = 150;
  private static final int FILE_PAGES = HostLinux.RANGE_PAGES;
  private static final long LENGTH = (long) FILE_PAGES * PAGE;
  private static final int FLAGS = MapFlag.PRIVATE.bit() | MapFlag.FIXED.bit();

  /** How often the host may do a trial until it does the same twice. */
  private static final int ATTEMPTS = 10;

  private static final int LONG_FILE_PAGES = 3 * Prefetch.MOST_READAHEAD;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void pagesRead_areThoseThatTheHostsKernelReads() throws Exception {
    Path directory = Files.createTempDirectory(Path.of("target"), "readahead");
    Path file = Files.write(directory.resolve("file"), TestLab.pattern(FILE_PAGES * PAGE - 100));
    try (HostLinux host = HostLinux.open()) {
      int window = windowOfHost(host, directory);
      System.out.printf("ReadaheadHostTest: -Dfaultline.seed=%d, window %d%n", seed, window);
      for (int i = 0; i < TRIALS; i++) {
        runTrial(host, file, window, "seed %d, trial %d".formatted(seed, i));
      }
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
  }

  /** How many pages the disk under the file is set to read at once: a sequential fault tells. */
  private static int windowOfHost(HostLinux host, Path directory)
      throws IOException, InterruptedException {
    Path file = Files.write(directory.resolve("long"), new byte[LONG_FILE_PAGES * PAGE]);
    int fd = host.open(file, 0);
    host.evict(fd);
    long address = HostLinux.RANGE;
    long length = (long) LONG_FILE_PAGES * PAGE;
    host.mmap(address, length, Prot.READ, MapFlag.PRIVATE.bit() | MapFlag.FIXED.bit(), fd, 0);
    try {
      if (count(host.residency(address, LONG_FILE_PAGES)) > 0) {
        throw Missing.thing("a file system under target/ whose pages leave memory", null);
      }
      host.madvise(address, length, Advice.SEQUENTIAL.number());
      host.read(address + PAGE, 1);
      int pages = 0;
      for (int now = 1; now > pages; now = count(host.residency(address, LONG_FILE_PAGES))) {
        pages = now;
        Thread.sleep(50);
      }
      if (pages > Prefetch.MOST_READAHEAD) {
        throw Missing.thing("a disk that reads at most 8 MiB ahead", null);
      }
      return pages;
    } finally {
      host.munmap(address, length);
      host.closeDescriptor(fd);
      Files.delete(file);
    }
  }

  private static int count(boolean[] pages) {
    int count = 0;
    for (boolean page : pages) {
      count += page ? 1 : 0;
    }
    return count;
  }

  /** Reads a run of pages or touches the first of them. */
  private record Access(boolean reads, int page, int pages) {
    @Override
    public String toString() {
      return reads ? "read %d+%d".formatted(page, pages) : "touch " + page;
    }
  }

  private void runTrial(HostLinux host, Path file, int window, String as)
      throws InterruptedException {
    int advice = random.nextInt(3);
    List<Access> accesses = new ArrayList<>();
    List<boolean[]> ours = runInLab(window, advice, accesses);
    List<boolean[]> theirs = runOnHost(host, file, advice, accesses, ours);
    for (int i = 0; i < ATTEMPTS && !isEqual(theirs, ours); i++) {
      List<boolean[]> again = runOnHost(host, file, advice, accesses, ours);
      if (isEqual(again, theirs)) {
        assertThat(again).as("%s, advice %d, %s", as, advice, accesses).isEqualTo(ours);
      }
      System.out.println("ReadaheadHostTest: the host did not do the same twice, " + as);
      theirs = again;
    }
    if (!isEqual(theirs, ours)) {
      throw Missing.thing("a host that reads the same pages ahead twice", null);
    }
  }

  private static boolean isEqual(List<boolean[]> some, List<boolean[]> others) {
    return Arrays.deepEquals(some.toArray(), others.toArray());
  }

  /**
   * Chooses what is done.
   *
   * @return which pages are in memory after each access
   */
  private List<boolean[]> runInLab(int window, int advice, List<Access> accesses) {
    var machine = new MachineConfiguration(4096, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    var prefetch = new Prefetch(window, 16);
    TestLab lab =
        TestLab.open(
            new Settings(
                "host", 0, new KernelConfiguration(machine, PrivateFileStrategy.LAZY, prefetch)));
    lab.put("/file", TestLab.pattern(FILE_PAGES * PAGE - 100));
    int pid = lab.spawn();
    int fd = lab.open(pid, "/file", TestLab.RDONLY);
    lab.mmap(pid, HostLinux.RANGE, LENGTH, Prot.READ, FLAGS, fd, 0);
    lab.run(new Command.Madvise(pid, HostLinux.RANGE, LENGTH, advice));
    List<boolean[]> resident = new ArrayList<>();
    int page = random.nextInt(4) == 0 ? 0 : random.nextInt(FILE_PAGES);
    for (int i = 0; i < 4; i++) {
      int pages = 1 + random.nextInt(random.nextBoolean() ? 3 : 40);
      var access = new Access(random.nextBoolean(), page, pages);
      Outcome outcome;
      if (access.reads()) {
        var descriptor = new Command.ByDescriptor(fd);
        outcome = lab.run(new Command.Pread(pid, descriptor, pages * PAGE, (long) page * PAGE));
      } else {
        outcome = lab.tryRead(pid, HostLinux.RANGE + (long) page * PAGE, 1);
      }
      if (lab.steps(outcome).contains(StepKind.NEXT_WINDOW)) {
        break;
      }
      accesses.add(access);
      resident.add(residency(lab, pid));
      page = random.nextBoolean() ? (page + pages) % FILE_PAGES : random.nextInt(FILE_PAGES);
    }
    return resident;
  }

  private static List<boolean[]> runOnHost(
      HostLinux host, Path file, int advice, List<Access> accesses, List<boolean[]> expected)
      throws InterruptedException {
    dropFromMemory(host, file);
    int fd = host.open(file, 0);
    host.mmap(HostLinux.RANGE, LENGTH, Prot.READ, FLAGS, fd, 0);
    host.madvise(HostLinux.RANGE, LENGTH, advice);
    List<boolean[]> resident = new ArrayList<>();
    for (Access access : accesses) {
      long offset = (long) access.page() * PAGE;
      if (access.reads()) {
        host.pread(fd, new byte[access.pages() * PAGE], offset);
      } else {
        host.read(HostLinux.RANGE + offset, 1);
      }
      resident.add(settled(host, expected.get(resident.size())));
    }
    host.munmap(HostLinux.RANGE, LENGTH);
    host.closeDescriptor(fd);
    return resident;
  }

  /**
   * Pages that the disk is still reading cannot be dropped, and would come in later: all of the
   * file is read first.
   */
  private static void dropFromMemory(HostLinux host, Path file) {
    int fd = host.open(file, 0);
    for (int page = 0; page < FILE_PAGES; page += 64) {
      host.pread(fd, new byte[64 * PAGE], (long) page * PAGE);
    }
    host.evict(fd);
    host.closeDescriptor(fd);
  }

  private static boolean[] residency(TestLab lab, int pid) {
    Outcome outcome = lab.run(new Command.Mincore(pid, HostLinux.RANGE, (long) FILE_PAGES * PAGE));
    byte[] pages = TestLab.pages(outcome);
    boolean[] resident = new boolean[pages.length];
    for (int i = 0; i < pages.length; i++) {
      resident[i] = pages[i] != 0;
    }
    return resident;
  }

  /** What the host holds when its disk is done, or after a while. */
  private static boolean[] settled(HostLinux host, boolean[] expected) throws InterruptedException {
    for (int i = 0; i < 1000 && !Arrays.equals(now(host), expected); i++) {
      Thread.sleep(1);
    }
    Thread.sleep(1);
    return now(host);
  }

  private static boolean[] now(HostLinux host) {
    return host.residency(HostLinux.RANGE, FILE_PAGES);
  }
}
