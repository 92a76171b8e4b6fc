package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table.Frame;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory of one process read and written by another. */
class ProcessVmTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private int pid;
  private int other;
  private long here;
  private long there;

  @BeforeEach
  void map() {
    pid = lab.spawn();
    other = lab.spawn();
    here = lab.mmap(pid, 4 * PAGE, RW, ANON, -1);
    there = lab.mmap(other, 4 * PAGE, RW, ANON, -1) + 2 * PAGE;
    lab.munmap(other, there, 2 * PAGE);
    there -= 2 * PAGE;
    lab.write(other, there, pattern(2 * PAGE));
  }

  private static List<IoVector> at(long address, long length) {
    return List.of(new IoVector(address, length));
  }

  private Outcome read(List<IoVector> local, List<IoVector> remote) {
    return lab.run(new Command.ProcessVmReadv(pid, other, local, remote));
  }

  private Outcome write(List<IoVector> local, List<IoVector> remote) {
    return lab.run(new Command.ProcessVmWritev(pid, other, local, remote));
  }

  private static int length(Outcome outcome) {
    return outcome.result() instanceof Result.Written(int length) ? length : -1;
  }

  @Test
  void read_scattersWhatItGathers() {
    var local = List.of(new IoVector(here + 5, 3), new IoVector(here + PAGE - 2, 9));
    var remote = List.of(new IoVector(there + PAGE - 4, 8), new IoVector(there, 100));
    assertThat(length(read(local, remote))).isEqualTo(12);
    byte[] expected = pattern(2 * PAGE);
    byte[] found = new byte[12];
    System.arraycopy(lab.read(pid, here + 5, 3), 0, found, 0, 3);
    System.arraycopy(lab.read(pid, here + PAGE - 2, 9), 0, found, 3, 9);
    byte[] gathered = new byte[12];
    System.arraycopy(expected, PAGE - 4, gathered, 0, 8);
    System.arraycopy(expected, 0, gathered, 8, 4);
    assertThat(found).isEqualTo(gathered);
  }

  @Test
  void remoteHole_endsTheCopyAtItsPage() {
    assertThat(length(read(at(here, 4 * PAGE), at(there + 10, 3 * PAGE)))).isEqualTo(2 * PAGE - 10);
    assertErrno(read(at(here, PAGE), at(there + 2 * PAGE, 1)), Errno.EFAULT);
  }

  @Test
  void localHole_endsTheCopyAtItsByte() {
    long end = here + 4 * PAGE;
    assertThat(length(read(at(end - 7, 100), at(there, 100)))).isEqualTo(7);
    assertErrno(read(at(end, 100), at(there, 100)), Errno.EFAULT);
  }

  @Test
  void write_breaksCopyOnWriteOfTheOther() {
    int child = lab.fork(other);
    long shared = lab.frameOf(other, there);
    assertThat(lab.frame(shared, Frame.REFS)).isEqualTo(2);
    lab.write(pid, here, filled(4, 'w'));
    assertThat(length(write(at(here, 4), at(there, 4)))).isEqualTo(4);
    assertThat(lab.frame(shared, Frame.REFS)).isEqualTo(1);
    assertThat(lab.read(other, there, 4)).isEqualTo(filled(4, 'w'));
    assertThat(lab.read(child, there, 4)).isEqualTo(pattern(4));
  }

  @Test
  void read_unsharesThePagesOfTheOther() {
    int child = lab.fork(other);
    long shared = lab.frameOf(other, there);
    assertThat(length(read(at(here, 4), at(there, 4)))).isEqualTo(4);
    assertThat(lab.frameOf(other, there)).isNotEqualTo(shared);
    assertThat(lab.frameOf(child, there)).isEqualTo(shared);
    assertThat(lab.frame(shared, Frame.REFS)).isEqualTo(1);
    assertThat(lab.read(other, there, 4)).isEqualTo(pattern(4));
    lab.write(other, there, filled(4, 'o'));
    assertThat(lab.read(child, there, 4)).isEqualTo(pattern(4));
  }

  @Test
  void protection_isAskedForToTheLetter() {
    lab.run(new Command.Mprotect(other, there, PAGE, R));
    assertErrno(write(at(here, 4), at(there, 4)), Errno.EFAULT);
    lab.run(new Command.Mprotect(other, there, PAGE, Prot.WRITE));
    assertThat(lab.read(other, there, 1)).as("a load may").containsExactly(pattern(1));
    assertErrno(read(at(here, 4), at(there, 4)), Errno.EFAULT);
  }

  @Test
  void wrongArguments_areRefusedInLinuxsOrder() {
    var tooMany = Collections.nCopies(1025, new IoVector(here, 1));
    assertErrno(read(tooMany, at(there, 1)), Errno.EINVAL);
    assertErrno(read(at(here, -1), at(there, 1)), Errno.EINVAL);
    assertErrno(read(at(here, 1), at(there, -1)), Errno.EINVAL);
    assertThat(length(read(at(here, 0), at(there, -1)))).isZero();
    lab.exit(other);
    assertThat(length(read(at(here, 1), List.of()))).isZero();
    assertErrno(read(at(here, 1), at(there, 1)), Errno.ESRCH);
  }

  @Test
  void byNumber_theVectorsLieInUserMemory() {
    lab.write(pid, here, vectors(here + PAGE, 4, there, 4));
    assertThat(lab.ecall(pid, 270, other, here, 1, here + 16, 1, 0)).isEqualTo(4);
    assertThat(lab.read(pid, here + PAGE, 4)).isEqualTo(pattern(4));
    assertThat(lab.ecall(pid, 271, other, here, 1, here + 16, 1, 1)).isEqualTo(-22);
    assertThat(lab.ecall(pid, 271, other, 0x1000, 1, here + 16, 1, 0)).isEqualTo(-14);
  }

  private static byte[] vectors(long... words) {
    var bytes = java.nio.ByteBuffer.allocate(words.length * 8);
    bytes.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }
}
