package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What comes in before anyone asks for it: readahead and fault-around. */
class PrefetchTest {
  private static final int FILE_PAGES = 100;

  private static TestLab lab(int readahead, int faultAround) {
    return lab(readahead, faultAround, 4096, AdBits.HARDWARE);
  }

  private static TestLab lab(int readahead, int faultAround, int frames, AdBits adBits) {
    var machine = new MachineConfiguration(frames, PagingMode.SV39, 32, 4, adBits);
    var kernel =
        new KernelConfiguration(
            machine,
            PrivateFileStrategy.LAZY,
            new Prefetch(readahead, faultAround),
            0,
            ReclaimPolicy.LRU,
            Overcommit.ALWAYS);
    TestLab lab = TestLab.open(new Settings("prefetch", 0, kernel));
    lab.put("/f", pattern(FILE_PAGES * PAGE - 100));
    assertThat(lab.spawn()).isEqualTo(1);
    return lab;
  }

  private static long map(TestLab lab, int sharing) {
    return lab.mmap(1, FILE_PAGES * PAGE, RW, sharing, lab.open(1, "/f", RDWR));
  }

  private static List<Long> cached(TestLab lab) {
    Rows rows = lab.state().rows(Table.CACHED_PAGE);
    return Arrays.stream(rows.sortedKeys())
        .mapToObj(key -> rows.get(key, Table.CachedPage.PAGE))
        .sorted()
        .toList();
  }

  private static List<Long> marked(TestLab lab) {
    Rows rows = lab.state().rows(Table.CACHED_PAGE);
    return Arrays.stream(rows.sortedKeys())
        .filter(key -> rows.get(key, Table.CachedPage.MARKED) == 1)
        .mapToObj(key -> rows.get(key, Table.CachedPage.PAGE))
        .toList();
  }

  /** The pages that process 1 has mapped, as pages from {@code address} on. */
  private static List<Long> mapped(TestLab lab, long address) {
    FoldedState state = lab.state();
    Rows rows = state.rows(Table.PTE);
    return Arrays.stream(rows.sortedKeys())
        .filter(key -> rows.get(key, Table.Pte.LEVEL) == 0)
        .mapToObj(key -> (rows.get(key, Table.Pte.VA) - address) / PAGE)
        .sorted()
        .toList();
  }

  private static List<Long> pages(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private static Outcome pread(TestLab lab, int fd, long page, int count) {
    return lab.run(new Command.Pread(1, new Command.ByDescriptor(fd), count * PAGE, page * PAGE));
  }

  @Test
  void withoutPrefetch_aFaultBringsInOnePage() {
    TestLab lab = lab(0, 0);
    long address = map(lab, PRIVATE);
    lab.read(1, address + 50 * PAGE, 1);
    assertThat(cached(lab)).containsExactly(50L);
    assertThat(mapped(lab, address)).containsExactly(50L);
  }

  @Test
  void missingFault_readsHalfAWindowBeforeAndHalfBehind() {
    TestLab lab = lab(16, 0);
    long address = map(lab, PRIVATE);
    Outcome read = lab.tryRead(1, address + 50 * PAGE, 1);
    assertThat(cached(lab)).isEqualTo(pages(42, 57));
    assertThat(marked(lab)).containsExactly(54L);
    assertThat(lab.steps(read)).containsOnlyOnce(StepKind.READS_AROUND, StepKind.READS_DISK_RUN);
    assertThat(lab.steps(read)).doesNotContain(StepKind.READS_DISK);
    assertThat(read.story()).contains("16 pages read at once");
    assertThat(lab.records()).anyMatch(record -> record.contains("16 pages from page 42 on"));
    lab.read(1, address + 3 * PAGE, 1);
    assertThat(cached(lab).subList(0, 16)).isEqualTo(pages(0, 15));
  }

  @Test
  void faultOnTheMark_readsTheNextWindowAndMovesTheMark() {
    TestLab lab = lab(16, 0);
    long address = map(lab, PRIVATE);
    lab.read(1, address + 50 * PAGE, 1);
    Outcome fault = lab.tryRead(1, address + 54 * PAGE, 1);
    assertThat(lab.steps(fault)).contains(StepKind.CACHE_HIT, StepKind.NEXT_WINDOW);
    assertThat(cached(lab)).isEqualTo(pages(42, 73));
    assertThat(marked(lab)).containsExactly(58L);
  }

  @Test
  void window_endsWithTheFile() {
    TestLab lab = lab(16, 0);
    long address = map(lab, PRIVATE);
    byte[] last = lab.read(1, address + 99L * PAGE, PAGE);
    assertThat(cached(lab)).isEqualTo(pages(91, 99));
    assertThat(Arrays.copyOf(last, PAGE - 100))
        .isEqualTo(Arrays.copyOfRange(pattern(100 * PAGE), 99 * PAGE, 100 * PAGE - 100));
    assertThat(Arrays.copyOfRange(last, PAGE - 100, PAGE)).containsOnly(0);
  }

  @Test
  void adviceRandom_readsThePageAloneAndSequentialAWindowFromItOn() {
    TestLab lab = lab(16, 0);
    long address = map(lab, PRIVATE);
    lab.run(new Command.Madvise(1, address, FILE_PAGES * PAGE, Advice.RANDOM.number()));
    lab.read(1, address + 50 * PAGE, 1);
    assertThat(cached(lab)).containsExactly(50L);
    lab.run(new Command.Madvise(1, address, FILE_PAGES * PAGE, Advice.SEQUENTIAL.number()));
    lab.read(1, address + 20 * PAGE, 1);
    assertThat(cached(lab).subList(0, 16)).isEqualTo(pages(20, 35));
  }

  @Test
  void adviceWillneed_readsItsRangeInOneRequest() {
    TestLab lab = lab(0, 0);
    long address = map(lab, PRIVATE);
    Outcome advice =
        lab.run(new Command.Madvise(1, address + 90L * PAGE, 10L * PAGE, Advice.WILLNEED.number()));
    assertThat(cached(lab)).isEqualTo(pages(90, 99));
    assertThat(lab.steps(advice)).containsOnlyOnce(StepKind.READS_DISK_RUN);
  }

  @Test
  void sequentialReads_growTheirWindows() {
    TestLab lab = lab(32, 0);
    int fd = lab.open(1, "/f", RDONLY);
    pread(lab, fd, 0, 1);
    assertThat(cached(lab)).isEqualTo(pages(0, 3));
    assertThat(marked(lab)).containsExactly(1L);
    Outcome atTheMark = pread(lab, fd, 1, 1);
    assertThat(lab.steps(atTheMark)).contains(StepKind.NEXT_WINDOW);
    assertThat(cached(lab)).isEqualTo(pages(0, 11));
    assertThat(marked(lab)).containsExactly(4L);
    pread(lab, fd, 2, 1);
    pread(lab, fd, 3, 1);
    assertThat(cached(lab)).isEqualTo(pages(0, 11));
    pread(lab, fd, 4, 1);
    assertThat(cached(lab)).isEqualTo(pages(0, 27));
    pread(lab, fd, 12, 1);
    assertThat(cached(lab)).isEqualTo(pages(0, 59));
  }

  @Test
  void randomRead_bringsInWhatItWantsAndNoMore() {
    TestLab lab = lab(32, 0);
    int fd = lab.open(1, "/f", RDONLY);
    Outcome read = pread(lab, fd, 50, 2);
    assertThat(lab.steps(read)).contains(StepKind.READS_ALONE);
    assertThat(cached(lab)).isEqualTo(pages(50, 51));
    assertThat(marked(lab)).isEmpty();
  }

  @Test
  void readThatGoesOnWhereTheLastOneEnded_isTakenForSequential() {
    TestLab lab = lab(32, 0);
    int fd = lab.open(1, "/f", RDONLY);
    pread(lab, fd, 50, 1);
    Outcome next = pread(lab, fd, 51, 1);
    assertThat(lab.steps(next)).contains(StepKind.BEGINS_WINDOW);
    assertThat(cached(lab)).isEqualTo(pages(50, 54));
  }

  @Test
  void pagesJustBefore_areTakenForASequentialReadersTraces() {
    TestLab lab = lab(32, 0);
    pread(lab, lab.open(1, "/f", RDONLY), 10, 6);
    pread(lab, lab.open(1, "/f", RDONLY), 16, 2);
    assertThat(cached(lab)).isEqualTo(pages(10, 23));
  }

  @Test
  void manyMissesOfFaults_endTheReadingAround() {
    TestLab lab = lab(2, 0);
    lab.put("/long", new byte[500 * PAGE]);
    long address = lab.mmap(1, 500 * PAGE, R, PRIVATE, lab.open(1, "/long", RDONLY));
    for (int i = 1; i <= 100; i++) {
      lab.laboratory().execute(new Command.Read(1, address + 4L * i * PAGE, 1));
    }
    Outcome oneMore = lab.tryRead(1, address + 404L * PAGE, 1);
    assertThat(lab.steps(oneMore)).contains(StepKind.READS_DISK);
    assertThat(lab.steps(oneMore)).doesNotContain(StepKind.READS_AROUND);
  }

  @Test
  void readingAhead_takesOnlyFreeFrames() {
    TestLab lab = lab(64, 16, 32, AdBits.HARDWARE);
    long address = map(lab, PRIVATE);
    lab.write(1, address, new byte[] {1});
    for (int page = 0; page < FILE_PAGES; page += 7) {
      byte[] expected = {pattern(FILE_PAGES * PAGE)[page * PAGE + 1]};
      assertThat(lab.read(1, address + (long) page * PAGE + 1, 1)).isEqualTo(expected);
      lab.munmap(1, address + (long) page * PAGE, PAGE);
    }
  }

  @Test
  void sharedAnonymousMemory_hasNoDiskToReadAheadFrom() {
    TestLab lab = lab(16, 0);
    long address = lab.mmap(1, 20 * PAGE, RW, SHARED | ANONYMOUS, -1);
    lab.read(1, address + 5 * PAGE, 1);
    assertThat(cached(lab)).containsExactly(5L);
  }

  @Test
  void readFault_mapsTheCachedPagesOfItsWindow() {
    TestLab lab = lab(0, 16);
    pread(lab, lab.open(1, "/f", RDONLY), 30, 20);
    long address = map(lab, PRIVATE);
    int free = lab.freeFrames();
    Outcome read = lab.tryRead(1, address + 37 * PAGE, 1);
    long window = (address + 37 * PAGE & -16 * PAGE) / PAGE - address / PAGE;
    List<Long> expected = pages(Math.max(window, 30), Math.min(window + 15, 49));
    assertThat(mapped(lab, address)).isEqualTo(expected);
    assertThat(lab.steps(read)).containsOnlyOnce(StepKind.MAPS_AROUND);
    assertThat(read.story()).contains(expected.size() + " pages mapped around");
    assertThat(lab.freeFrames()).isEqualTo(free - 2);
    Outcome neighbour = lab.tryRead(1, address + expected.getFirst() * PAGE, 1);
    assertThat(lab.steps(neighbour)).doesNotContain(StepKind.TRAPS);
  }

  @Test
  void entriesMappedAround_haveNeitherWNorDAndAOnlyIfTheMmuCannotSetIt() {
    for (AdBits adBits : AdBits.values()) {
      TestLab lab = lab(16, 16, 4096, adBits);
      long address = map(lab, SHARED);
      lab.read(1, address + 8 * PAGE, 1);
      lab.read(1, address + 9 * PAGE, 1);
      long other = mapped(lab, address).stream().filter(page -> page < 8).findFirst().orElseThrow();
      long entry = lab.entry(1, address + other * PAGE);
      assertThat(entry & (Entry.W | Entry.D)).isZero();
      assertThat(entry & Entry.A).isEqualTo(adBits == AdBits.FAULT ? Entry.A : 0);
    }
  }

  @Test
  void missingPage_isReadAndItsCachedNeighboursAreMappedAllTheSame() {
    TestLab lab = lab(0, 16);
    int fd = lab.open(1, "/f", RDONLY);
    long address = map(lab, PRIVATE);
    long aligned = -(address / PAGE) & 15;
    pread(lab, fd, aligned + 1, 1);
    lab.read(1, address + (aligned + 3) * PAGE, 1);
    assertThat(mapped(lab, address)).containsExactly(aligned + 1, aligned + 3);
  }

  @Test
  void writeFault_mapsNothingAround() {
    for (int sharing : new int[] {PRIVATE, SHARED}) {
      TestLab lab = lab(16, 16);
      long address = map(lab, sharing);
      lab.write(1, address + 8 * PAGE, new byte[] {1});
      assertThat(mapped(lab, address)).containsExactly(8L);
    }
  }

  @Test
  void windowAround_staysWithinTheVma() {
    TestLab lab = lab(0, 512);
    int fd = lab.open(1, "/f", RDONLY);
    pread(lab, fd, 0, FILE_PAGES);
    long address = lab.mmap(1, 0, 10 * PAGE, R, PRIVATE, fd, 20 * PAGE);
    lab.read(1, address + 4 * PAGE, 1);
    assertThat(mapped(lab, address)).isEqualTo(pages(0, 9));
  }

  @Test
  void windowAround_staysWithinTheTableAndTheFile() {
    TestLab lab = lab(0, 512);
    int fd = lab.open(1, "/f", RDONLY);
    pread(lab, fd, 0, FILE_PAGES);
    long table = 0x20_0000L;
    long address = 0x4000_0000 - 50L * PAGE;
    assertThat(address + 50L * PAGE & table - 1).isZero();
    lab.mmap(1, address, 2 * FILE_PAGES * PAGE, R, PRIVATE | TestLab.FIXED, fd, 0);
    lab.read(1, address + 49L * PAGE, 1);
    assertThat(mapped(lab, address)).isEqualTo(pages(0, 49));
    lab.read(1, address + 60L * PAGE, 1);
    assertThat(mapped(lab, address)).isEqualTo(pages(0, 99));
    long past = address + (long) FILE_PAGES * PAGE;
    assertSignal(lab.tryRead(1, past, 1), "SIGBUS BUS_ADRERR", past);
  }

  @Test
  void markedPage_isLeftToFaultSoThatReadingGoesOn() {
    TestLab lab = lab(16, 16);
    long address = map(lab, PRIVATE);
    lab.read(1, address + 50 * PAGE, 1);
    long mark = marked(lab).getFirst();
    lab.read(1, address + (mark - 1) * PAGE, 1);
    lab.read(1, address + (mark + 1) * PAGE, 1);
    assertThat(mapped(lab, address)).doesNotContain(mark);
    Outcome atTheMark = lab.tryRead(1, address + mark * PAGE, 1);
    assertThat(lab.steps(atTheMark)).contains(StepKind.TRAPS, StepKind.NEXT_WINDOW);
  }
}
