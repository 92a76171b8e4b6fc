package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.TestLab;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** {@code capget(2)}: programs ask before they do what not everybody may. */
class CapabilitiesTest {
  private static final int CAPGET = 90;
  private static final int EINVAL = -22;
  private static final int ESRCH = -3;
  private static final int VERSION_1 = 0x1998_0330;
  private static final int VERSION_3 = 0x2008_0522;

  private final TestLab lab = TestLab.lazy();
  private final int pid = lab.spawn();
  private final long header = lab.mmap(pid, PAGE, RW, PRIVATE | ANONYMOUS, -1);
  private final long data = header + 8;

  private long capget(int version, int of, long into) {
    lab.write(pid, header, bytes(version, of));
    return lab.ecall(pid, CAPGET, header, into);
  }

  private static byte[] bytes(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return bytes.array();
  }

  @Test
  void everybody_hasAllOfThem() {
    assertThat(capget(VERSION_3, 0, data)).isZero();
    assertThat(lab.read(pid, data, 28)).isEqualTo(bytes(-1, -1, 0, 0x1ff, 0x1ff, 0, 0));
    int child = lab.fork(pid);
    assertThat(capget(VERSION_1, child, data + 100)).isZero();
    assertThat(lab.read(pid, data + 100, 16)).isEqualTo(bytes(-1, -1, 0, 0));
  }

  @Test
  void unknownVersion_isAnsweredWithTheNewest() {
    assertThat(capget(7, 0, 0)).isZero();
    assertThat(lab.read(pid, header, 4)).isEqualTo(bytes(VERSION_3));
    assertThat(capget(7, 0, data)).isEqualTo(EINVAL);
  }

  @Test
  void processesThatAreNot_areRefused() {
    assertThat(capget(VERSION_3, 99, data)).isEqualTo(ESRCH);
    assertThat(capget(VERSION_3, -1, data)).isEqualTo(EINVAL);
  }
}
