package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.SwapSlot;
import dev.faultline.machine.mmu.Entry;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pages that leave memory for swap slots, and what every call makes of them. */
class SwapTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.withSwap(64, 64, ReclaimPolicy.LRU);
  private int pid;

  @BeforeEach
  void spawn() {
    pid = lab.spawn();
  }

  private Outcome advise(int process, long address, long length, Advice advice) {
    return lab.run(new Command.Madvise(process, address, length, advice.number()));
  }

  /** Private anonymous memory with a pattern, all of it swapped out. */
  private long swappedOut(int pages) {
    long address = lab.mmap(pid, pages * PAGE, RW, ANON, -1);
    lab.write(pid, address, pattern(pages * PAGE));
    assertThat(advise(pid, address, pages * PAGE, Advice.PAGEOUT).errno()).isNull();
    assertThat(slots()).isEqualTo(pages);
    return address;
  }

  private int slots() {
    return lab.state().rows(Table.SWAP_SLOT).size();
  }

  private long slot(long number, SwapSlot column) {
    return lab.state().rows(Table.SWAP_SLOT).get(number, column);
  }

  private byte[] residency(long address, long length) {
    Outcome outcome = lab.run(new Command.Mincore(pid, address, length));
    return outcome.result() instanceof Result.Pages(byte[] pages) ? pages : new byte[0];
  }

  @ParameterizedTest
  @EnumSource
  void moreThanMemoryHolds_comesBackUnchangedUnderEachPolicy(ReclaimPolicy policy) {
    TestLab small = TestLab.withSwap(32, 100, policy);
    int process = small.spawn();
    long address = small.mmap(process, 80 * PAGE, RW, ANON, -1);
    small.write(process, address, pattern(80 * PAGE));
    assertThat(small.state().rows(Table.SWAP_SLOT).size()).isGreaterThan(50);
    assertThat(small.read(process, address, 80 * PAGE)).isEqualTo(pattern(80 * PAGE));
    small.exit(process);
    assertThat(small.state().rows(Table.SWAP_SLOT).size()).isZero();
    assertThat(small.count(Table.FRAME, Table.Frame.KIND, "anon")).isZero();
  }

  @Test
  void pageOut_writesTheSlotThatTheEntryNames() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, pattern(PAGE));
    long ppn = lab.frameOf(pid, address);
    Outcome out = advise(pid, address, PAGE, Advice.PAGEOUT);
    assertThat(lab.steps(out)).contains(StepKind.CHOOSES, StepKind.WRITES_SLOT);
    assertThat(out.story()).contains("frame 0x" + Long.toHexString(ppn) + " swapped out to slot 1");
    long entry = lab.entry(pid, address);
    assertThat(Entry.isSwapped(entry)).isTrue();
    assertThat(Entry.isPresent(entry) || Entry.isLeaf(entry)).isFalse();
    assertThat(slot(Entry.slot(entry), SwapSlot.REFS)).isEqualTo(1);
    assertThat(slot(Entry.slot(entry), SwapSlot.ENTRIES)).isEqualTo(1);
    assertThat(residency(address, PAGE)).containsExactly(0);
  }

  @Test
  void touchOfASwappedPage_isAMajorFaultThatFreesTheSlot() {
    long address = swappedOut(1);
    Outcome touch = lab.tryRead(pid, address, 8);
    assertThat(lab.steps(touch))
        .containsSubsequence(
            StepKind.TRAPS,
            StepKind.SWAPPED_OUT,
            StepKind.TAKES_FRAME,
            StepKind.READS_SLOT,
            StepKind.WRITES_ENTRY,
            StepKind.FREES_SLOT,
            StepKind.RETRIES);
    assertThat(touch.why()).contains("in swap slot 1").contains("major fault");
    assertThat(residency(address, PAGE)).containsExactly(1);
    assertThat(slots()).isZero();
    assertThat(lab.steps(lab.write(pid, address, new byte[] {1})))
        .as("the page is this process's alone and can be written at once")
        .doesNotContain(StepKind.TRAPS);
  }

  @Test
  void fork_sharesTheSlotAndEachGetsAFrameOfItsOwn() {
    long address = swappedOut(1);
    int child = lab.fork(pid);
    assertThat(slot(1, SwapSlot.REFS)).isEqualTo(2);
    lab.write(child, address, filled(PAGE, 7));
    assertThat(slot(1, SwapSlot.REFS)).isEqualTo(1);
    assertThat(lab.read(pid, address, PAGE)).isEqualTo(pattern(PAGE));
    assertThat(lab.read(child, address, PAGE)).containsOnly(7);
    assertThat(slots()).isZero();
  }

  @Test
  void sharedFrame_leavesEveryProcessForOneSlot() {
    TestLab small = TestLab.withSwap(32, 64, ReclaimPolicy.FIFO);
    int parent = small.spawn();
    long address = small.mmap(parent, PAGE, RW, ANON, -1);
    small.write(parent, address, pattern(PAGE));
    int child = small.fork(parent);
    long pressure = small.mmap(parent, 30 * PAGE, RW, ANON, -1);
    small.write(parent, pressure, filled(30 * PAGE, 1));
    long entry = small.entry(parent, address);
    assertThat(Entry.isSwapped(entry)).isTrue();
    assertThat(small.entry(child, address)).isEqualTo(entry);
    assertThat(small.state().rows(Table.SWAP_SLOT).get(Entry.slot(entry), SwapSlot.ENTRIES))
        .isEqualTo(2);
    assertThat(small.read(child, address, PAGE)).isEqualTo(pattern(PAGE));
    assertThat(small.read(parent, address, PAGE)).isEqualTo(pattern(PAGE));
  }

  @Test
  void munmapExitAndDontNeed_freeSlots() {
    long address = swappedOut(6);
    lab.munmap(pid, address, 2 * PAGE);
    assertThat(slots()).isEqualTo(4);
    advise(pid, address + 2 * PAGE, PAGE, Advice.DONTNEED);
    assertThat(slots()).isEqualTo(3);
    assertThat(lab.read(pid, address + 2 * PAGE, PAGE)).containsOnly(0);
    advise(pid, address + 3 * PAGE, PAGE, Advice.FREE);
    assertThat(slots()).isEqualTo(2);
    lab.exit(pid);
    assertThat(slots()).isZero();
  }

  @Test
  void mremap_movesTheEntriesOfSwappedPages() {
    long address = swappedOut(3);
    long entry = lab.entry(pid, address + PAGE);
    long target = 0x20_0000_0000L;
    Outcome moved = lab.run(new Command.Mremap(pid, address, 3 * PAGE, 3 * PAGE, 1 | 2, target));
    assertThat(lab.steps(moved)).contains(StepKind.MOVES_SWAPPED);
    assertThat(lab.entry(pid, target + PAGE)).isEqualTo(entry);
    assertThat(slots()).isEqualTo(3);
    assertThat(lab.read(pid, target, 3 * PAGE)).isEqualTo(pattern(3 * PAGE));
  }

  @Test
  void mprotect_isObeyedWhenThePageComesBack() {
    long address = swappedOut(1);
    lab.run(new Command.Mprotect(pid, address, PAGE, Prot.READ));
    assertThat(lab.read(pid, address, PAGE)).isEqualTo(pattern(PAGE));
    assertThat(lab.tryWrite(pid, address, new byte[] {1}).signal()).isNotNull();
    lab.run(new Command.Mprotect(pid, address, PAGE, Prot.READ | Prot.WRITE));
    lab.write(pid, address, new byte[] {1});
  }

  @Test
  void willNeed_bringsSwappedPagesBack() {
    long address = swappedOut(3);
    advise(pid, address, 2 * PAGE, Advice.WILLNEED);
    assertThat(residency(address, 3 * PAGE)).containsExactly(1, 1, 0);
    assertThat(lab.steps(lab.tryRead(pid, address, 1))).doesNotContain(StepKind.TRAPS);
  }

  @Test
  void lockedPages_areNeverTaken() {
    TestLab small = TestLab.withSwap(40, 64, ReclaimPolicy.CLOCK);
    int process = small.spawn();
    long locked = small.mmap(process, 4 * PAGE, RW, ANON, -1);
    small.run(new Command.Mlock(process, locked, 4 * PAGE));
    small.write(process, locked, pattern(4 * PAGE));
    long address = small.mmap(process, 60 * PAGE, RW, ANON, -1);
    small.write(process, address, filled(60 * PAGE, 3));
    for (int page = 0; page < 4; page++) {
      assertThat(Entry.isPresent(small.entry(process, locked + page * PAGE))).isTrue();
    }
    assertErrno(
        small.run(new Command.Madvise(process, locked, PAGE, Advice.PAGEOUT.number())),
        Errno.EINVAL);
  }

  @Test
  void freedPages_areDroppedUnlessTheyAreWrittenAgain() {
    TestLab small = TestLab.withSwap(40, 64, ReclaimPolicy.LRU);
    int process = small.spawn();
    long address = small.mmap(process, 2 * PAGE, RW, ANON, -1);
    small.write(process, address, pattern(2 * PAGE));
    small.run(new Command.Madvise(process, address, 2 * PAGE, Advice.FREE.number()));
    assertThat(small.count(Table.FRAME, Table.Frame.LAZY, "true")).isEqualTo(2);
    assertThat(small.read(process, address, 2 * PAGE)).isEqualTo(pattern(2 * PAGE));
    small.write(process, address, new byte[] {1});
    long pressure = small.mmap(process, 60 * PAGE, RW, ANON, -1);
    Outcome squeezed = small.write(process, pressure, filled(60 * PAGE, 3));
    assertThat(small.steps(squeezed)).containsOnlyOnce(StepKind.DISCARDS);
    byte[] kept = pattern(PAGE);
    kept[0] = 1;
    assertThat(small.read(process, address, PAGE)).isEqualTo(kept);
    assertThat(small.read(process, address + PAGE, PAGE)).containsOnly(0);
    assertThat(small.count(Table.FRAME, Table.Frame.LAZY, "true")).isZero();
  }

  @Test
  void sharedAnonymousMemory_isSwappedOnceForAll() {
    long address = lab.mmap(pid, 2 * PAGE, RW, SHARED | ANONYMOUS, -1);
    lab.write(pid, address, pattern(2 * PAGE));
    advise(pid, address, 2 * PAGE, Advice.PAGEOUT);
    assertThat(slots()).isEqualTo(2);
    assertThat(slot(1, SwapSlot.CACHED)).isEqualTo(1);
    assertThat(lab.entry(pid, address)).isZero();
    int child = lab.fork(pid);
    lab.write(child, address, new byte[] {42});
    byte[] expected = pattern(2 * PAGE);
    expected[0] = 42;
    assertThat(lab.read(pid, address, 2 * PAGE)).isEqualTo(expected);
    assertThat(slots()).isZero();
    advise(child, address, 2 * PAGE, Advice.DONTNEED);
    advise(pid, address, 2 * PAGE, Advice.PAGEOUT);
    lab.exit(pid);
    lab.exit(child);
    assertThat(slots()).isZero();
  }

  @Test
  void sharedMemory_leavesInOneOrderWithAnonymousMemory() {
    TestLab small = TestLab.withSwap(32, 64, ReclaimPolicy.FIFO);
    int process = small.spawn();
    long young = small.mmap(process, 20 * PAGE, RW, ANON, -1);
    long shared = small.mmap(process, 4 * PAGE, RW, SHARED | ANONYMOUS, -1);
    small.write(process, young, pattern(2 * PAGE));
    small.write(process, shared, pattern(4 * PAGE));
    small.write(process, young + 2 * PAGE, pattern(18 * PAGE));
    long pressure = small.mmap(process, 8 * PAGE, RW, ANON, -1);
    small.write(process, pressure, filled(8 * PAGE, 1));
    assertThat(Entry.isSwapped(small.entry(process, young + PAGE))).as("the oldest").isTrue();
    assertThat(small.entry(process, shared)).as("the next, known to its file alone").isZero();
    assertThat(Entry.isSwapped(small.entry(process, young + 19 * PAGE))).as("young").isFalse();
    assertThat(small.read(process, shared, 4 * PAGE)).isEqualTo(pattern(4 * PAGE));
  }

  @Test
  void memoryFileThatIsCutOrPunched_givesItsSlotsBack() {
    var create = new Command.MemfdCreate(pid, "m", 0);
    int fd = (int) Objects.requireNonNull(lab.run(create).result()).number();
    var file = new Command.ByDescriptor(fd);
    lab.run(new Command.Ftruncate(pid, file, 4 * PAGE));
    long address = lab.mmap(pid, 4 * PAGE, RW, SHARED, fd);
    lab.write(pid, address, filled(4 * PAGE, 'm'));
    advise(pid, address, 4 * PAGE, Advice.PAGEOUT);
    assertThat(slots()).isEqualTo(4);
    int punch = Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;
    lab.run(new Command.Fallocate(pid, file, punch, PAGE / 2, 2 * PAGE));
    assertThat(slots()).as("the page in the middle is gone").isEqualTo(3);
    lab.run(new Command.Ftruncate(pid, file, 2 * PAGE + PAGE / 2));
    assertThat(slots()).isEqualTo(2);
    lab.run(new Command.Ftruncate(pid, file, 4 * PAGE));
    byte[] expected = new byte[4 * PAGE];
    Arrays.fill(expected, 0, PAGE / 2, (byte) 'm');
    assertThat(lab.read(pid, address, 4 * PAGE)).isEqualTo(expected);
    assertThat(slots()).isZero();
  }

  @Test
  void sharedPagesThatOneGaveUp_areKeptForTheOthers() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(PAGE, 'k'));
    int child = lab.fork(pid);
    advise(child, address, PAGE, Advice.FREE);
    lab.exit(child);
    advise(pid, address, PAGE, Advice.PAGEOUT);
    assertThat(lab.read(pid, address, PAGE)).containsOnly('k');
    int heir = lab.fork(pid);
    lab.write(pid, address, filled(1, 'k'));
    int shares = lab.fork(heir);
    advise(heir, address, PAGE, Advice.FREE);
    lab.exit(heir);
    assertThat(lab.read(shares, address, PAGE)).containsOnly('k');
  }

  @Test
  void sharedPageThatAllGaveUp_isGone() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(PAGE, 'k'));
    int child = lab.fork(pid);
    advise(pid, address, PAGE, Advice.FREE);
    lab.exit(child);
    advise(pid, address, PAGE, Advice.PAGEOUT);
    assertThat(slots()).as("nothing had to be kept").isZero();
    assertThat(lab.read(pid, address, PAGE)).containsOnly(0);
  }

  @Test
  void sharedMemoryWithoutASlot_isOnlyUnmapped() {
    TestLab none = TestLab.withSwap(64, 0, ReclaimPolicy.LRU);
    int process = none.spawn();
    long address = none.mmap(process, PAGE, RW, SHARED | ANONYMOUS, -1);
    none.write(process, address, filled(PAGE, 's'));
    none.run(new Command.Madvise(process, address, PAGE, Advice.PAGEOUT.number()));
    assertThat(none.entry(process, address)).isZero();
    assertThat(none.read(process, address, PAGE)).containsOnly('s');
  }

  @Test
  void privateCopies_areSwappedAndGoWhenTheirFileIsCut() {
    lab.put("/f", filled(3 * PAGE, 'A'));
    int fd = lab.open(pid, "/f", RDWR);
    long address = lab.mmap(pid, 3 * PAGE, RW, PRIVATE, fd);
    lab.write(pid, address, filled(3 * PAGE, 'P'));
    advise(pid, address, 3 * PAGE, Advice.PAGEOUT);
    assertThat(slots()).isEqualTo(3);
    assertThat(slot(1, SwapSlot.INODE)).isPositive();
    assertThat(residency(address, PAGE))
        .as("the copy is away; the file's page is not it")
        .containsExactly(0);
    lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(fd), PAGE));
    assertThat(slots()).isEqualTo(1);
    assertThat(lab.read(pid, address, PAGE)).containsOnly('P');
    assertThat(lab.file("/f")).isEqualTo(filled(PAGE, 'A'));
  }

  @Test
  void withoutSwap_anonymousPagesStay() {
    TestLab none = TestLab.withSwap(64, 0, ReclaimPolicy.LRU);
    int process = none.spawn();
    long address = none.mmap(process, PAGE, RW, ANON, -1);
    none.write(process, address, new byte[] {1});
    none.run(new Command.Madvise(process, address, PAGE, Advice.PAGEOUT.number()));
    assertThat(Entry.isPresent(none.entry(process, address))).isTrue();
  }

  @Test
  void zeroPageAndSharedFrames_arePagedOutByNobody() {
    long zero = lab.mmap(pid, PAGE, R, ANON, -1);
    lab.read(pid, zero, 1);
    advise(pid, zero, PAGE, Advice.PAGEOUT);
    assertThat(Entry.isPresent(lab.entry(pid, zero))).isTrue();
    long both = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, both, new byte[] {1});
    lab.fork(pid);
    advise(pid, both, PAGE, Advice.PAGEOUT);
    assertThat(Entry.isPresent(lab.entry(pid, both))).isTrue();
  }
}
