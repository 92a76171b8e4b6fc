package dev.faultline.kernel;

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
import dev.faultline.kernel.abi.Seal;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.lab.Command;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table;
import org.junit.jupiter.api.Test;

/** Seals of {@code memfd_create}; every answer here was seen on Linux 6.18. */
class SealsTest {
  private static final int FTRUNCATE = 46;
  private static final int FALLOCATE = 47;
  private static final int FCHMOD = 52;
  private static final int FCNTL = 25;
  private static final int PWRITE = 68;
  private static final int ADD_SEALS = 1033;
  private static final int GET_SEALS = 1034;
  private static final int ALLOW_SEALING = 2;
  private static final int NOEXEC_SEAL = 8;

  private static final long EPERM = -Errno.EPERM.number();
  private static final long EINVAL = -Errno.EINVAL.number();
  private static final long EBUSY = -Errno.EBUSY.number();

  private final TestLab lab = TestLab.lazy();
  private final int pid = lab.spawn();
  private final long bytes = lab.mmap(pid, 16L * PAGE, RW, PRIVATE | TestLab.ANONYMOUS, -1);

  private int memory(int flags, long size) {
    var made = lab.run(new Command.MemfdCreate(pid, "sealed", flags));
    int fd = made.result() instanceof Result.Descriptor(int given) ? given : -1;
    assertThat(lab.ecall(pid, FTRUNCATE, fd, size)).isZero();
    return fd;
  }

  private long seal(int fd, Seal... seals) {
    int bits = 0;
    for (Seal seal : seals) {
      bits |= seal.bit();
    }
    return lab.ecall(pid, FCNTL, fd, ADD_SEALS, bits);
  }

  private long seals(int fd) {
    return lab.ecall(pid, FCNTL, fd, GET_SEALS);
  }

  @Test
  void newFile_isSealedAgainstSealsUnlessItsMakerAllowsThem() {
    int plain = memory(0, 0);
    assertThat(seals(plain)).isEqualTo(Seal.SEAL.bit());
    assertThat(seal(plain, Seal.GROW)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FCNTL, plain, ADD_SEALS, 0x100)).isEqualTo(EINVAL);
    int open = memory(ALLOW_SEALING, 0);
    assertThat(seals(open)).isZero();
    assertThat(seal(open)).isZero();
    assertThat(seal(open, Seal.SEAL)).isZero();
    assertThat(seal(open)).as("not even none").isEqualTo(EPERM);
  }

  @Test
  void seals_areAColumnOfTheFile() {
    int fd = memory(ALLOW_SEALING, 0);
    seal(fd, Seal.SHRINK, Seal.GROW);
    assertThat(lab.count(Table.FILE, Table.File.SEALS, "0x6")).isEqualTo(1);
  }

  @Test
  void shrinkAndGrow_holdTheSizeWhereItIs() {
    int fd = memory(ALLOW_SEALING, 2 * PAGE);
    seal(fd, Seal.SHRINK);
    assertThat(lab.ecall(pid, FTRUNCATE, fd, PAGE)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FTRUNCATE, fd, 3 * PAGE)).isZero();
    seal(fd, Seal.GROW);
    assertThat(lab.ecall(pid, FTRUNCATE, fd, 3 * PAGE)).isZero();
    assertThat(lab.ecall(pid, FTRUNCATE, fd, 4 * PAGE)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FALLOCATE, fd, 0, 0, 4 * PAGE)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FALLOCATE, fd, Fallocate.KEEP_SIZE, 0, 4 * PAGE)).isEqualTo(EPERM);
  }

  @Test
  void writeThatWouldGrow_stopsAtThePageThatEndsTheFile() {
    int fd = memory(ALLOW_SEALING, 3 * PAGE);
    seal(fd, Seal.GROW);
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, 2 * PAGE, 2 * PAGE)).isEqualTo(PAGE);
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, PAGE, 3 * PAGE)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, PAGE + 10, 2 * PAGE)).isEqualTo(PAGE);
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, 10 * PAGE, 0)).isEqualTo(3 * PAGE);
  }

  @Test
  void write_needsThatNobodyMapsTheFileWritable() {
    int fd = memory(ALLOW_SEALING, 2 * PAGE);
    long map = lab.mmap(pid, PAGE, R, SHARED, fd);
    assertThat(seal(fd, Seal.WRITE)).as("mprotect could make it writable").isEqualTo(EBUSY);
    lab.munmap(pid, map, PAGE);
    lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    assertThat(seal(fd, Seal.WRITE)).isZero();
  }

  @Test
  void write_forbidsWritesNewMappingsAndHoles() {
    int fd = memory(ALLOW_SEALING, 2 * PAGE);
    seal(fd, Seal.WRITE);
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, 1, 0)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, 0, 0)).isZero();
    assertErrno(lab.tryMmap(pid, 0, PAGE, RW, SHARED, fd, 0), Errno.EPERM);
    int hole = Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;
    assertThat(lab.ecall(pid, FALLOCATE, fd, hole, 0, PAGE)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FALLOCATE, fd, 0, 0, PAGE)).isZero();
    long copy = lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    lab.write(pid, copy, filled(1, 1));
    long shared = lab.mmap(pid, PAGE, R, SHARED, fd);
    assertErrno(lab.run(new Command.Mprotect(pid, shared, PAGE, RW)), Errno.EACCES);
    assertThat(lab.smaps(pid)).contains("VmFlags: rd sh mr me ms ");
  }

  @Test
  void futureWrite_leavesOldMappingsWritable() {
    int fd = memory(ALLOW_SEALING, 2 * PAGE);
    long old = lab.mmap(pid, PAGE, RW, SHARED, fd);
    long oldRead = lab.mmap(pid, PAGE, R, SHARED, fd);
    assertThat(seal(fd, Seal.FUTURE_WRITE)).isZero();
    lab.write(pid, old, filled(1, 1));
    assertThat(lab.run(new Command.Mprotect(pid, oldRead, PAGE, RW)).errno()).isNull();
    assertThat(lab.ecall(pid, PWRITE, fd, bytes, 1, 0)).isEqualTo(EPERM);
    assertErrno(lab.tryMmap(pid, 0, PAGE, RW, SHARED, fd, 0), Errno.EPERM);
    assertErrno(lab.run(new Command.Madvise(pid, old, PAGE, Advice.REMOVE.number())), Errno.EPERM);
    assertThat(lab.ecall(pid, FTRUNCATE, fd, 3 * PAGE)).isZero();
    assertThat(seal(fd, Seal.WRITE)).isEqualTo(EBUSY);
  }

  @Test
  void exec_fixesWhetherTheFileCanBeExecutedAndThenItsBytes() {
    int program = memory(ALLOW_SEALING, PAGE);
    assertThat(seal(program, Seal.EXEC)).isZero();
    assertThat(seals(program)).isEqualTo(Seal.ALL & ~Seal.SEAL.bit());
    assertThat(lab.ecall(pid, FCHMOD, program, 0644)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FCHMOD, program, 0733)).as("x for all as before").isZero();
    int data = memory(NOEXEC_SEAL, PAGE);
    assertThat(seals(data)).isEqualTo(Seal.EXEC.bit());
    assertThat(lab.ecall(pid, FCHMOD, data, 0755)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, FCHMOD, data, 0644)).isZero();
    int mapped = memory(ALLOW_SEALING, PAGE);
    lab.mmap(pid, PAGE, RW, SHARED, mapped);
    assertThat(seal(mapped, Seal.EXEC)).isEqualTo(EBUSY);
    assertThat(seals(mapped)).isZero();
  }

  @Test
  void whatIsNoFileInMemory_hasNoSeals() {
    lab.put("/f", filled(PAGE, 1));
    int disk = lab.open(pid, "/f", RDWR);
    assertThat(seal(disk, Seal.SEAL)).isEqualTo(EINVAL);
    assertThat(seals(disk)).isEqualTo(EINVAL);
    assertThat(seal(lab.open(pid, "/f", RDONLY), Seal.SEAL)).isEqualTo(EPERM);
    assertThat(lab.ecall(pid, 59, bytes, 0)).as("pipe2").isZero();
    int reader = lab.read(pid, bytes, 1)[0];
    assertThat(seal(reader, Seal.SEAL)).isEqualTo(EPERM);
    assertThat(seal(reader + 1, Seal.SEAL)).isEqualTo(EINVAL);
    assertThat(seals(reader)).isEqualTo(EINVAL);
  }

  @Test
  void zeroedRange_isUnknownToFilesInMemory() {
    int fd = memory(0, PAGE);
    assertThat(lab.ecall(pid, FALLOCATE, fd, Fallocate.ZERO_RANGE, 0, PAGE))
        .isEqualTo(-Errno.EOPNOTSUPP.number());
  }
}
