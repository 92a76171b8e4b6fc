package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.RX;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How each kind of fault is mended, or which signal it becomes. */
class PageFaultTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void spawn() {
    lab.put("/f", pattern(2 * PAGE + 100));
    pid = lab.spawn();
  }

  @Test
  void noVma_isSegvMaperr() {
    assertSignal(lab.tryRead(pid, 0x1234_5000, 8), "SIGSEGV SEGV_MAPERR", 0x1234_5000);
    assertSignal(lab.tryWrite(pid, 0x1234_5001, new byte[1]), "SIGSEGV SEGV_MAPERR", 0x1234_5001);
  }

  /** Only faults that were mended, and come back all the same, are thrashing. */
  @Test
  void anyNumberOfForbiddenAccesses_areNoThrashing() {
    for (int i = 0; i < 200; i++) {
      assertSignal(lab.tryRead(pid, 0x5000, 1), "SIGSEGV SEGV_MAPERR", 0x5000);
    }
  }

  @Test
  void addressThatIsNotCanonical_isSegvMaperr() {
    long address = 1L << 40;
    Outcome read = lab.tryRead(pid, address, 8);
    assertSignal(read, "SIGSEGV SEGV_MAPERR", address);
    assertThat(lab.steps(read)).contains(StepKind.NOT_CANONICAL);
  }

  @Test
  void accessThatTheVmaForbids_isSegvAccerr() {
    long readable = lab.mmap(pid, PAGE, R, ANON, -1);
    assertSignal(lab.tryWrite(pid, readable, new byte[1]), "SIGSEGV SEGV_ACCERR", readable);
    assertSignal(lab.run(new Command.Execute(pid, readable)), "SIGSEGV SEGV_ACCERR", readable);
    long none = lab.mmap(pid, PAGE, Prot.NONE, ANON, -1);
    assertSignal(lab.tryRead(pid, none, 1), "SIGSEGV SEGV_ACCERR", none);
    long executable = lab.mmap(pid, PAGE, Prot.EXEC, ANON, -1);
    assertSignal(lab.tryRead(pid, executable, 1), "SIGSEGV SEGV_ACCERR", executable);
    assertThat(lab.run(new Command.Execute(pid, executable)).signal()).isNull();
  }

  @Test
  void writableWithoutRead_canBeRead() {
    long address = lab.mmap(pid, PAGE, Prot.WRITE, ANON, -1);
    assertThat(lab.read(pid, address, 8)).containsOnly(0);
  }

  @Test
  void anonymousRead_mapsTheZeroPageAndTakesNoFrame() {
    long address = lab.mmap(pid, 3 * PAGE, RW, ANON, -1);
    lab.read(pid, address, 1);
    int free = lab.freeFrames();
    assertThat(lab.read(pid, address + PAGE, 2 * PAGE)).containsOnly(0);
    assertThat(lab.freeFrames()).isEqualTo(free);
    long zero = lab.frameOf(pid, address);
    assertThat(lab.frameOf(pid, address + PAGE)).isEqualTo(zero);
    assertThat(lab.count(Table.FRAME, Frame.KIND, "zero")).isEqualTo(1);
    assertThat(lab.frame(zero, Frame.MAPPINGS)).isEqualTo(3);
  }

  @Test
  void writeAfterTheZeroPage_takesAFrame() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.read(pid, address, 1);
    long zero = lab.frameOf(pid, address);
    int free = lab.freeFrames();
    Outcome write = lab.write(pid, address + 8, new byte[] {1});
    assertThat(lab.steps(write)).contains(StepKind.COPY_ON_WRITE, StepKind.ZEROES);
    assertThat(lab.freeFrames()).isEqualTo(free - 1);
    assertThat(lab.frameOf(pid, address)).isNotEqualTo(zero);
    assertThat(lab.frame(zero, Frame.MAPPINGS)).isZero();
    assertThat(lab.read(pid, address, PAGE)[8]).isEqualTo((byte) 1);
  }

  @Test
  void anonymousWrite_takesOneZeroedFrame() {
    long old = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, old, filled(PAGE, 0xee));
    lab.munmap(pid, old, PAGE);
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address + 100, new byte[] {7});
    byte[] page = lab.read(pid, address, PAGE);
    assertThat(page[100]).isEqualTo((byte) 7);
    page[100] = 0;
    assertThat(page).containsOnly(0);
  }

  @Test
  void privateFileRead_mapsTheCachedFrameWithoutW() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    Outcome first = lab.tryRead(pid, address, 8);
    assertThat(lab.steps(first)).contains(StepKind.CACHE_MISS, StepKind.READS_DISK);
    long ppn = lab.frameOf(pid, address);
    assertThat(lab.frame(ppn, Frame.CACHED)).isEqualTo(1);
    assertThat(lab.entry(pid, address) & Entry.W).isZero();

    int other = lab.spawn();
    int otherFd = lab.open(other, "/f", RDONLY);
    long otherAddress = lab.mmap(other, PAGE, RW, PRIVATE, otherFd);
    Outcome second = lab.tryRead(other, otherAddress, 8);
    assertThat(lab.steps(second)).contains(StepKind.CACHE_HIT).doesNotContain(StepKind.READS_DISK);
    assertThat(lab.frameOf(other, otherAddress)).isEqualTo(ppn);
  }

  @Test
  void privateFileWriteStraightAway_copiesToo() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    Outcome write = lab.write(pid, address, new byte[] {9});
    assertThat(lab.steps(write)).containsOnlyOnce(StepKind.TRAPS, StepKind.COPIES);
    assertThat(lab.file("/f")).isEqualTo(pattern(2 * PAGE + 100));
  }

  @Test
  void untouchedPrivatePage_seesWritesToTheFileAndACopyDoesNot() {
    int fd = lab.open(pid, "/f", RDWR);
    long shared = lab.mmap(pid, 2 * PAGE, RW, SHARED, fd);
    long mine = lab.mmap(pid, 2 * PAGE, RW, PRIVATE, fd);
    lab.write(pid, mine, new byte[] {1});
    lab.write(pid, shared, filled(16, 0x55));
    lab.write(pid, shared + PAGE, filled(16, 0x66));
    assertThat(lab.read(pid, mine, 2)).containsExactly(1, pattern(2)[1]);
    assertThat(lab.read(pid, mine + PAGE, 2)).containsExactly(0x66, 0x66);
  }

  @Test
  void sharedWrite_reachesTheFileAndMarksThePageDirty() {
    int fd = lab.open(pid, "/f", RDWR);
    long address = lab.mmap(pid, PAGE, RW, SHARED, fd);
    lab.read(pid, address, 1);
    assertThat(lab.count(Table.CACHED_PAGE, Table.CachedPage.DIRTY, "true")).isZero();
    Outcome write = lab.write(pid, address, new byte[] {0x77});
    assertThat(lab.steps(write)).contains(StepKind.SHARED_WRITE).doesNotContain(StepKind.COPIES);
    assertThat(lab.count(Table.CACHED_PAGE, Table.CachedPage.DIRTY, "true")).isEqualTo(1);
    lab.munmap(pid, address, PAGE);
    assertThat(lab.file("/f")[0]).isEqualTo((byte) 0x77);
  }

  @Test
  void restOfTheLastPage_readsAsZeroAndIsNeverPartOfTheFile() {
    int fd = lab.open(pid, "/f", RDWR);
    long address = lab.mmap(pid, 3 * PAGE, RW, SHARED, fd);
    byte[] last = lab.read(pid, address + 2 * PAGE, PAGE);
    assertThat(Arrays.copyOfRange(last, 100, PAGE)).containsOnly(0);
    lab.write(pid, address + 2 * PAGE + 200, new byte[] {1});
    assertThat(lab.file("/f")).isEqualTo(pattern(2 * PAGE + 100));
  }

  @Test
  void pageWhollyBeyondTheFile_isSigbus() {
    int fd = lab.open(pid, "/f", RDWR);
    for (int sharing : new int[] {PRIVATE, SHARED}) {
      long address = lab.mmap(pid, 4 * PAGE, RW, sharing, fd);
      lab.read(pid, address + 2 * PAGE, PAGE);
      assertSignal(
          lab.tryRead(pid, address + 3 * PAGE, 1), "SIGBUS BUS_ADRERR", address + 3 * PAGE);
      assertSignal(
          lab.tryWrite(pid, address + 3 * PAGE + 5, new byte[1]),
          "SIGBUS BUS_ADRERR",
          address + 3 * PAGE + 5);
      lab.munmap(pid, address, 4 * PAGE);
    }
  }

  @Test
  void oneFrameAtTwoAddresses_showsTheSameBytes() {
    int fd = lab.open(pid, "/f", RDWR);
    long one = lab.mmap(pid, PAGE, RW, SHARED, fd);
    long two = lab.mmap(pid, PAGE, R, SHARED, fd);
    lab.read(pid, two, 1);
    lab.write(pid, one + 9, new byte[] {99});
    assertThat(lab.frameOf(pid, one)).isEqualTo(lab.frameOf(pid, two));
    assertThat(lab.read(pid, two + 9, 1)).containsExactly(99);
  }

  @Test
  void write_overSeveralPagesStopsAtTheFirstThatCannotBeWritten() {
    long address = lab.mmap(pid, 2 * PAGE, RW, ANON, -1);
    assertSignal(
        lab.tryWrite(pid, address + PAGE, filled(2 * PAGE, 3)),
        "SIGSEGV SEGV_MAPERR",
        address + 2 * PAGE);
    assertThat(lab.read(pid, address + PAGE, PAGE)).containsOnly(3);
  }

  @Test
  void secondAccessToAPage_isATlbHitWithoutAFault() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, new byte[] {1});
    Outcome again = lab.tryRead(pid, address, 8);
    assertThat(lab.steps(again)).containsExactly(StepKind.ISSUES, StepKind.TLB_HIT, StepKind.MOVES);
  }

  @Test
  void tlbMissWithoutFault_walksAndFills() {
    long address = lab.mmap(pid, 64 * PAGE, RW, ANON, -1);
    for (int i = 0; i < 64; i++) {
      lab.write(pid, address + i * PAGE, new byte[] {1});
    }
    Outcome read = lab.tryRead(pid, address, 8);
    assertThat(lab.steps(read))
        .containsExactly(
            StepKind.ISSUES,
            StepKind.TLB_MISS,
            StepKind.READS_SATP,
            StepKind.READS_POINTER,
            StepKind.READS_POINTER,
            StepKind.READS_LEAF,
            StepKind.FILLS_TLB,
            StepKind.MOVES);
  }

  @Test
  void accessedAndDirty_areSetByTheMmuWhenItMay() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, PAGE, RX, PRIVATE, fd);
    assertThat(lab.entry(pid, address)).isZero();
    lab.read(pid, address, 1);
    assertThat(lab.entry(pid, address) & (Entry.A | Entry.D)).isEqualTo(Entry.A);
    long writable = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, writable, new byte[] {1});
    assertThat(lab.entry(pid, writable) & (Entry.A | Entry.D)).isEqualTo(Entry.A | Entry.D);
  }

  @Test
  void accessedAndDirty_areSetByTheKernelWhenTheMmuMayNot() {
    TestLab svade = TestLab.open(settings(4096, PagingMode.SV39, AdBits.FAULT));
    int process = svade.spawn();
    long address = svade.mmap(process, PAGE, RW, ANON, -1);
    Outcome write = svade.write(process, address, new byte[] {1});
    assertThat(svade.steps(write))
        .containsOnlyOnce(StepKind.TRAPS)
        .doesNotContain(StepKind.SETS_ACCESSED_DIRTY);
    assertThat(svade.entry(process, address) & (Entry.A | Entry.D)).isEqualTo(Entry.A | Entry.D);
  }

  @Test
  void everyPagingMode_givesTheSameBytes() {
    for (PagingMode paging : PagingMode.values()) {
      TestLab other = TestLab.open(settings(4096, paging, AdBits.HARDWARE));
      other.put("/f", pattern(3 * PAGE));
      int process = other.spawn();
      int fd = other.open(process, "/f", RDONLY);
      long address = other.mmap(process, 3 * PAGE, RW, PRIVATE, fd);
      assertThat(address).isEqualTo((1L << paging.addressBits() - 1) - (128L << 20) - 3 * PAGE);
      other.write(process, address + PAGE, new byte[] {1, 2});
      byte[] expected = pattern(3 * PAGE);
      expected[PAGE] = 1;
      expected[PAGE + 1] = 2;
      assertThat(other.read(process, address, 3 * PAGE)).isEqualTo(expected);
      other.munmap(process, address, 3 * PAGE);
    }
  }

  private static Settings settings(int frames, PagingMode paging, AdBits adBits) {
    var machine = new MachineConfiguration(frames, paging, 32, 4, adBits);
    return new Settings("test", 0, new KernelConfiguration(machine, PrivateFileStrategy.LAZY));
  }

  @Test
  void cleanCachedPages_goFirstWhenFramesRunOut() {
    TestLab small = TestLab.open(settings(32, PagingMode.SV39, AdBits.HARDWARE));
    small.put("/big", pattern(100 * PAGE));
    int process = small.spawn();
    int fd = small.open(process, "/big", RDONLY);
    for (int i = 0; i < 100; i++) {
      long address = small.mmap(process, 0, PAGE, R, PRIVATE, fd, i * (long) PAGE);
      assertThat(small.read(process, address, 1)).containsExactly(pattern(100 * PAGE)[i * PAGE]);
      small.munmap(process, address, PAGE);
    }
  }

  @Test
  void outOfFrames_killsTheProcessAndGivesEverythingBack() {
    TestLab small = TestLab.open(settings(32, PagingMode.SV39, AdBits.HARDWARE));
    int survivor = small.spawn();
    int free = small.freeFrames();
    int process = small.spawn();
    long address = small.mmap(process, 64 * PAGE, RW, ANON | MapFlag.NORESERVE.bit(), -1);
    Outcome write = small.tryWrite(process, address, filled(64 * PAGE, 1));
    assertThat(Objects.requireNonNull(write.signal()).signal()).isEqualTo(Signal.SIGKILL);
    assertThat(write.why()).contains("all 32 frames are in use");
    assertThat(small.freeFrames()).isEqualTo(free);
    long mine = small.mmap(survivor, PAGE, RW, ANON, -1);
    small.write(survivor, mine, new byte[] {1});
  }

  @Test
  void eagerMmapWithoutEnoughFrames_isEnomemAndTakesNone() {
    var machine = new MachineConfiguration(32, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    TestLab small =
        TestLab.open(
            new Settings("test", 0, new KernelConfiguration(machine, PrivateFileStrategy.EAGER)));
    small.put("/big", pattern(64 * PAGE));
    int process = small.spawn();
    int fd = small.open(process, "/big", RDONLY);
    Outcome map = small.tryMmap(process, 0, 64 * PAGE, R, PRIVATE, fd, 0);
    TestLab.assertErrno(map, Errno.ENOMEM);
    assertThat(small.maps(process)).isEmpty();
    assertThat(small.count(Table.FRAME, Frame.KIND, "anon")).isZero();
  }
}
