package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.WRONLY;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pages;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.mm.Fadvise;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import org.junit.jupiter.api.Test;

/** {@code posix_fadvise} and {@code readahead}; errors are those of Linux 6.18. */
class FadviseTest {
  private static final int READAHEAD = 213;
  private static final int FADVISE = 223;
  private static final int WINDOW = 8;

  private final TestLab lab = lab();
  private final int pid = lab.spawn();
  private final int fd = open();
  private final long map = lab.mmap(pid, 64L * PAGE, R, SHARED, fd);

  private static TestLab lab() {
    var machine = new MachineConfiguration(1024, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    var kernel =
        new KernelConfiguration(
            machine,
            PrivateFileStrategy.LAZY,
            new Prefetch(WINDOW, 0),
            0,
            ReclaimPolicy.LRU,
            Overcommit.GUESS);
    return TestLab.open(new Settings("advice", 0, kernel));
  }

  private int open() {
    lab.put("/f", pattern(64 * PAGE - 100));
    return lab.open(pid, "/f", RDWR);
  }

  private long advise(long offset, long length, int advice) {
    return lab.ecall(pid, FADVISE, fd, offset, length, advice);
  }

  /** The pages that are cached, of the first so many. */
  private String cached(int count) {
    var digits = new StringBuilder();
    for (byte page : pages(lab.run(new Command.Mincore(pid, map, (long) count * PAGE)))) {
      digits.append(page);
    }
    return digits.toString();
  }

  private void read(int page) {
    lab.run(new Command.Pread(pid, new Command.ByDescriptor(fd), PAGE, (long) page * PAGE));
  }

  @Test
  void willNeed_readsEveryPageThatTheRangeTouches() {
    assertThat(advise(PAGE + 5, PAGE, Fadvise.WILLNEED)).isZero();
    assertThat(cached(5)).isEqualTo("01100");
    assertThat(lab.ecall(pid, READAHEAD, fd, 4 * PAGE, 1)).isZero();
    assertThat(cached(6)).isEqualTo("011010");
    assertThat(advise(62 * PAGE, 0, Fadvise.WILLNEED)).as("0 is up to the end").isZero();
    assertThat(cached(64)).endsWith("011");
  }

  @Test
  void dontNeed_dropsWholeCleanPagesThatNobodyMaps() {
    advise(0, 8 * PAGE, Fadvise.WILLNEED);
    advise(PAGE / 2, 3 * PAGE, Fadvise.DONTNEED);
    assertThat(cached(8)).isEqualTo("10011111");
    lab.read(pid, map + 5 * PAGE, 1);
    advise(0, 8 * PAGE, Fadvise.DONTNEED);
    assertThat(cached(8)).as("one is mapped").isEqualTo("00000100");
  }

  @Test
  void dontNeed_writesDirtyPagesBackAndLeavesThemForTheNextTime() {
    var file = new Command.ByDescriptor(fd);
    lab.run(new Command.Pwrite(pid, file, filled(PAGE, 7), 2 * PAGE));
    advise(0, 0, Fadvise.DONTNEED);
    assertThat(cached(4)).isEqualTo("0010");
    advise(0, 0, Fadvise.DONTNEED);
    assertThat(cached(4)).isEqualTo("0000");
    assertThat(lab.read(pid, map + 2 * PAGE, PAGE)).isEqualTo(filled(PAGE, 7));
  }

  @Test
  void dontNeed_takesThePartOfAPageThatEndsTheFile() {
    advise(62 * PAGE, 0, Fadvise.WILLNEED);
    advise(62 * PAGE, 2 * PAGE - 101, Fadvise.DONTNEED);
    assertThat(cached(64)).endsWith("01");
    advise(62 * PAGE, 2 * PAGE - 100, Fadvise.DONTNEED);
    assertThat(cached(64)).endsWith("00");
  }

  @Test
  void random_readsNothingAheadAndSequentialTwiceAsMuch() {
    advise(0, 0, Fadvise.RANDOM);
    read(0);
    assertThat(cached(WINDOW)).isEqualTo("10000000");
    advise(0, 0, Fadvise.DONTNEED);
    advise(0, 0, Fadvise.SEQUENTIAL);
    for (int page = 0; page < 16; page++) {
      read(page);
    }
    long twice = cached(64).chars().filter(digit -> digit == '1').count();
    advise(0, 0, Fadvise.DONTNEED);
    advise(0, 0, Fadvise.NORMAL);
    for (int page = 0; page < 16; page++) {
      read(page);
    }
    assertThat(twice).isGreaterThan(cached(64).chars().filter(digit -> digit == '1').count());
  }

  @Test
  void wrongArguments_areRefusedAsLinuxDoes() {
    assertThat(advise(0, 0, 6)).isEqualTo(-Errno.EINVAL.number());
    assertThat(advise(0, -1, Fadvise.NORMAL)).isEqualTo(-Errno.EINVAL.number());
    assertThat(advise(-1, 5, Fadvise.WILLNEED)).isZero();
    assertThat(lab.ecall(pid, FADVISE, 99, 0, 0, 0)).isEqualTo(-Errno.EBADF.number());
    assertThat(lab.ecall(pid, READAHEAD, 99, 0, PAGE)).isEqualTo(-Errno.EBADF.number());
    assertThat(lab.ecall(pid, READAHEAD, fd, 0, -1)).isEqualTo(-Errno.EINVAL.number());
    int writer = lab.open(pid, "/f", WRONLY);
    assertThat(lab.ecall(pid, READAHEAD, writer, 0, PAGE)).isEqualTo(-Errno.EBADF.number());
    assertThat(lab.ecall(pid, FADVISE, writer, 0, 0, Fadvise.WILLNEED)).isZero();
    int directory = lab.open(pid, "/", RDONLY);
    assertThat(lab.ecall(pid, FADVISE, directory, 0, 0, Fadvise.WILLNEED)).isZero();
    assertThat(lab.ecall(pid, READAHEAD, directory, 0, PAGE)).isEqualTo(-Errno.EINVAL.number());
  }

  @Test
  void fileInMemory_isAllThere() {
    var made = lab.run(new Command.MemfdCreate(pid, "m", 0));
    assertThat(made.result()).isInstanceOf(Result.Descriptor.class);
    int memory = fd + 1;
    assertThat(lab.ecall(pid, FADVISE, memory, 0, 0, Fadvise.DONTNEED)).isZero();
    assertThat(lab.ecall(pid, FADVISE, memory, 0, 0, 6)).isEqualTo(-Errno.EINVAL.number());
    assertThat(lab.ecall(pid, READAHEAD, memory, 0, PAGE)).isZero();
  }
}
