package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The twelve checks that a kernel's first mmap and copy-on-write have to pass, as teaching kernels
 * have them: a file of one and a half pages of 'A', "good" when mapped bytes 0 to 6143 are 'A' and
 * the rest of the second page is zero. Each holds the references to its frames, too: one for the
 * page cache, one for each entry.
 */
class ClassicChecksTest {
  private static final int SIZE = PAGE + PAGE / 2;
  private static final byte[] FILE = filled(SIZE, 'A');
  private static final byte[] GOOD = Arrays.copyOf(FILE, 2 * PAGE);
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final int PREAD = 67;

  private final TestLab lab = TestLab.lazy();
  private int pid;
  private int freeAtFirst;

  @BeforeEach
  void putFile() {
    lab.put("/mmap.dur", FILE);
    pid = lab.spawn();
    freeAtFirst = lab.freeFrames();
  }

  private void assertRefs(long ppn, int refs) {
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(refs);
  }

  @Test
  void check01_readOnlyPrivate_isGood() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(GOOD);
    long ppn = lab.frameOf(pid, address);
    assertRefs(ppn, 2);
    lab.munmap(pid, address, 2 * PAGE);
    assertRefs(ppn, 1);
  }

  @Test
  void check02_writablePrivateOfReadOnlyDescriptor_leavesTheFileAlone() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, 2 * PAGE, RW, PRIVATE, fd);
    lab.close(pid, fd);
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(GOOD);
    long cached = lab.frameOf(pid, address);
    lab.write(pid, address, filled(2 * PAGE, 'Z'));
    assertRefs(cached, 1);
    assertRefs(lab.frameOf(pid, address), 1);
    lab.munmap(pid, address, 2 * PAGE);
    assertThat(lab.file("/mmap.dur")).isEqualTo(FILE);
    assertThat(lab.freeFrames()).as("all but the two cached pages").isEqualTo(freeAtFirst - 2);
  }

  @Test
  void check03_writableSharedOfReadOnlyDescriptor_fails() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    assertErrno(lab.tryMmap(pid, 0, 3 * PAGE, RW, SHARED, fd, 0), Errno.EACCES);
    assertThat(lab.maps(pid)).isEmpty();
  }

  @Test
  void check04_writableShared_reachesTheFileClippedAtItsSize() {
    int fd = lab.open(pid, "/mmap.dur", RDWR);
    long address = lab.mmap(pid, 3 * PAGE, RW, SHARED, fd);
    lab.close(pid, fd);
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(GOOD);
    long ppn = lab.frameOf(pid, address);
    lab.write(pid, address, filled(2 * PAGE, 'B'));
    assertThat(lab.frameOf(pid, address)).isEqualTo(ppn);
    assertRefs(ppn, 2);
    lab.munmap(pid, address, 2 * PAGE);
    assertRefs(ppn, 1);
    assertThat(lab.file("/mmap.dur")).isEqualTo(filled(SIZE, 'B'));
  }

  @Test
  void check05_pageNeverTouched_isUnmapped() {
    int fd = lab.open(pid, "/mmap.dur", RDWR);
    long address = lab.mmap(pid, 3 * PAGE, RW, SHARED, fd);
    lab.munmap(pid, address, 2 * PAGE);
    assertThat(lab.munmap(pid, address + 2 * PAGE, PAGE).errno()).isNull();
    assertThat(lab.maps(pid)).isEmpty();
    assertThat(lab.freeFrames()).isEqualTo(freeAtFirst);
  }

  @Test
  void check06_bytesWrittenAfterMmap_areSeenAtTheFirstTouch() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    assertThat(lab.freeFrames()).as("nothing was read").isEqualTo(freeAtFirst);
    var other = new Command.ByDescriptor(lab.open(pid, "/mmap.dur", RDWR));
    lab.run(new Command.Pwrite(pid, other, filled(10, 'N'), 0));
    assertThat(lab.read(pid, address, 11))
        .isEqualTo("NNNNNNNNNNA".getBytes(StandardCharsets.US_ASCII));
    assertRefs(lab.frameOf(pid, address), 2);
  }

  @Test
  void check07_twoFilesUnlinkedBeforeTheFirstTouch_eachShowTheirOwnContent() {
    lab.put("/one", filled(PAGE, '1'));
    lab.put("/two", filled(PAGE, '2'));
    int one = lab.open(pid, "/one", RDONLY);
    int two = lab.open(pid, "/two", RDONLY);
    long first = lab.mmap(pid, PAGE, R, PRIVATE, one);
    long second = lab.mmap(pid, PAGE, R, PRIVATE, two);
    lab.close(pid, one);
    lab.close(pid, two);
    lab.delete("/one");
    lab.delete("/two");
    assertThat(lab.read(pid, first, PAGE)).containsOnly('1');
    lab.munmap(pid, first, PAGE);
    assertThat(lab.read(pid, second, PAGE)).containsOnly('2');
    assertRefs(lab.frameOf(pid, second), 2);
    lab.munmap(pid, second, PAGE);
    assertThat(lab.freeFrames()).as("both files are gone").isEqualTo(freeAtFirst);
  }

  @Test
  void check08_sameFileMappedTwice_childUnmapsAndExits_parentStillSeesBoth() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long one = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    long two = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    lab.read(pid, one, 1);
    long ppn = lab.frameOf(pid, one);
    int child = lab.fork(pid);
    assertRefs(ppn, 2);
    assertThat(lab.read(child, one, 2 * PAGE)).isEqualTo(GOOD);
    assertRefs(ppn, 3);
    lab.munmap(child, one, PAGE);
    assertRefs(ppn, 2);
    lab.exit(child);
    assertThat(lab.read(pid, one, 2 * PAGE)).isEqualTo(GOOD);
    assertThat(lab.read(pid, two, 2 * PAGE)).isEqualTo(GOOD);
    assertThat(lab.frameOf(pid, two)).isEqualTo(ppn);
    assertRefs(ppn, 3);
  }

  @Test
  void check09_unmappedPageAndStoreToReadOnlyPage_areSigsegv() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, PAGE, R, PRIVATE, fd);
    assertSignal(lab.tryWrite(pid, address, new byte[1]), "SIGSEGV SEGV_ACCERR", address);
    lab.munmap(pid, address, PAGE);
    assertSignal(lab.tryRead(pid, address, 1), "SIGSEGV SEGV_MAPERR", address);
  }

  @Test
  void check10_twoThirdsOfMemoryForkedTwice_everyFrameComesBack() {
    var machine = new MachineConfiguration(300, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    TestLab small =
        TestLab.open(
            new Settings("test", 0, new KernelConfiguration(machine, PrivateFileStrategy.LAZY)));
    int process = small.spawn();
    long address = small.mmap(process, 200 * PAGE, RW, ANON, -1);
    small.write(process, address, filled(200 * PAGE, 5));
    int free = small.freeFrames();
    for (int round = 0; round < 2; round++) {
      int child = small.fork(process);
      assertThat(small.frame(small.frameOf(process, address), Frame.REFS)).isEqualTo(2);
      small.exit(child);
      assertThat(small.freeFrames()).isEqualTo(free);
    }
    small.write(process, address, filled(200 * PAGE, 6));
    assertThat(small.freeFrames()).isEqualTo(free);
  }

  @Test
  void check11_threeProcesses_neverSeeEachOthersWrites_norWhatTheKernelReadsIntoOne() {
    long address = lab.mmap(pid, 4 * PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(4 * PAGE, 9));
    long shared = lab.frameOf(pid, address + 3 * PAGE);
    int[] pids = {pid, lab.fork(pid), lab.fork(pid)};
    for (int i = 0; i < 3; i++) {
      lab.write(pids[i], address + i * PAGE, filled(PAGE, i));
    }
    for (int i = 0; i < 3; i++) {
      assertThat(lab.read(pids[i], address + i * PAGE, PAGE)).containsOnly(i);
      assertThat(lab.read(pids[i], address + (i + 1) % 3 * PAGE, PAGE)).containsOnly(9);
      assertRefs(lab.frameOf(pids[i], address + i * PAGE), 1);
    }
    assertRefs(shared, 3);
    int fd = lab.open(pids[1], "/mmap.dur", RDONLY);
    assertThat(lab.ecall(pids[1], PREAD, fd, address + 3 * PAGE, PAGE, 0)).isEqualTo(PAGE);
    assertThat(lab.read(pids[1], address + 3 * PAGE, PAGE)).containsOnly('A');
    assertThat(lab.read(pids[0], address + 3 * PAGE, PAGE)).containsOnly(9);
    assertRefs(shared, 2);
  }

  @Test
  void check12_hundredRoundsOfChildrenThatForkAgain_leaveTheParentAsItWas() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(PAGE, 4));
    long ppn = lab.frameOf(pid, address);
    int free = lab.freeFrames();
    for (int round = 0; round < 100; round++) {
      int child = lab.fork(pid);
      int grandchild = lab.fork(child);
      assertRefs(ppn, 3);
      lab.write(child, address, new byte[] {(byte) round});
      lab.exit(child);
      lab.write(grandchild, address, new byte[] {1});
      lab.exit(grandchild);
    }
    assertRefs(ppn, 1);
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.read(pid, address, PAGE)).containsOnly(4);
  }
}
