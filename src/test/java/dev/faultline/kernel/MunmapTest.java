package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code munmap(2)} takes away and what it leaves. */
class MunmapTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void spawn() {
    lab.put("/f", pattern(5 * PAGE));
    pid = lab.spawn();
  }

  @Test
  void middle_splitsTheVma() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, 5 * PAGE, R, PRIVATE, fd);
    lab.read(pid, address, 5 * PAGE);
    Outcome unmap = lab.munmap(pid, address + 2 * PAGE, PAGE);
    assertThat(lab.steps(unmap).stream().filter(StepKind.SPLITS_VMA::equals)).hasSize(2);
    assertThat(lab.maps(pid).lines().map(line -> line.substring(22, 35)))
        .containsExactly("r--p 00000000", "r--p 00003000");
    assertThat(lab.read(pid, address, 2 * PAGE))
        .isEqualTo(Arrays.copyOf(pattern(5 * PAGE), 2 * PAGE));
    assertSignal(
        lab.tryRead(pid, address + PAGE, 2 * PAGE), "SIGSEGV SEGV_MAPERR", address + 2 * PAGE);
    assertThat(lab.read(pid, address + 3 * PAGE, 2 * PAGE))
        .isEqualTo(Arrays.copyOfRange(pattern(5 * PAGE), 3 * PAGE, 5 * PAGE));
  }

  @Test
  void range_mayHaveHolesAndSpanVmas() {
    int fd = lab.open(pid, "/f", RDONLY);
    lab.mmap(pid, 0x10_0000, 2 * PAGE, RW, ANON, -1, 0);
    lab.mmap(pid, 0x10_4000, 2 * PAGE, R, PRIVATE, fd, 0);
    lab.mmap(pid, 0x10_8000, 2 * PAGE, RW, ANON, -1, 0);
    lab.munmap(pid, 0x10_1000, 8 * PAGE);
    assertThat(lab.maps(pid).lines().map(line -> line.substring(0, 17)))
        .containsExactly("00100000-00101000", "00109000-0010a000");
  }

  @Test
  void nothingMapped_isNoError() {
    assertThat(lab.munmap(pid, 0x10_0000, PAGE).errno()).isNull();
  }

  @Test
  void lengthZeroOrUnaligned_isEinval() {
    assertErrno(lab.munmap(pid, 0x10_0000, 0), Errno.EINVAL);
    assertErrno(lab.munmap(pid, 0x10_0001, PAGE), Errno.EINVAL);
    assertErrno(lab.munmap(pid, 1L << 38, PAGE), Errno.EINVAL);
    assertErrno(lab.munmap(pid, 0, -1), Errno.EINVAL);
  }

  @Test
  void lengthNotAligned_roundsUp() {
    long address = lab.mmap(pid, 2 * PAGE, RW, ANON, -1);
    lab.munmap(pid, address, PAGE + 1);
    assertThat(lab.maps(pid)).isEmpty();
  }

  @Test
  void tables_goWhenNoVmaNeedsThem() {
    int free = lab.freeFrames();
    long address = lab.mmap(pid, 4L << 20, RW, ANON, -1);
    lab.write(pid, address, new byte[] {1});
    lab.write(pid, address + (3L << 20), new byte[] {1});
    assertThat(lab.freeFrames()).isEqualTo(free - 2 - 3);
    lab.munmap(pid, address, 2L << 20);
    assertThat(lab.freeFrames()).isEqualTo(free - 1 - 2);
    lab.munmap(pid, address + (2L << 20), 2L << 20);
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.state().rows(Table.PTE).size()).isZero();
  }

  @Test
  void tlbRows_areDropped() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, new byte[] {1});
    assertThat(lab.state().rows(Table.TLB).size()).isEqualTo(1);
    lab.munmap(pid, address, PAGE);
    assertThat(lab.state().rows(Table.TLB).size()).isZero();
  }

  @Test
  void unlinkedAndClosedFile_livesUntilItsLastMappingGoes() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, PAGE, R, PRIVATE, fd);
    lab.close(pid, fd);
    lab.delete("/f");
    assertThat(lab.maps(pid)).endsWith("/f (deleted)\n");
    assertThat(lab.read(pid, address, 4)).isEqualTo(Arrays.copyOf(pattern(PAGE), 4));
    lab.munmap(pid, address, PAGE);
    assertThat(lab.state().rows(Table.FILE).size()).isZero();
    assertThat(lab.state().rows(Table.CACHED_PAGE).size()).isZero();
  }
}
