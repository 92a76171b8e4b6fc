package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.SUPERPAGE;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.MemoryUse;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Rows;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Superpages of 2 MiB: how they come, what splits them, what moves them whole. */
class SuperpageTest {
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final long START = 0x4000_0000L;
  private static final int PID = 1;

  private final TestLab lab = lab(Thp.MADVISE, 4096, AdBits.HARDWARE, PagingMode.SV39);

  private static TestLab lab(Thp thp, int frames, AdBits adBits, PagingMode paging) {
    var machine = new MachineConfiguration(frames, paging, 32, 4, adBits);
    var kernel =
        new KernelConfiguration(
            machine,
            PrivateFileStrategy.LAZY,
            Prefetch.NONE,
            0,
            ReclaimPolicy.LRU,
            Overcommit.GUESS,
            thp);
    TestLab lab = TestLab.open(new Settings("superpages", 0, kernel));
    assertThat(lab.spawn()).isEqualTo(PID);
    return lab;
  }

  private static void map(TestLab lab, long length) {
    lab.mmap(PID, START, length, RW, ANON | FIXED, -1, 0);
    advise(lab, Advice.HUGEPAGE, START, length);
  }

  private static Outcome advise(TestLab lab, Advice advice, long address, long length) {
    Outcome outcome = lab.run(new Command.Madvise(PID, address, length, advice.number()));
    assertThat(outcome.errno()).isNull();
    return outcome;
  }

  /** One superpage at {@link #START} whose first bytes of each page are the page's number. */
  private void makeSuperpage() {
    map(lab, SUPERPAGE);
    lab.write(PID, START, numbered());
    assertThat(lab.superpage(PID, START)).isNotZero();
  }

  private static byte[] numbered() {
    byte[] bytes = new byte[512 * PAGE / 2];
    for (int i = 0; i < bytes.length; i += PAGE) {
      bytes[i] = (byte) (i / PAGE);
    }
    return bytes;
  }

  @Test
  void firstTouch_mapsTwoMebibytesByOneLeaf() {
    map(lab, SUPERPAGE);
    int free = lab.freeFrames();
    Outcome write = lab.write(PID, START + 100 * PAGE, new byte[] {7});
    long leaf = lab.superpage(PID, START);
    assertThat(Entry.ppn(leaf) % 512).isZero();
    // 512 pages, the table of level 1 and the table that waits for a split.
    assertThat(lab.freeFrames()).isEqualTo(free - 512 - 2);
    for (long page = 0; page < 512; page += 73) {
      long ppn = Entry.ppn(leaf) + page;
      assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(1);
      assertThat(lab.frame(ppn, Frame.MAPPINGS)).isEqualTo(1);
    }
    assertThat(lab.steps(write)).containsOnlyOnce(StepKind.SUPERPAGE_FAULT, StepKind.WRITES_ENTRY);
    assertThat(write.story()).contains("2 MiB page fault");
    long first = Entry.ppn(leaf);
    String taken = "frames 0x%x to 0x%x for 0x%x, 2 MiB".formatted(first, first + 511, START);
    assertThat(lab.records()).anyMatch(record -> record.contains(taken));
    Rows tlb = lab.state().rows(Table.TLB);
    assertThat(tlb.get(tlb.sortedKeys()[0], Table.Tlb.LEVEL)).isEqualTo(1);
    Outcome elsewhere = lab.tryRead(PID, START + 500 * PAGE, 8);
    assertThat(lab.steps(elsewhere)).doesNotContain(StepKind.TRAPS);
    assertThat(lab.read(PID, START + 100 * PAGE, 2)).containsExactly(7, 0);
  }

  @Test
  void readFirst_takesASuperpageToo() {
    map(lab, SUPERPAGE);
    assertThat(lab.read(PID, START + 5, 16)).containsOnly(0);
    assertThat(lab.superpage(PID, START) & Entry.W).isNotZero();
  }

  @Test
  void everyPagingMode_hasThem() {
    for (PagingMode paging : PagingMode.values()) {
      TestLab other = lab(Thp.MADVISE, 2048, AdBits.FAULT, paging);
      map(other, SUPERPAGE);
      other.write(PID, START, new byte[] {1});
      assertThat(other.superpage(PID, START) & (Entry.A | Entry.D)).isEqualTo(Entry.A | Entry.D);
      other.munmap(PID, START, SUPERPAGE);
      assertThat(other.count(Table.FRAME, Frame.KIND, "anon")).isZero();
    }
  }

  @Test
  void aVmaThatDoesNotHoldAllOfIt_getsSmallPages() {
    map(lab, SUPERPAGE - PAGE);
    lab.write(PID, START, new byte[] {1});
    assertThat(lab.superpage(PID, START)).isZero();
    assertThat(lab.count(Table.FRAME, Frame.KIND, "anon")).isEqualTo(1);
  }

  @Test
  void withoutAdvice_onlyAlwaysGivesThem() {
    for (Thp thp : Thp.values()) {
      TestLab other = lab(thp, 4096, AdBits.HARDWARE, PagingMode.SV39);
      other.mmap(PID, START, 2 * SUPERPAGE, RW, ANON | FIXED, -1, 0);
      other.write(PID, START, new byte[] {1});
      assertThat(other.superpage(PID, START) != 0).isEqualTo(thp == Thp.ALWAYS);
      advise(other, Advice.HUGEPAGE, START, 2 * SUPERPAGE);
      other.write(PID, START + SUPERPAGE, new byte[] {1});
      assertThat(other.superpage(PID, START + SUPERPAGE) != 0).isEqualTo(thp != Thp.NEVER);
    }
  }

  @Test
  void adviceAgainstThem_isHeard() {
    TestLab other = lab(Thp.ALWAYS, 4096, AdBits.HARDWARE, PagingMode.SV39);
    other.mmap(PID, START, SUPERPAGE, RW, ANON | FIXED, -1, 0);
    advise(other, Advice.NOHUGEPAGE, START, SUPERPAGE);
    other.write(PID, START, new byte[] {1});
    assertThat(other.superpage(PID, START)).isZero();
  }

  @Test
  void sharedMemory_hasNone() {
    TestLab other = lab(Thp.ALWAYS, 4096, AdBits.HARDWARE, PagingMode.SV39);
    other.mmap(PID, START, SUPERPAGE, RW, SHARED | ANONYMOUS | FIXED, -1, 0);
    other.write(PID, START, new byte[] {1});
    assertThat(other.superpage(PID, START)).isZero();
  }

  @Test
  void withoutFreeFramesInARow_smallPagesWillDo() {
    TestLab small = lab(Thp.MADVISE, 1024, AdBits.HARDWARE, PagingMode.SV39);
    map(small, 2 * SUPERPAGE);
    small.write(PID, START, new byte[] {1});
    assertThat(small.superpage(PID, START)).isNotZero();
    Outcome second = small.write(PID, START + SUPERPAGE, new byte[] {2});
    assertThat(small.steps(second)).contains(StepKind.NO_SUPERPAGE);
    assertThat(small.superpage(PID, START + SUPERPAGE)).isZero();
    assertThat(small.read(PID, START + SUPERPAGE, 1)).containsExactly(2);
    small.munmap(PID, START, 2 * SUPERPAGE);
    map(small, SUPERPAGE);
    small.write(PID, START, new byte[] {3});
    assertThat(small.superpage(PID, START)).isNotZero();
  }

  @Test
  void munmapOfAll_givesEverythingBackAtOnce() {
    int free = lab.freeFrames();
    makeSuperpage();
    Outcome munmap = lab.munmap(PID, START, SUPERPAGE);
    assertThat(lab.steps(munmap)).contains(StepKind.CLEARS_SUPERPAGE);
    assertThat(lab.steps(munmap)).doesNotContain(StepKind.SPLITS_SUPERPAGE);
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.state().rows(Table.TLB).size()).isZero();
  }

  @Test
  void munmapOfAPart_splits() {
    makeSuperpage();
    long frame = lab.frameOf(PID, START + 3 * PAGE);
    int free = lab.freeFrames();
    Outcome munmap = lab.munmap(PID, START + 10 * PAGE, 2 * PAGE);
    assertThat(lab.steps(munmap)).containsOnlyOnce(StepKind.SPLITS_SUPERPAGE);
    assertThat(lab.superpage(PID, START)).isZero();
    assertThat(lab.frameOf(PID, START + 3 * PAGE)).isEqualTo(frame);
    assertThat(lab.freeFrames()).isEqualTo(free + 2);
    assertThat(lab.read(PID, START + 12 * PAGE, 1)).containsExactly(12);
    assertSignal(lab.tryRead(PID, START + 10 * PAGE, 1), "SIGSEGV SEGV_MAPERR", START + 10 * PAGE);
  }

  @Test
  void dontneedOfAPart_splitsAndZeroes() {
    makeSuperpage();
    advise(lab, Advice.DONTNEED, START + 20 * PAGE, PAGE);
    assertThat(lab.superpage(PID, START)).isZero();
    assertThat(lab.read(PID, START + 20 * PAGE, 1)).containsExactly(0);
    assertThat(lab.read(PID, START + 21 * PAGE, 1)).containsExactly(21);
  }

  @Test
  void mprotectOfAll_changesTheLeaf() {
    makeSuperpage();
    lab.run(new Command.Mprotect(PID, START, SUPERPAGE, R));
    assertThat(lab.superpage(PID, START) & (Entry.R | Entry.W)).isEqualTo(Entry.R);
    assertSignal(lab.tryWrite(PID, START, new byte[1]), "SIGSEGV SEGV_ACCERR", START);
    lab.run(new Command.Mprotect(PID, START, SUPERPAGE, 0));
    assertSignal(lab.tryRead(PID, START, 1), "SIGSEGV SEGV_ACCERR", START);
    lab.run(new Command.Mprotect(PID, START, SUPERPAGE, RW));
    assertThat(lab.superpage(PID, START) & Entry.W).isNotZero();
    assertThat(lab.read(PID, START + 9 * PAGE, 1)).containsExactly(9);
  }

  @Test
  void mprotectOfAPart_splits() {
    makeSuperpage();
    lab.run(new Command.Mprotect(PID, START + PAGE, PAGE, R));
    assertThat(lab.superpage(PID, START)).isZero();
    assertSignal(lab.tryWrite(PID, START + PAGE, new byte[1]), "SIGSEGV SEGV_ACCERR", START + PAGE);
    lab.write(PID, START + 2 * PAGE, new byte[] {1});
  }

  @Test
  void lockOfAPart_splitsBecauseNoSuperpageLiesInTwoVmas() {
    makeSuperpage();
    lab.run(new Command.Mlock(PID, START, 4 * PAGE));
    assertThat(lab.superpage(PID, START)).isZero();
  }

  @Test
  void fork_sharesTheLeafAndAWriteCopiesOnePage() {
    makeSuperpage();
    long frame = lab.frameOf(PID, START);
    int child = lab.fork(PID);
    assertThat(lab.superpage(PID, START) & Entry.W).isZero();
    assertThat(lab.superpage(child, START) & Entry.W).isZero();
    assertThat(lab.frame(frame + 77, Frame.MAPPINGS)).isEqualTo(2);
    Outcome write = lab.write(child, START + 5 * PAGE, new byte[] {99});
    assertThat(lab.steps(write)).contains(StepKind.SPLITS_SUPERPAGE, StepKind.COPIES);
    assertThat(lab.superpage(PID, START)).isNotZero();
    assertThat(lab.superpage(child, START)).isZero();
    assertThat(lab.read(PID, START + 5 * PAGE, 1)).containsExactly(5);
    assertThat(lab.read(child, START + 5 * PAGE, 1)).containsExactly(99);
    assertThat(lab.frameOf(child, START + 6 * PAGE)).isEqualTo(frame + 6);
  }

  @Test
  void lastSharer_getsTheWholeSuperpageBack() {
    makeSuperpage();
    int child = lab.fork(PID);
    lab.exit(child);
    Outcome write = lab.write(PID, START + 8 * PAGE, new byte[] {1});
    assertThat(lab.steps(write)).contains(StepKind.REUSE).doesNotContain(StepKind.COPIES);
    assertThat(lab.superpage(PID, START) & Entry.W).isNotZero();
  }

  @Test
  void mremapToAnAlignedPlace_movesTheLeaf() {
    makeSuperpage();
    long leaf = lab.superpage(PID, START);
    long target = START + 64L * SUPERPAGE;
    Outcome moved = mremap(target);
    assertThat(lab.steps(moved)).doesNotContain(StepKind.SPLITS_SUPERPAGE);
    assertThat(lab.superpage(PID, target)).isEqualTo(leaf);
    assertThat(lab.read(PID, target + 33 * PAGE, 1)).containsExactly(33);
  }

  @Test
  void mremapToAnotherPlace_splits() {
    makeSuperpage();
    long frame = lab.frameOf(PID, START + 40 * PAGE);
    long target = START + 64L * SUPERPAGE + 3 * PAGE;
    Outcome moved = mremap(target);
    assertThat(lab.steps(moved)).contains(StepKind.SPLITS_SUPERPAGE);
    assertThat(lab.frameOf(PID, target + 40 * PAGE)).isEqualTo(frame);
    assertThat(lab.read(PID, target + 40 * PAGE, 1)).containsExactly(40);
  }

  private Outcome mremap(long target) {
    int flags = Mremap.MAYMOVE | Mremap.FIXED;
    Outcome moved = lab.run(new Command.Mremap(PID, START, SUPERPAGE, SUPERPAGE, flags, target));
    assertThat(moved.errno()).isNull();
    return moved;
  }

  @Test
  void accessedAndDirty_areThoseOfTheLeaf() {
    map(lab, SUPERPAGE);
    lab.read(PID, START, 1);
    assertThat(lab.superpage(PID, START) & (Entry.A | Entry.D)).isEqualTo(Entry.A);
    lab.write(PID, START + 300 * PAGE, filled(1, 1));
    assertThat(lab.superpage(PID, START) & (Entry.A | Entry.D)).isEqualTo(Entry.A | Entry.D);
  }

  @Test
  void mincore_findsAllOfItInMemory() {
    makeSuperpage();
    assertThat(TestLab.pages(lab.run(new Command.Mincore(PID, START, SUPERPAGE)))).containsOnly(1);
  }

  @Test
  void exit_givesEverythingBack() {
    makeSuperpage();
    int child = lab.fork(PID);
    lab.write(child, START, new byte[] {1});
    lab.exit(PID);
    lab.exit(child);
    assertThat(lab.count(Table.FRAME, Frame.KIND, "anon")).isZero();
    assertThat(lab.count(Table.FRAME, Frame.KIND, "table")).isZero();
  }

  @Test
  void smapsAndPagemap_countEveryPageAndSplitNothing() {
    map(lab, SUPERPAGE + 2 * PAGE);
    lab.write(PID, START, filled(1, 1));
    lab.write(PID, START + SUPERPAGE, filled(1, 1));
    long first = Entry.ppn(lab.superpage(PID, START));
    assertThat(lab.smaps(PID))
        .contains("Rss:                2052 kB\nPss:                2052 kB\n")
        .contains("Private_Dirty:      2052 kB\n")
        .contains("Anonymous:          2052 kB\n")
        .contains("AnonHugePages:      2048 kB\n")
        .contains("THPeligible:           1\n");
    assertThat(lab.smapsRollup(PID)).contains("AnonHugePages:      2048 kB\n");
    assertThat(lab.pagemap(PID).lines())
        .hasSize(513)
        .contains(
            "40007000 81%014x present pfn 0x%<x anon exclusive".formatted(first + 7),
            "401ff000 81%014x present pfn 0x%<x anon exclusive".formatted(first + 511));
    int child = lab.fork(PID);
    assertThat(lab.smaps(child))
        .contains("Rss:                2052 kB\nPss:                1026 kB\n")
        .contains("AnonHugePages:      2048 kB\n");
    assertThat(lab.superpage(PID, START)).isNotZero();
  }

  @Test
  void tooSmallArea_isNotEligible() {
    TestLab always = lab(Thp.ALWAYS, 4096, AdBits.HARDWARE, PagingMode.SV39);
    always.mmap(PID, START + PAGE, SUPERPAGE, RW, ANON | FIXED, -1, 0);
    assertThat(always.smaps(PID)).contains("THPeligible:           0\n");
  }

  @Test
  void memoryUse_countsEveryPageAndTheTableThatWaits() {
    makeSuperpage();
    MemoryUse use =
        lab.laboratory()
            .ask(PID, (kernel, process) -> MemoryUse.of(process.space(), kernel.frames()));
    assertThat(use).isEqualTo(new MemoryUse(512, 0, 3));
  }

  @Test
  void copyToAnotherProcess_reachesTheRightPageOfItsSuperpage() {
    makeSuperpage();
    int child = lab.fork(PID);
    assertThat(lab.superpage(child, START)).isNotZero();
    var last = List.of(new IoVector(START + 511 * PAGE + 8, 4));
    var seventh = List.of(new IoVector(START + 7 * PAGE, 4));
    // The child's page is copied out of the superpage that it shares; the parent's stays.
    lab.run(new Command.ProcessVmWritev(PID, child, seventh, last));
    assertThat(lab.read(child, START + 511 * PAGE + 8, 4)).containsExactly(7, 0, 0, 0);
    assertThat(lab.read(PID, START + 511 * PAGE + 8, 4)).containsOnly(0);
    lab.write(child, START + 100 * PAGE, new byte[] {42});
    var hundredth = List.of(new IoVector(START + 100 * PAGE, 4));
    lab.run(new Command.ProcessVmReadv(PID, child, last, hundredth));
    assertThat(lab.read(PID, START + 511 * PAGE + 8, 4)).containsExactly(42, 0, 0, 0);
    assertThat(lab.read(PID, START + 7 * PAGE, 1)).containsExactly(7);
  }

  @Test
  void readByAnotherProcess_unsharesOnePageOfASharedSuperpage() {
    makeSuperpage();
    int child = lab.fork(PID);
    long here = lab.mmap(PID, PAGE, RW, ANON, -1);
    var local = List.of(new IoVector(here, 1));
    var remote = List.of(new IoVector(START + 7 * PAGE, 1));
    lab.run(new Command.ProcessVmReadv(PID, child, local, remote));
    assertThat(lab.read(PID, here, 1)).containsExactly(7);
    long first = Entry.ppn(lab.superpage(PID, START));
    assertThat(lab.superpage(child, START)).isZero();
    assertThat(lab.frame(first + 7, Frame.MAPPINGS)).isEqualTo(1);
    assertThat(lab.frame(first + 8, Frame.MAPPINGS)).isEqualTo(2);
    assertThat(lab.read(child, START + 7 * PAGE, 1)).containsExactly(7);
  }
}
