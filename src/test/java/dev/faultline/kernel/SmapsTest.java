package dev.faultline.kernel;

import static dev.faultline.kernel.HostLinux.RANGE;
import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.lab.Command;
import dev.faultline.lab.TestLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The texts that are counted from page tables. */
class SmapsTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @TempDir Path directory = Path.of("");

  @BeforeEach
  void spawn() {
    pid = lab.spawn();
  }

  /** Does the same on the host's kernel and in the laboratory. */
  private final class Both {
    private final HostLinux host;
    private final int[] hostFds = new int[2];
    private final int[] labFds = new int[2];
    private long next = RANGE;

    Both(HostLinux host) throws IOException {
      this.host = host;
      Path file = directory.resolve("file");
      Files.write(file, filled(4 * PAGE, 'f'));
      lab.put("/file", filled(4 * PAGE, 'f'));
      for (int i = 0; i < 2; i++) {
        hostFds[i] = host.open(file, i == 0 ? RDONLY : RDWR);
        labFds[i] = lab.open(pid, "/file", i == 0 ? RDONLY : RDWR);
      }
    }

    /** Maps four pages apart from the others; {@code file} is -1, or 0 or 1 for how it is open. */
    long map(int prot, int flags, int file) {
      long address = next;
      next += 8 * PAGE;
      int all = flags | FIXED;
      lab.mmap(pid, address, 4 * PAGE, prot, all, file < 0 ? -1 : labFds[file], 0);
      long there = host.mmap(address, 4 * PAGE, prot, all, file < 0 ? -1 : hostFds[file], 0);
      assertThat(there).isEqualTo(address);
      return address;
    }

    void write(long address) {
      lab.write(pid, address, filled(1, 1));
      assertThat(host.write(address, filled(1, 1))).isEqualTo(1);
    }

    void read(long address) {
      lab.read(pid, address, 1);
      assertThat(host.read(address, 1)).hasSize(1);
    }
  }

  /** Without what each kernel numbers or names for itself. */
  private static List<String> comparable(String smaps) {
    return List.of(
        smaps
            .replaceAll("(?m)^(\\S+ \\S+ \\S+) [0-9a-f]+:[0-9a-f]+ \\d+ +\\S*/(.*)$", "$1 $2")
            .split("(?<=VmFlags[^\n]{0,99}\n)"));
  }

  @Test
  void text_isThatOfTheHostsKernel() throws IOException {
    try (HostLinux host = HostLinux.open()) {
      var both = new Both(host);
      long anonymous = both.map(RW, ANON, -1);
      both.write(anonymous);
      both.read(anonymous + PAGE);
      long none = both.map(RW, ANON, -1);
      both.write(none);
      lab.run(new Command.Mprotect(pid, none, 4 * PAGE, Prot.NONE));
      host.mprotect(none, 4 * PAGE, Prot.NONE);
      long copied = both.map(RW, PRIVATE, 0);
      both.write(copied + PAGE);
      // Pages of a file are not touched: the host maps those of one large folio together.
      both.map(RW, SHARED, 1);
      both.map(R, SHARED, 0);
      both.map(R, SHARED, 1);
      long memory = both.map(RW, SHARED | ANONYMOUS, -1);
      both.write(memory);
      both.read(memory + PAGE);
      both.map(RW, ANON | MapFlag.NORESERVE.bit() | MapFlag.STACK.bit(), -1);
      long advised = both.map(RW, ANON, -1);
      for (Advice advice : new Advice[] {Advice.RANDOM, Advice.DONTFORK, Advice.WIPEONFORK}) {
        lab.run(new Command.Madvise(pid, advised, 2 * PAGE, advice.number()));
        host.madvise(advised, 2 * PAGE, advice.number());
      }
      long locked = both.map(RW, ANON, -1);
      both.write(locked + PAGE);
      lab.run(new Command.Mlock(pid, locked, 2 * PAGE));
      host.mlock(locked, 2 * PAGE, true);
      // What nobody has touched has no A here, unlike on Linux.
      both.write(locked);
      List<String> expected = comparable(host.smaps());
      List<String> found = comparable(lab.smaps(pid));
      for (int i = 0; i < expected.size(); i++) {
        assertThat(found.get(i)).isEqualTo(expected.get(i));
      }
      assertThat(found).hasSameSizeAs(expected);
    }
  }

  @Test
  void partOfAPage_isRoundedDownForEachMapping() {
    long address = lab.mmap(pid, 3 * PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(3 * PAGE, 1));
    lab.fork(pid);
    lab.fork(pid);
    assertThat(lab.smaps(pid))
        .as("3 times 4096 / 3 bytes, less than 12 KiB / 3 by what was cut off")
        .contains("Rss:                  12 kB\nPss:                   3 kB\n")
        .contains("Shared_Dirty:         12 kB\n")
        .contains("Private_Dirty:         0 kB\n")
        .contains("Anonymous:            12 kB\n");
  }

  @Test
  void childOfFork_hasReferencedNothing() {
    long address = lab.mmap(pid, 2 * PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(2 * PAGE, 1));
    int child = lab.fork(pid);
    lab.write(child, address, filled(1, 2));
    assertThat(lab.smaps(child))
        .contains("Pss:                   6 kB\nPss_Dirty:             6 kB\n")
        .contains("Private_Dirty:         4 kB\nReferenced:            4 kB\n");
  }

  @Test
  void rollup_addsUpAndTellsKindsApart() {
    lab.put("/f", filled(PAGE, 'f'));
    int fd = lab.open(pid, "/f", RDWR);
    lab.mmap(pid, 0x10_0000, PAGE, RW, ANON | FIXED, -1, 0);
    lab.mmap(pid, 0x20_0000, PAGE, RW, SHARED | FIXED, fd, 0);
    lab.mmap(pid, 0x30_0000, PAGE, RW, SHARED | ANONYMOUS | FIXED, -1, 0);
    lab.write(pid, 0x10_0000, filled(1, 1));
    lab.read(pid, 0x20_0000, 1);
    lab.write(pid, 0x30_0000, filled(1, 1));
    assertThat(lab.smapsRollup(pid))
        .startsWith(
            "00100000-00301000 ---p 00000000 00:00 0 "
                + " ".repeat(33)
                + "[rollup]\nRss:                  12 kB\nPss:                  12 kB\n"
                + "Pss_Dirty:             8 kB\nPss_Anon:              4 kB\n"
                + "Pss_File:              4 kB\nPss_Shmem:             4 kB\n");
  }

  @Test
  void pagemap_tellsWhatEachPageIs() {
    lab.put("/f", filled(PAGE, 'f'));
    int fd = lab.open(pid, "/f", RDWR);
    lab.mmap(pid, 0x10_0000, 4 * PAGE, RW, ANON | FIXED, -1, 0);
    lab.mmap(pid, 0x20_0000, PAGE, R, SHARED | FIXED, fd, 0);
    lab.write(pid, 0x10_0000, filled(PAGE, 1));
    lab.fork(pid);
    lab.write(pid, 0x10_2000, filled(1, 1));
    lab.read(pid, 0x10_1000, 1);
    lab.read(pid, 0x20_0000, 1);
    long own = lab.frameOf(pid, 0x10_2000);
    long file = lab.frameOf(pid, 0x20_0000);
    assertThat(lab.pagemap(pid).lines())
        .containsExactly(
            "00100000 80%014x present pfn 0x%<x anon".formatted(lab.frameOf(pid, 0x10_0000)),
            "00101000 8000000000000000 present pfn 0x0 zero",
            "00102000 81%014x present pfn 0x%<x anon exclusive".formatted(own),
            "00200000 a1%014x present pfn 0x%<x file exclusive".formatted(file));
  }
}
