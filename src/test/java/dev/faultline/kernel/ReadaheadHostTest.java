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
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random reads and touches of a file that is not in memory: after each, the host's kernel and ours
 * hold the same pages of it. A trial ends when a reader comes to a mark, because file systems with
 * large folios round the windows after the first. {@code -Dfaultline.seed} repeats a run.
 */
class ReadaheadHostTest {
  private static final int TRIALS = 150;
  private static final int FILE_PAGES = HostLinux.RANGE_PAGES;
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

  private void runTrial(HostLinux host, Path file, int window, String as)
      throws InterruptedException {
    var machine = new MachineConfiguration(4096, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    var prefetch = new Prefetch(window, 16);
    TestLab lab =
        TestLab.open(
            new Settings(
                "host", 0, new KernelConfiguration(machine, PrivateFileStrategy.LAZY, prefetch)));
    lab.put("/file", TestLab.pattern(FILE_PAGES * PAGE - 100));
    int pid = lab.spawn();
    int labFd = lab.open(pid, "/file", TestLab.RDONLY);
    int hostFd = host.open(file, 0);
    host.evict(hostFd);
    int flags = MapFlag.PRIVATE.bit() | MapFlag.FIXED.bit();
    long length = (long) FILE_PAGES * PAGE;
    host.mmap(HostLinux.RANGE, length, Prot.READ, flags, hostFd, 0);
    lab.mmap(pid, HostLinux.RANGE, length, Prot.READ, flags, labFd, 0);
    int advice = random.nextInt(3);
    host.madvise(HostLinux.RANGE, length, advice);
    lab.run(new Command.Madvise(pid, HostLinux.RANGE, length, advice));
    var done = new StringBuilder(as + ", advice " + advice);
    int page = random.nextInt(4) == 0 ? 0 : random.nextInt(FILE_PAGES);
    for (int i = 0; i < 4; i++) {
      int pages = 1 + random.nextInt(random.nextBoolean() ? 3 : 40);
      boolean reads = random.nextBoolean();
      done.append(reads ? ", read %d+%d".formatted(page, pages) : ", touch " + page);
      Outcome outcome;
      if (reads) {
        var descriptor = new Command.ByDescriptor(labFd);
        outcome = lab.run(new Command.Pread(pid, descriptor, pages * PAGE, (long) page * PAGE));
        host.pread(hostFd, new byte[pages * PAGE], (long) page * PAGE);
      } else {
        outcome = lab.tryRead(pid, HostLinux.RANGE + (long) page * PAGE, 1);
        host.read(HostLinux.RANGE + (long) page * PAGE, 1);
      }
      if (lab.steps(outcome).contains(StepKind.NEXT_WINDOW)) {
        break;
      }
      boolean[] expected = residency(lab, pid);
      assertThat(settled(host, expected)).as(done.toString()).isEqualTo(expected);
      page = random.nextBoolean() ? (page + pages) % FILE_PAGES : random.nextInt(FILE_PAGES);
    }
    host.munmap(HostLinux.RANGE, length);
    host.closeDescriptor(hostFd);
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
    for (int i = 0; i < 500 && !Arrays.equals(now(host), expected); i++) {
      Thread.sleep(1);
    }
    Thread.sleep(1);
    return now(host);
  }

  private static boolean[] now(HostLinux host) {
    return host.residency(HostLinux.RANGE, FILE_PAGES);
  }
}
