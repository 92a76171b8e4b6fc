package dev.faultline.kernel;

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

import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The checks that a kernel's first mmap has to pass, as teaching kernels have them: a file of one
 * and a half pages of 'A', "good" when mapped bytes 0 to 6143 are 'A' and the rest of the second
 * page is zero.
 */
class ClassicChecksTest {
  private static final int SIZE = PAGE + PAGE / 2;
  private static final byte[] FILE = filled(SIZE, 'A');
  private static final byte[] GOOD = Arrays.copyOf(FILE, 2 * PAGE);

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void putFile() {
    lab.put("/mmap.dur", FILE);
    pid = lab.spawn();
  }

  @Test
  void readOnlyPrivate_isGood() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(GOOD);
    lab.munmap(pid, address, 2 * PAGE);
  }

  @Test
  void writablePrivateOfReadOnlyDescriptor_leavesTheFileAlone() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, 2 * PAGE, RW, PRIVATE, fd);
    lab.close(pid, fd);
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(GOOD);
    lab.write(pid, address, filled(2 * PAGE, 'Z'));
    lab.munmap(pid, address, 2 * PAGE);
    assertThat(lab.file("/mmap.dur")).isEqualTo(FILE);
  }

  @Test
  void writableSharedOfReadOnlyDescriptor_fails() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    assertErrno(lab.tryMmap(pid, 0, 3 * PAGE, RW, SHARED, fd, 0), Errno.EACCES);
  }

  @Test
  void writableShared_reachesTheFileClippedAtItsSize() {
    int fd = lab.open(pid, "/mmap.dur", RDWR);
    long address = lab.mmap(pid, 3 * PAGE, RW, SHARED, fd);
    lab.close(pid, fd);
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(GOOD);
    lab.write(pid, address, filled(2 * PAGE, 'B'));
    lab.munmap(pid, address, 2 * PAGE);
    assertThat(lab.file("/mmap.dur")).isEqualTo(filled(SIZE, 'B'));
    assertThat(lab.munmap(pid, address + 2 * PAGE, PAGE).errno()).isNull();
    assertThat(lab.maps(pid)).isEmpty();
  }

  @Test
  void bytesWrittenAfterMmap_areSeenAtTheFirstTouch() {
    int fd = lab.open(pid, "/mmap.dur", RDWR);
    long mine = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    long shared = lab.mmap(pid, 2 * PAGE, RW, SHARED, fd);
    lab.write(pid, shared, filled(10, 'N'));
    assertThat(lab.read(pid, mine, 11))
        .isEqualTo("NNNNNNNNNNA".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void twoFilesUnlinkedBeforeTheFirstTouch_eachShowTheirOwnContent() {
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
    lab.munmap(pid, second, PAGE);
  }

  @Test
  void sameFileMappedTwice_countsEachMapping() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long one = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    long two = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    lab.read(pid, one, 1);
    lab.read(pid, two, 1);
    long ppn = lab.frameOf(pid, one);
    assertThat(lab.frame(ppn, Frame.MAPPINGS)).isEqualTo(2);
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(3);
    lab.munmap(pid, one, PAGE);
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(2);
    assertThat(lab.read(pid, two, PAGE)).containsOnly('A');
  }

  @Test
  void unmappedPageAndStoreToReadOnlyPage_areSigsegv() {
    int fd = lab.open(pid, "/mmap.dur", RDONLY);
    long address = lab.mmap(pid, PAGE, R, PRIVATE, fd);
    assertSignal(lab.tryWrite(pid, address, new byte[1]), "SIGSEGV SEGV_ACCERR", address);
    lab.munmap(pid, address, PAGE);
    assertSignal(lab.tryRead(pid, address, 1), "SIGSEGV SEGV_MAPERR", address);
  }
}
