package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.RX;
import static dev.faultline.lab.TestLab.assertSignal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Debian;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.mmu.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real {@code ld-musl-riscv64.so.1}, mapped as a dynamic loader maps it. */
class LoaderTest {
  private static final String PATH = "/lib/ld-musl-riscv64.so.1";
  private static final int SIZE = 645_792;

  /**
   * PT_LOAD R+E at 0; RW at 0x9db30 from offset 0x9cb30, 0x8d4 bytes in the file, 0x3388 in memory.
   */
  private static final int SPAN = 0xa1000;

  private static final int DATA = 0x9d000;
  private static final int DATA_OFFSET = 0x9c000;
  private static final int DATA_BEGIN = 0x9db30;
  private static final int FILE_END = 0x9db30 + 0x8d4;
  private static final int BSS_PAGES = 0x9f000;

  private byte[] library = {};

  @BeforeEach
  void readLibrary() throws IOException {
    library = Files.readAllBytes(Debian.file("musl", "usr/lib/riscv64-linux-musl/libc.so"));
    assertThat(library).hasSize(SIZE);
  }

  private long load(TestLab lab, int pid) {
    int fd = lab.open(pid, PATH, RDONLY);
    long base = lab.mmap(pid, SPAN, RX, PRIVATE, fd);
    lab.mmap(pid, base + DATA, BSS_PAGES - DATA, RW, PRIVATE | FIXED, fd, DATA_OFFSET);
    lab.mmap(pid, base + BSS_PAGES, SPAN - BSS_PAGES, RW, PRIVATE | FIXED | ANONYMOUS, -1, 0);
    lab.write(pid, base + FILE_END, new byte[BSS_PAGES - FILE_END]);
    lab.close(pid, fd);
    return base;
  }

  @Test
  void maps_showTheSegmentsWhereLinuxPutsThem() {
    TestLab lab = TestLab.lazy();
    lab.put(PATH, library);
    int pid = lab.spawn();
    long base = load(lab, pid);
    assertThat(base).isEqualTo(0x3ff7f5f000L);
    assertThat(lab.maps(pid).lines().map(line -> line.replaceAll(" +", " ").strip()))
        .containsExactly(
            "3ff7f5f000-3ff7ffc000 r-xp 00000000 08:01 4 " + PATH,
            "3ff7ffc000-3ff7ffe000 rw-p 0009c000 08:01 4 " + PATH,
            "3ff7ffe000-3ff8000000 rw-p 00000000 00:00 0");
  }

  @Test
  void writeToData_isOneCopyOnWriteFault() {
    TestLab lab = TestLab.lazy();
    lab.put(PATH, library);
    int pid = lab.spawn();
    long base = load(lab, pid);
    long address = base + DATA_BEGIN;
    byte[] before = lab.read(pid, address, 16);
    long cached = lab.frameOf(pid, address);
    assertThat(lab.entry(pid, address) & Entry.W).isZero();
    assertThat(lab.frame(cached, Frame.REFS)).isEqualTo(2);
    int free = lab.freeFrames();

    Outcome write = lab.write(pid, address, "Faultline".getBytes(UTF_8));

    assertThat(lab.steps(write))
        .containsOnlyOnce(StepKind.TRAPS, StepKind.COPY_ON_WRITE, StepKind.COPIES, StepKind.RETRIES)
        .containsSubsequence(
            StepKind.ISSUES,
            StepKind.TLB_HIT,
            StepKind.FORBIDS,
            StepKind.TRAPS,
            StepKind.FINDS_VMA,
            StepKind.COPY_ON_WRITE,
            StepKind.TAKES_FRAME,
            StepKind.COPIES,
            StepKind.WRITES_ENTRY,
            StepKind.FENCES,
            StepKind.RETRIES,
            StepKind.MOVES);
    long copy = lab.frameOf(pid, address);
    assertThat(copy).isNotEqualTo(cached);
    assertThat(lab.freeFrames()).isEqualTo(free - 1);
    assertThat(lab.entry(pid, address) & Entry.W).isNotZero();
    assertThat(lab.frame(cached, Frame.REFS)).isEqualTo(1);
    assertThat(lab.frame(copy, Frame.REFS)).isEqualTo(1);
    assertThat(lab.frame(copy, Frame.ORIGIN)).isEqualTo(cached);
    assertThat(write.story())
        .contains("copy-on-write fault")
        .contains("frame 0x%x copied to 0x%x".formatted(cached, copy))
        .contains("refs 2 -> 1 and 0 -> 1")
        .endsWith("retried");
    assertThat(lab.read(pid, address, 16))
        .startsWith("Faultline".getBytes(UTF_8))
        .endsWith(Arrays.copyOfRange(before, 9, 16));
    assertThat(lab.file(PATH)).isEqualTo(library);
  }

  @Test
  void secondProcess_sharesUntouchedFramesAndSeesNoneOfTheWrites() {
    TestLab lab = TestLab.lazy();
    lab.put(PATH, library);
    int first = lab.spawn();
    long base = load(lab, first);
    lab.read(first, base, 8);
    lab.write(first, base + DATA_BEGIN, new byte[] {1, 2, 3, 4});
    long text = lab.frameOf(first, base);
    assertThat(lab.frame(text, Frame.REFS)).isEqualTo(2);

    int second = lab.spawn();
    long secondBase = load(lab, second);
    lab.read(second, secondBase, 8);

    assertThat(lab.frameOf(second, secondBase)).isEqualTo(text);
    assertThat(lab.frame(text, Frame.REFS)).isEqualTo(3);
    assertThat(lab.read(second, secondBase + DATA_BEGIN, 4))
        .isEqualTo(Arrays.copyOfRange(library, DATA_OFFSET + 0xb30, DATA_OFFSET + 0xb34));
  }

  @Test
  void munmapOfTheSpan_dropsEveryMappingAndKeepsTheCache() {
    TestLab lab = TestLab.lazy();
    lab.put(PATH, library);
    int pid = lab.spawn();
    int freeAtFirst = lab.freeFrames();
    long base = load(lab, pid);
    assertThat(lab.read(pid, base, DATA)).isEqualTo(Arrays.copyOf(library, DATA));
    lab.write(pid, base + DATA_BEGIN, new byte[] {1});
    lab.write(pid, base + BSS_PAGES, new byte[] {1});
    long cachedPages = DATA / PAGE + 1;
    long tables = 3;
    assertThat(lab.freeFrames()).isEqualTo(freeAtFirst - cachedPages - 3 - tables + 1);

    Outcome unmap = lab.munmap(pid, base, SPAN);

    assertThat(lab.maps(pid)).isEmpty();
    assertThat(unmap.story()).contains("3 private frames freed").contains("157 pages stay cached");
    assertThat(lab.freeFrames()).isEqualTo(freeAtFirst - cachedPages);
    assertSignal(lab.tryRead(pid, base, 1), "SIGSEGV SEGV_MAPERR", base);
    assertSignal(lab.tryWrite(pid, base + DATA, new byte[1]), "SIGSEGV SEGV_MAPERR", base + DATA);
  }

  @Test
  void eager_givesTheSameBytesWithMoreFramesAtOnce() {
    TestLab lazy = TestLab.lazy();
    TestLab eager = TestLab.eager();
    byte[][] seen = new byte[2][];
    int[] taken = new int[2];
    for (TestLab lab : new TestLab[] {lazy, eager}) {
      int index = lab == eager ? 1 : 0;
      lab.put(PATH, library);
      int pid = lab.spawn();
      int free = lab.freeFrames();
      long base = load(lab, pid);
      taken[index] = free - lab.freeFrames();
      lab.write(pid, base + DATA_BEGIN, "Faultline".getBytes(UTF_8));
      seen[index] = lab.read(pid, base, SPAN);
      assertThat(lab.file(PATH)).isEqualTo(library);
      lab.munmap(pid, base, SPAN);
      assertSignal(lab.tryRead(pid, base, 1), "SIGSEGV SEGV_MAPERR", base);
    }
    assertThat(seen[1]).isEqualTo(seen[0]);
    assertThat(taken[0]).isLessThan(10);
    assertThat(taken[1]).isGreaterThan(2 * SIZE / PAGE);
  }

  @Test
  void eagerMmap_saysWhatItCopied() {
    TestLab lab = TestLab.eager();
    lab.put(PATH, library);
    int pid = lab.spawn();
    int fd = lab.open(pid, PATH, RDONLY);
    Outcome map = lab.tryMmap(pid, 0, SPAN, RX, PRIVATE, fd, 0);
    assertThat(map.story()).contains("eager: 158 pages copied at once");
  }
}
