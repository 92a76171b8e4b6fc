package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.TestLab;
import dev.faultline.log.Table;
import dev.faultline.log.Table.CachedPage;
import dev.faultline.log.Table.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** System calls by number whose buffers lie in user memory. */
class BufferCallsTest {
  private static final int FTRUNCATE = 46;
  private static final int PIPE2 = 59;
  private static final int READ = 63;
  private static final int WRITE = 64;
  private static final int READV = 65;
  private static final int PREAD = 67;
  private static final int PWRITE = 68;
  private static final int MINCORE = 232;
  private static final int EFAULT = -14;

  private final TestLab lab = TestLab.lazy();
  private int pid;
  private int fd;
  private long buffer;

  @BeforeEach
  void map() {
    lab.put("/f", pattern(2 * PAGE + 100));
    pid = lab.spawn();
    fd = lab.open(pid, "/f", RDWR);
    buffer = lab.mmap(pid, 4 * PAGE, RW, PRIVATE | ANONYMOUS, -1);
  }

  @Test
  void pread_fillsPagesThatNobodyTouched() {
    assertThat(lab.ecall(pid, PREAD, fd, buffer + 10, 3 * PAGE, 50)).isEqualTo(2 * PAGE + 50);
    byte[] file = pattern(2 * PAGE + 100);
    assertThat(lab.read(pid, buffer + 10, 2 * PAGE + 50))
        .isEqualTo(Arrays.copyOfRange(file, 50, file.length));
  }

  @Test
  void preadIntoACopyOnWritePage_breaksTheSharing() {
    lab.write(pid, buffer, filled(1, 'p'));
    int child = lab.fork(pid);
    long frame = lab.frameOf(pid, buffer);
    assertThat(lab.ecall(child, PREAD, fd, buffer, 8, 0)).isEqualTo(8);
    assertThat(lab.read(pid, buffer, 1)).containsExactly('p');
    assertThat(lab.read(child, buffer, 8)).isEqualTo(pattern(8));
    assertThat(lab.frameOf(pid, buffer)).isEqualTo(frame);
    assertThat(lab.frame(frame, Frame.REFS)).isEqualTo(1);
  }

  @Test
  void preadIntoASharedMapping_makesTheCachedPageDirty() {
    lab.put("/g", pattern(PAGE));
    int other = lab.open(pid, "/g", RDWR);
    long shared = lab.mmap(pid, PAGE, RW, SHARED, other);
    assertThat(lab.ecall(pid, PREAD, fd, shared, 4, 4)).isEqualTo(4);
    assertThat(lab.count(Table.CACHED_PAGE, CachedPage.DIRTY, "true")).isEqualTo(1);
    assertThat(lab.file("/g")).startsWith(Arrays.copyOfRange(pattern(8), 4, 8));
  }

  @Test
  void buffer_countsUpToThePageThatCannotBeReached() {
    long end = buffer + 4 * PAGE;
    assertThat(lab.ecall(pid, PREAD, fd, end - 3, 100, 0)).isEqualTo(3);
    assertThat(lab.ecall(pid, PREAD, fd, end, 100, 0)).isEqualTo(EFAULT);
    lab.write(pid, end - 3, filled(3, 'w'));
    assertThat(lab.ecall(pid, PWRITE, fd, end - 3, 100, 0)).isEqualTo(3);
    assertThat(lab.ecall(pid, PWRITE, fd, end, 100, 0)).isEqualTo(EFAULT);
    assertThat(lab.file("/f")).startsWith('w', 'w', 'w').hasSize(2 * PAGE + 100);
    long readOnly = lab.mmap(pid, PAGE, R, PRIVATE | ANONYMOUS, -1);
    assertThat(lab.ecall(pid, PREAD, fd, readOnly, 1, 0)).isEqualTo(EFAULT);
    assertThat(lab.ecall(pid, PWRITE, fd, readOnly, 1, 0)).isEqualTo(1);
  }

  @Test
  void read_touchesOnlyTheMemoryThatItFills() {
    assertThat(lab.ecall(pid, READ, fd, buffer, 4 * PAGE)).isEqualTo(2 * PAGE + 100);
    assertThat(lab.entry(pid, buffer + 2 * PAGE)).isNotZero();
    assertThat(lab.entry(pid, buffer + 3 * PAGE)).isZero();
    long other = lab.mmap(pid, 4 * PAGE, RW, PRIVATE | ANONYMOUS, -1);
    int maps = lab.open(pid, "/proc/self/maps", RDONLY);
    assertThat(lab.ecall(pid, READ, maps, other, 4 * PAGE)).isBetween(1L, (long) PAGE);
    assertThat(lab.entry(pid, other)).isNotZero();
    assertThat(lab.entry(pid, other + PAGE)).isZero();
    lab.ecall(pid, PIPE2, other, 0);
    byte[] ends = lab.read(pid, other, 8);
    assertThat(lab.ecall(pid, WRITE, ends[4], buffer, 10)).isEqualTo(10);
    assertThat(lab.ecall(pid, READ, ends[0], other + PAGE, 3 * PAGE)).isEqualTo(10);
    assertThat(lab.read(pid, other + PAGE, 10)).isEqualTo(pattern(10));
    assertThat(lab.entry(pid, other + 2 * PAGE)).isZero();
  }

  @Test
  void readIntoMemoryThatEnds_leavesTheRestToBeRead() {
    long end = buffer + 4 * PAGE;
    assertThat(lab.ecall(pid, READ, fd, end - 3, 100)).isEqualTo(3);
    assertThat(lab.ecall(pid, READ, fd, end, 100)).isEqualTo(EFAULT);
    assertThat(lab.ecall(pid, READ, fd, buffer, 5)).isEqualTo(5);
    assertThat(lab.read(pid, buffer, 5)).isEqualTo(Arrays.copyOfRange(pattern(8), 3, 8));
    int maps = lab.open(pid, "/proc/self/maps", RDONLY);
    assertThat(lab.ecall(pid, READ, maps, end - 3, 100)).isEqualTo(3);
    assertThat(lab.ecall(pid, READ, maps, buffer, 1)).isEqualTo(1);
  }

  @Test
  void readvIntoMemoryThatEnds_countsWhatWasFilled() {
    ByteBuffer vectors = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    vectors.putLong(buffer + PAGE).putLong(7).putLong(buffer + 4 * PAGE).putLong(100);
    lab.write(pid, buffer, vectors.array());
    assertThat(lab.ecall(pid, READV, fd, buffer, 2)).isEqualTo(7);
    assertThat(lab.ecall(pid, READ, fd, buffer, 1)).isEqualTo(1);
    assertThat(lab.read(pid, buffer, 1)).containsExactly(pattern(8)[7]);
  }

  @Test
  void pageBeyondItsFile_isEfault() {
    long beyond = lab.mmap(pid, 4 * PAGE, RW, SHARED, fd) + 3 * PAGE;
    assertThat(lab.ecall(pid, PREAD, fd, beyond, 1, 0)).isEqualTo(EFAULT);
    assertThat(lab.ecall(pid, PWRITE, fd, beyond, 1, 0)).isEqualTo(EFAULT);
  }

  @Test
  void ftruncate_takesItsArgumentsFromRegisters() {
    assertThat(lab.ecall(pid, FTRUNCATE, fd, 10)).isZero();
    assertThat(lab.file("/f")).hasSize(10);
    assertThat(lab.ecall(pid, FTRUNCATE, 99, 10)).isEqualTo(-9);
  }

  @Test
  void mincore_tellsWhatPrecedesAHole() {
    lab.write(pid, buffer + PAGE, filled(1, 1));
    lab.munmap(pid, buffer + 2 * PAGE, PAGE);
    long vector = buffer + 3 * PAGE;
    assertThat(lab.ecall(pid, MINCORE, buffer, 4 * PAGE, vector)).isEqualTo(-12);
    assertThat(lab.read(pid, vector, 4)).containsExactly(0, 1, 0, 0);
    assertThat(lab.ecall(pid, MINCORE, buffer, PAGE, 0x1000)).isEqualTo(EFAULT);
  }
}
