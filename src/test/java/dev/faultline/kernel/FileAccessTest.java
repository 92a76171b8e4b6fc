package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.WRONLY;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.lab.Command;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.mmu.Entry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading, writing and cutting files, and what their mappings see of it. */
class FileAccessTest {
  private final TestLab lab = TestLab.lazy();
  private int pid;
  private int fd;

  @BeforeEach
  void open() {
    lab.put("/f", filled(2 * PAGE, 'A'));
    pid = lab.spawn();
    fd = lab.open(pid, "/f", RDWR);
  }

  private Outcome pwrite(int descriptor, long offset, byte[] bytes) {
    return lab.run(new Command.Pwrite(pid, new Command.ByDescriptor(descriptor), bytes, offset));
  }

  private Outcome cut(int descriptor, long length) {
    return lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(descriptor), length));
  }

  private Outcome pread(int descriptor, long offset) {
    return lab.run(new Command.Pread(pid, new Command.ByDescriptor(descriptor), 10, offset));
  }

  @Test
  void write_isSeenBySharedAndUntouchedPrivateMappings_notByCopies() {
    long shared = lab.mmap(pid, PAGE, R, SHARED, fd);
    long untouched = lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    long copied = lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    lab.read(pid, shared, 1);
    lab.read(pid, untouched, 1);
    lab.write(pid, copied + 1, filled(1, 'Z'));
    assertThat(pwrite(fd, 0, filled(1, 'B')).errno()).isNull();
    assertThat(lab.read(pid, shared, 1)).containsExactly('B');
    assertThat(lab.read(pid, untouched, 1)).containsExactly('B');
    assertThat(lab.read(pid, copied, 1)).containsExactly('A');
  }

  @Test
  void errors_areThoseOfLinux() {
    int readOnly = lab.open(pid, "/f", RDONLY);
    int writeOnly = lab.open(pid, "/f", WRONLY);
    assertErrno(pwrite(readOnly, 0, filled(1, 1)), Errno.EBADF);
    assertErrno(pread(writeOnly, 0), Errno.EBADF);
    assertErrno(pread(99, 0), Errno.EBADF);
    assertErrno(pread(fd, -1), Errno.EINVAL);
    assertErrno(pwrite(fd, -1, filled(1, 1)), Errno.EINVAL);
    assertErrno(pwrite(fd, Long.MAX_VALUE, filled(1, 1)), Errno.EFBIG);
    assertErrno(cut(fd, -1), Errno.EINVAL);
    assertErrno(cut(readOnly, 0), Errno.EINVAL);
    assertErrno(cut(99, 0), Errno.EBADF);
    assertErrno(cut(fd, 1L << 40), Errno.EFBIG);
    assertErrno(lab.run(new Command.Unlink(pid, "/none")), Errno.ENOENT);
  }

  @Test
  void growth_isBoundedByTheLaboratorysLimit() {
    assertThatThrownBy(() -> cut(fd, 65L << 20)).isInstanceOf(LimitException.class);
    assertThatThrownBy(() -> pwrite(fd, 65L << 20, filled(1, 1)))
        .isInstanceOf(LimitException.class);
  }

  @Test
  void cut_unmapsEveryPagePastTheEnd_privateCopiesToo() {
    long shared = lab.mmap(pid, 2 * PAGE, RW, SHARED, fd);
    long copied = lab.mmap(pid, 2 * PAGE, RW, PRIVATE, fd);
    lab.write(pid, shared, filled(2 * PAGE, 'S'));
    lab.write(pid, copied, filled(2 * PAGE, 'P'));
    int child = lab.fork(pid);
    cut(fd, 100);
    for (int process : new int[] {pid, child}) {
      assertSignal(lab.tryRead(process, copied + PAGE, 1), "SIGBUS BUS_ADRERR", copied + PAGE);
      assertSignal(lab.tryRead(process, shared + PAGE, 1), "SIGBUS BUS_ADRERR", shared + PAGE);
    }
    assertThat(lab.count(Table.FRAME, Frame.KIND, "file")).isEqualTo(1);
    assertThat(lab.read(pid, shared + 99, 3)).containsExactly('S', 0, 0);
    assertThat(lab.read(pid, copied + 99, 3)).containsExactly('P', 'P', 'P');
    cut(fd, 2 * PAGE);
    assertThat(lab.read(pid, shared + PAGE, 2)).containsExactly(0, 0);
    assertThat(lab.read(pid, copied + PAGE, 2)).containsExactly(0, 0);
  }

  @Test
  void truncatingOpen_cutsTheFile() {
    lab.open(pid, "/f", RDWR | OpenFlag.TRUNC.bit());
    assertThat(lab.file("/f")).isEmpty();
  }

  @Test
  void storePastTheEnd_isNoPartOfTheFileWhenItGrows() {
    cut(fd, 100);
    long shared = lab.mmap(pid, PAGE, RW, SHARED, fd);
    lab.write(pid, shared + 200, filled(1, 'X'));
    lab.write(pid, shared + 400, filled(1, 'Y'));
    cut(fd, 300);
    assertThat(lab.read(pid, shared + 200, 1)).containsExactly(0);
    assertThat(lab.read(pid, shared + 400, 1)).as("past the new end").containsExactly(0);
  }

  @Test
  void sync_writesBackAndNoticesTheNextStore() {
    long shared = lab.mmap(pid, PAGE, RW, SHARED, fd);
    lab.write(pid, shared, filled(1, 'S'));
    assertThat(lab.count(Table.CACHED_PAGE, Table.CachedPage.DIRTY, "true")).isEqualTo(1);
    Outcome synced = lab.run(new Command.Msync(pid, shared, PAGE, 4));
    assertThat(lab.steps(synced)).contains(StepKind.WRITES_DISK);
    assertThat(lab.count(Table.CACHED_PAGE, Table.CachedPage.DIRTY, "true")).isZero();
    assertThat(lab.entry(pid, shared) & (Entry.W | Entry.D)).isZero();
    assertThat(lab.steps(lab.write(pid, shared, filled(1, 'T')))).contains(StepKind.SHARED_WRITE);
    assertErrno(lab.run(new Command.Msync(pid, shared, PAGE, 5)), Errno.EINVAL);
    assertErrno(lab.run(new Command.Msync(pid, shared + 1, PAGE, 4)), Errno.EINVAL);
    assertErrno(lab.run(new Command.Msync(pid, shared - PAGE, PAGE, 4)), Errno.ENOMEM);
  }

  @Test
  void unlinkedFile_livesWhileItIsMapped() {
    long shared = lab.mmap(pid, PAGE, R, SHARED, fd);
    lab.close(pid, fd);
    assertThat(lab.run(new Command.Unlink(pid, "/f")).errno()).isNull();
    assertThat(lab.read(pid, shared, 1)).containsExactly('A');
    lab.munmap(pid, shared, PAGE);
    assertThat(lab.count(Table.FRAME, Frame.KIND, "file")).isZero();
  }

  @Test
  void sharedStores_outliveMsyncMunmapAndExit() {
    long synced = lab.mmap(pid, 2 * PAGE, RW, SHARED, fd);
    lab.write(pid, synced, filled(1, 'S'));
    lab.run(new Command.Msync(pid, synced, PAGE, 4));
    lab.write(pid, synced + 1, filled(1, 'M'));
    lab.munmap(pid, synced, 2 * PAGE);
    int other = lab.fork(pid);
    long mapped = lab.mmap(other, 2 * PAGE, RW, SHARED, fd);
    lab.write(other, mapped + PAGE, filled(1, 'X'));
    lab.exit(other);
    lab.exit(pid);
    assertThat(lab.file("/f")).startsWith('S', 'M', 'A').endsWith(filled(PAGE - 1, 'A'));
    assertThat(lab.file("/f")[PAGE]).isEqualTo((byte) 'X');
  }

  @Test
  void files_areToldApartByDeviceAndInode() {
    lab.put("/g", filled(2 * PAGE, 'A'));
    long memory = lab.mmap(pid, PAGE, RW, PRIVATE | ANONYMOUS, -1);
    assertThat(deviceAndInode(memory, lab.open(pid, "/f", RDONLY)))
        .isEqualTo(deviceAndInode(memory, fd))
        .isNotEqualTo(deviceAndInode(memory, lab.open(pid, "/g", RDONLY)));
  }

  private byte[] deviceAndInode(long memory, int descriptor) {
    assertThat(lab.ecall(pid, 80, descriptor, memory)).as("fstat").isZero();
    return lab.read(pid, memory, 16);
  }
}
