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
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holes in files, and files in memory. What is expected here was seen on Linux 6.18, ext4. */
class FallocateTest {
  private static final int PUNCH = Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;

  private final TestLab lab = TestLab.lazy();
  private int pid;
  private int fd;
  private long shared;
  private long copied;

  @BeforeEach
  void map() {
    lab.put("/f", filled(4 * PAGE, 'a'));
    pid = lab.spawn();
    fd = lab.open(pid, "/f", RDWR);
    shared = lab.mmap(pid, 4 * PAGE, RW, SHARED, fd);
    copied = lab.mmap(pid, 4 * PAGE, RW, PRIVATE, fd);
  }

  private Outcome allocate(int descriptor, int mode, long offset, long length) {
    return lab.run(
        new Command.Fallocate(pid, new Command.ByDescriptor(descriptor), mode, offset, length));
  }

  private int at(long address) {
    return lab.read(pid, address, 1)[0];
  }

  @Test
  void hole_isZeroEverywhereButInPrivateCopies() {
    lab.write(pid, copied + PAGE, filled(1, 'P'));
    lab.write(pid, copied + 2 * PAGE, filled(1, 'Q'));
    assertThat(at(copied)).isEqualTo('a');
    assertThat(lab.read(pid, shared, 4 * PAGE)).isEqualTo(filled(4 * PAGE, 'a'));
    assertThat(allocate(fd, PUNCH, 0x800, 2 * PAGE).errno()).isNull();
    assertThat(at(shared + 0x7ff)).isEqualTo('a');
    assertThat(lab.read(pid, shared + 0x800, 2 * PAGE)).isEqualTo(filled(2 * PAGE, 0));
    assertThat(at(shared + 0x2800)).isEqualTo('a');
    assertThat(at(copied + 0x800)).as("not copied, so the file's").isZero();
    assertThat(lab.read(pid, copied + PAGE, 2)).containsExactly('P', 'a');
    assertThat(lab.read(pid, copied + 2 * PAGE, 2)).containsExactly('Q', 'a');
    assertThat(lab.file("/f")).hasSize(4 * PAGE);
  }

  @Test
  void pagesAtTheEdgesOfAHole_areDirty() {
    assertThat(lab.read(pid, shared, 4 * PAGE)).isEqualTo(filled(4 * PAGE, 'a'));
    allocate(fd, PUNCH, 0x800, PAGE);
    assertThat(lab.count(Table.CACHED_PAGE, Table.CachedPage.DIRTY, "true")).isEqualTo(2);
    lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(fd), 3 * PAGE + 1));
    assertThat(lab.count(Table.CACHED_PAGE, Table.CachedPage.DIRTY, "true")).isEqualTo(3);
  }

  @Test
  void hole_isOnTheDiskToo() {
    allocate(fd, PUNCH, 10, 20);
    allocate(fd, PUNCH, 2 * PAGE, PAGE);
    byte[] expected = filled(4 * PAGE, 'a');
    java.util.Arrays.fill(expected, 10, 30, (byte) 0);
    java.util.Arrays.fill(expected, 2 * PAGE, 3 * PAGE, (byte) 0);
    assertThat(lab.file("/f")).isEqualTo(expected);
    assertThat(lab.read(pid, shared, 4 * PAGE)).isEqualTo(expected);
  }

  @Test
  void sizes_followTheMode() {
    allocate(fd, PUNCH, 3 * PAGE, 5 * PAGE);
    assertThat(lab.file("/f")).hasSize(4 * PAGE);
    allocate(fd, Fallocate.KEEP_SIZE, 0, 8 * PAGE);
    assertThat(lab.file("/f")).hasSize(4 * PAGE);
    allocate(fd, 0, 0, 6 * PAGE);
    assertThat(lab.file("/f")).hasSize(6 * PAGE).startsWith('a').endsWith(0);
    allocate(fd, Fallocate.ZERO_RANGE, 5 * PAGE, 2 * PAGE);
    assertThat(lab.file("/f")).hasSize(7 * PAGE);
  }

  @Test
  void memoryFile_takesHolesAndNoZeroRange() {
    var create = new Command.MemfdCreate(pid, "m", 0);
    int memory = (int) Objects.requireNonNull(lab.run(create).result()).number();
    assertErrno(allocate(memory, Fallocate.ZERO_RANGE, 0, PAGE), Errno.EOPNOTSUPP);
    assertThat(allocate(memory, 0, 0, PAGE).errno()).isNull();
    assertThat(allocate(memory, PUNCH, 0, PAGE).errno()).isNull();
  }

  @Test
  void wrongArguments_areRefusedInLinuxsOrder() {
    int readOnly = lab.open(pid, "/f", RDONLY);
    assertErrno(allocate(fd, PUNCH, 0, 0), Errno.EINVAL);
    assertErrno(allocate(fd, PUNCH, -1, 5), Errno.EINVAL);
    assertErrno(allocate(fd, Fallocate.PUNCH_HOLE, 0, 5), Errno.EOPNOTSUPP);
    assertErrno(allocate(fd, PUNCH | Fallocate.ZERO_RANGE, 0, 5), Errno.EOPNOTSUPP);
    assertErrno(allocate(readOnly, Fallocate.PUNCH_HOLE, 0, 5), Errno.EOPNOTSUPP);
    assertErrno(allocate(readOnly, PUNCH, 0, 5), Errno.EBADF);
    assertErrno(allocate(fd, 0, Long.MAX_VALUE - 10, PAGE), Errno.EFBIG);
    assertThat(lab.ecall(pid, 47, fd, PUNCH, 0, PAGE)).isZero();
    assertThat(lab.ecall(pid, 47, 99, PUNCH, 0, PAGE)).isEqualTo(-9);
  }

  private Outcome advise(long address, Advice advice) {
    return lab.run(new Command.Madvise(pid, address, PAGE, advice.number()));
  }

  @Test
  void remove_punchesWhatIsMapped() {
    lab.write(pid, copied + PAGE, filled(1, 'P'));
    assertThat(at(shared + PAGE)).isEqualTo('a');
    assertThat(advise(shared + PAGE, Advice.REMOVE).errno()).isNull();
    assertThat(at(shared + PAGE)).isZero();
    assertThat(at(shared + PAGE - 1)).isEqualTo('a');
    assertThat(at(copied + PAGE)).isEqualTo('P');
    assertErrno(advise(copied, Advice.REMOVE), Errno.EACCES);
    int readOnly = lab.open(pid, "/f", RDONLY);
    long other = lab.mmap(pid, PAGE, R, SHARED, readOnly);
    assertErrno(advise(other, Advice.REMOVE), Errno.EACCES);
    long anonymous = lab.mmap(pid, PAGE, RW, PRIVATE | ANONYMOUS, -1);
    assertErrno(advise(anonymous, Advice.REMOVE), Errno.EINVAL);
    lab.run(new Command.Mlock(pid, shared, PAGE));
    assertErrno(advise(shared, Advice.REMOVE), Errno.EINVAL);
  }

  @Test
  void remove_emptiesSharedMemory() {
    long memory = lab.mmap(pid, 2 * PAGE, RW, SHARED | ANONYMOUS, -1);
    lab.write(pid, memory, filled(2 * PAGE, 5));
    advise(memory, Advice.REMOVE);
    assertThat(at(memory)).isZero();
    assertThat(at(memory + PAGE)).isEqualTo(5);
  }

  @Test
  void adviceOnFlags_showsInSmaps() {
    long memory = lab.mmap(pid, PAGE, RW, PRIVATE | ANONYMOUS, -1);
    advise(memory, Advice.DONTDUMP);
    advise(memory, Advice.HUGEPAGE);
    advise(memory, Advice.MERGEABLE);
    advise(shared, Advice.MERGEABLE);
    assertThat(lab.smaps(pid))
        .containsOnlyOnce("VmFlags: rd wr mr mw me ac dd hg mg \n")
        .doesNotContain("ms mg");
    advise(memory, Advice.DODUMP);
    advise(memory, Advice.NOHUGEPAGE);
    advise(memory, Advice.UNMERGEABLE);
    assertThat(lab.smaps(pid)).contains("VmFlags: rd wr mr mw me ac nh \n");
  }

  private int memfd(String name, int flags) {
    return lab.run(new Command.MemfdCreate(pid, name, flags)).result()
            instanceof Result.Descriptor(int descriptor)
        ? descriptor
        : -1;
  }

  @Test
  void memfd_isSharedMemoryWithANameInMaps() {
    int memory = memfd("x y", 1);
    assertThat(lab.ecall(pid, 46, memory, 2 * PAGE)).isZero();
    long address = lab.mmap(pid, 2 * PAGE, RW, SHARED, memory);
    lab.close(pid, memory);
    int child = lab.fork(pid);
    lab.write(child, address, filled(1, 7));
    assertThat(at(address)).isEqualTo(7);
    assertThat(lab.maps(pid)).containsPattern("rw-s 00000000 00:01 \\d+ +/memfd:x y \\(deleted\\)");
  }

  @Test
  void memfd_takesNamesAndFlagsAsLinuxDoes() {
    assertThat(memfd("n".repeat(249), 2)).isPositive();
    assertErrno(lab.run(new Command.MemfdCreate(pid, "n".repeat(250), 0)), Errno.EINVAL);
    assertErrno(lab.run(new Command.MemfdCreate(pid, "", 0x18)), Errno.EINVAL);
    assertErrno(lab.run(new Command.MemfdCreate(pid, "", 0x20)), Errno.EINVAL);
    long name = lab.mmap(pid, PAGE, RW, PRIVATE | ANONYMOUS, -1);
    assertThat(lab.ecall(pid, 279, name, 0)).isPositive();
    assertThat(lab.ecall(pid, 279, 0, 0)).isEqualTo(-14);
    assertThat(lab.ecall(pid, 279, 0, 0x20)).as("flags are looked at first").isEqualTo(-22);
  }

  @Test
  void memfd_keepsWhatWasStoredPastItsEnd() {
    int memory = memfd("tail", 0);
    lab.ecall(pid, 46, memory, 100);
    long address = lab.mmap(pid, PAGE, RW, SHARED, memory);
    lab.write(pid, address + 200, filled(1, 9));
    lab.ecall(pid, 46, memory, PAGE);
    assertThat(at(address + 200)).as("tmpfs does, ext4 does not").isEqualTo(9);
  }
}
