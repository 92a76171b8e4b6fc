package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.WRONLY;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code mmap(2)} grants, where it puts it and what it refuses. */
class MmapTest {
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final long BASE = 0x3ff8000000L;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void spawn() {
    lab.put("/f", pattern(3 * PAGE + 100));
    pid = lab.spawn();
  }

  private Outcome anonymous(long address, long length, int flags) {
    return lab.tryMmap(pid, address, length, RW, ANON | flags, -1, 0);
  }

  @Test
  void mmap_takesNoFrameAndNoTableEntry() {
    int free = lab.freeFrames();
    int entries = lab.state().rows(Table.PTE).size();
    lab.mmap(pid, 1 << 30, RW, ANON | MapFlag.NORESERVE.bit(), -1);
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.state().rows(Table.PTE).size()).isEqualTo(entries);
    assertThat(lab.state().rows(Table.VMA).size()).isEqualTo(1);
  }

  @Test
  void addresses_growDownFromTheMmapBase() {
    int fd = lab.open(pid, "/f", RDONLY);
    assertThat(lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd)).isEqualTo(BASE - 2 * PAGE);
    assertThat(lab.mmap(pid, 1, RW, ANON, -1)).isEqualTo(BASE - 3 * PAGE);
  }

  @Test
  void gap_isFilledWhenItIsLongEnough() {
    int fd = lab.open(pid, "/f", RDONLY);
    long first = lab.mmap(pid, 4 * PAGE, R, PRIVATE, fd);
    lab.munmap(pid, first + PAGE, 2 * PAGE);
    assertThat(lab.mmap(pid, 3 * PAGE, RW, ANON, -1)).isEqualTo(first - 3 * PAGE);
    assertThat(lab.mmap(pid, 2 * PAGE, RW, ANON, -1)).isEqualTo(first + PAGE);
  }

  @Test
  void hint_isHonouredWhenFree() {
    assertThat(lab.mmap(pid, 0x10_0000, PAGE, RW, ANON, -1, 0)).isEqualTo(0x10_0000);
    assertThat(lab.mmap(pid, 0x20_0123, PAGE, RW, ANON, -1, 0)).isEqualTo(0x20_0000);
    assertThat(lab.mmap(pid, 0x10_0000, PAGE, RW, ANON, -1, 0)).isEqualTo(BASE - PAGE);
  }

  @Test
  void hintBelowTheLowestAddress_isRaisedToIt() {
    assertThat(lab.mmap(pid, PAGE, PAGE, RW, ANON, -1, 0)).isEqualTo(0x1_0000);
  }

  @Test
  void fixed_replacesWhatIsThere() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, 3 * PAGE, R, PRIVATE, fd);
    lab.read(pid, address, 3 * PAGE);
    assertThat(lab.mmap(pid, address + PAGE, PAGE, RW, ANON | FIXED, -1, 0))
        .isEqualTo(address + PAGE);
    assertThat(lab.maps(pid).lines()).hasSize(3);
    assertThat(lab.read(pid, address + PAGE, PAGE)).containsOnly(0);
  }

  @Test
  void fixedNoReplace_refusesWhatIsTaken() {
    int flags = MapFlag.FIXED_NOREPLACE.bit();
    long address = lab.mmap(pid, 0x10_0000, PAGE, RW, ANON | flags, -1, 0);
    assertErrno(anonymous(address, PAGE, flags), Errno.EEXIST);
  }

  @Test
  void neighbours_mergeWhenTheyContinueEachOther() {
    int fd = lab.open(pid, "/f", RDONLY);
    lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.mmap(pid, PAGE, RW, ANON, -1);
    assertThat(lab.maps(pid).lines()).hasSize(1);
    long file = lab.mmap(pid, 0x10_0000, PAGE, R, PRIVATE, fd, 0);
    lab.mmap(pid, file + PAGE, PAGE, R, PRIVATE | FIXED, fd, PAGE);
    lab.mmap(pid, file + 2 * PAGE, PAGE, R, PRIVATE | FIXED, fd, PAGE);
    assertThat(lab.maps(pid).lines().filter(line -> line.contains("/f")))
        .extracting(line -> line.substring(0, 17))
        .containsExactly("00100000-00102000", "00102000-00103000");
  }

  @Test
  void mappingsThroughDifferentOpens_doNotMerge() {
    int one = lab.open(pid, "/f", RDONLY);
    int two = lab.open(pid, "/f", RDONLY);
    lab.mmap(pid, 0x10_0000, PAGE, R, PRIVATE | FIXED, one, 0);
    lab.mmap(pid, 0x10_1000, PAGE, R, PRIVATE | FIXED, two, PAGE);
    lab.mmap(pid, 0x10_2000, PAGE, R, PRIVATE | FIXED, two, 2 * PAGE);
    assertThat(lab.maps(pid).lines()).hasSize(2);
  }

  @Test
  void hole_filledBetweenLikeNeighbours_leavesOneVma() {
    long address = lab.mmap(pid, 3 * PAGE, RW, ANON, -1);
    lab.munmap(pid, address + PAGE, PAGE);
    assertThat(lab.maps(pid).lines()).hasSize(2);
    lab.mmap(pid, address + PAGE, PAGE, RW, ANON | FIXED, -1, 0);
    assertThat(lab.maps(pid).lines()).hasSize(1);
  }

  @Test
  void lengthZero_isEinval() {
    assertErrno(anonymous(0, 0, 0), Errno.EINVAL);
  }

  @Test
  void offsetNotAligned_isEinval() {
    int fd = lab.open(pid, "/f", RDONLY);
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, PRIVATE, fd, 100), Errno.EINVAL);
  }

  @Test
  void neitherSharedNorPrivate_isEinval() {
    int fd = lab.open(pid, "/f", RDONLY);
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, 0, fd, 0), Errno.EINVAL);
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, ANONYMOUS, -1, 0), Errno.EINVAL);
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, ANONYMOUS | SHARED | PRIVATE, -1, 0), Errno.EINVAL);
  }

  @Test
  void sharedWritable_ofReadOnlyDescriptor_isEacces() {
    int fd = lab.open(pid, "/f", RDONLY);
    assertErrno(lab.tryMmap(pid, 0, PAGE, RW, SHARED, fd, 0), Errno.EACCES);
    lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    lab.mmap(pid, PAGE, R, SHARED, fd);
  }

  @Test
  void writeOnlyDescriptor_isEacces() {
    int fd = lab.open(pid, "/f", WRONLY);
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, PRIVATE, fd, 0), Errno.EACCES);
  }

  @Test
  void badDescriptor_isEbadf() {
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, PRIVATE, 9, 0), Errno.EBADF);
  }

  @Test
  void rangePastTheLargestFile_isEoverflow() {
    int fd = lab.open(pid, "/f", RDONLY);
    long offset = Long.MAX_VALUE & -PAGE;
    assertErrno(lab.tryMmap(pid, 0, 2 * PAGE, R, PRIVATE, fd, offset), Errno.EOVERFLOW);
  }

  @Test
  void lengthThatCannotFit_isEnomem() {
    assertErrno(anonymous(0, 1L << 38, 0), Errno.ENOMEM);
    assertErrno(anonymous(0, -1, 0), Errno.ENOMEM);
    assertErrno(anonymous(0, Long.MIN_VALUE, 0), Errno.ENOMEM);
    assertErrno(anonymous(1L << 38, PAGE, FIXED), Errno.ENOMEM);
  }

  @Test
  void fixedNotAligned_isEinval() {
    assertErrno(anonymous(0x10_0010, PAGE, FIXED), Errno.EINVAL);
  }

  @Test
  void wholeUserSpaceInOneMapping_isGivenAndGoes() {
    long length = (1L << 38) - 0x1_0000;
    lab.mmap(pid, 0x1_0000, length, RW, ANON | FIXED | MapFlag.NORESERVE.bit(), -1, 0);
    lab.write(pid, 0x1_0000, new byte[] {1});
    lab.write(pid, 0x3f_ffff_f000L, new byte[] {1});
    assertErrno(anonymous(0, PAGE, 0), Errno.ENOMEM);
    lab.munmap(pid, 0x1_0000, length);
    assertThat(lab.maps(pid)).isEmpty();
  }

  @Test
  void mapping_mayBeLongerThanItsFile() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, 100 * PAGE, R, PRIVATE, fd);
    assertThat(lab.read(pid, address, 3 * PAGE + 100)).isEqualTo(pattern(3 * PAGE + 100));
  }

  @Test
  void sharedAnonymous_isShownAsDeletedDevZero() {
    long address = lab.mmap(pid, 2 * PAGE, RW, SHARED | ANONYMOUS, -1);
    lab.write(pid, address, new byte[] {42});
    assertThat(lab.read(pid, address, 2)).containsExactly(42, 0);
    assertThat(lab.maps(pid)).contains("rw-s").endsWith("/dev/zero (deleted)\n");
    lab.munmap(pid, address, 2 * PAGE);
    assertThat(lab.count(Table.FILE, Table.File.PATH, "/dev/zero")).isZero();
  }

  @Test
  void openForWritingWithCreat_makesAnEmptyFile() {
    int fd = lab.open(pid, "/new", RDWR | 0x40);
    assertThat(fd).isEqualTo(3);
    assertThat(lab.file("/new")).isEmpty();
  }

  @Test
  void lengthThatIsNoMultiple_isRoundedUp() {
    long address = lab.mmap(pid, PAGE + 1, RW, ANON, -1);
    lab.write(pid, address + 2 * PAGE - 1, new byte[] {1});
  }

  @Test
  void directory_isEnodev() {
    int fd = lab.open(pid, "/", RDONLY);
    assertErrno(lab.tryMmap(pid, 0, PAGE, R, PRIVATE, fd, 0), Errno.ENODEV);
  }

  @Test
  void flagsOfOldLoaders_areIgnored() {
    int fd = lab.open(pid, "/f", RDONLY);
    int flags = MapFlag.DENYWRITE.bit() | MapFlag.EXECUTABLE.bit();
    long address = lab.mmap(pid, PAGE, R, PRIVATE | flags, fd);
    assertThat(lab.read(pid, address, PAGE)).isEqualTo(pattern(PAGE));
    int writer = lab.open(pid, "/f", RDWR);
    var file = new Command.ByDescriptor(writer);
    assertThat(lab.run(new Command.Pwrite(pid, file, new byte[] {9}, 0)).errno()).isNull();
    assertThat(lab.read(pid, address, 1)).containsExactly(9);
  }
}
