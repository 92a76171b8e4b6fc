package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.GuestLab.Ended;
import dev.faultline.lab.TestLab;
import dev.faultline.machine.mmu.Mmu.AdBits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs on musl that wait for events and at words of memory, and that take much memory. */
@Execution(ExecutionMode.CONCURRENT)
class MuslProgramsTest {
  /** What the source of {@code events} prints on the host's Linux. */
  private static final String EVENTS =
      """
      counter 3, empty 1, short 1, full 1, never 1
      semaphore 2
      waited for 5
      timer 1, rest 1, every 1000000, polled 1, not written 1, off 0, past 1, bad clock 1
      epoll, nothing [] [], both [p:1 e:1], level [p:1], edge [e:1] [], once [w:4] [] [w:4], end [p:10] []
      refused: twice 1, unknown 1, file 1, null 1, itself 1, closed 1, circle 1, no room 1
      epoll in epoll [p:1]
      fifo 10640, nobody reads 1, 7 bytes through, then 0, no writer yet 0 0, gone 10, itself 1, device 1
      open is cut 1 by 14, and leaves no reader 1, they meet 1
      owner 12 34 mode 755, then 12 56, link 7 8, below 0 99 2755, made by another 100 99 100 200
      asleep it stands 0 1, awake it runs 26 27 27
      sockets 4 ab abcd back type 1, empty 1, end 0, hung up 11, nobody 1, a pipe is none 1
      """;

  /** What the source of {@code futexes} prints there. */
  private static final String FUTEXES =
      """
      bits: 1, 2, woken 3, none 1, in the end 4
      requeue: 3, woken 1, there 2, woken 3, differs 1, compared 1, at the second 1, in the end 4
      wake_op: 2, word 7, woken 2, then 0, word 23, then 1, word 4
      times: -1 1, relative 1, differs 1, askew 1
      membarrier: asked 1, early 1, registered 0, late 0
      usage: time 1, faults 1, largest 1
      harts: on the last 1, alone 1, main keeps all 1, nowhere 1, nobody 1
      """;

  /** What the source of {@code memory} prints there. */
  private static final String MEMORY =
      """
      thread-local 326400781 326400791 326400801, here 0 77
      blocks 32640/0 65280/0 130560/0 261120/0
      small ones 211347
      child 11, parent keeps 3072 9
      """;

  /** What the source of {@code watching} prints on riscv64 Linux. */
  private static final String WATCHING =
      """
      watches 1 2 1
      nothing:
      new: 1:create=a 1:open=a 1:modify=a 1:close-write=a
      again: 1:open=a 1:modify=a 1:close-write=a
      elsewhere: 2:create=b
      read and written: 1:open=a 1:access=a 1:modify=a
      a copy is left: 1:access=a
      closed: 1:close-write=a
      attributes: 1:attrib=a 1:modify=a
      names: 1:create/=s 1:create=l 1:create=h 1:create=p
      moved: 1:from=a#0 1:to=c#0 1:from=c#1 2:to=c#1 2:from=c#2 1:from/=s#3 2:to/=s#3 2:from/=s#4 1:to/=s#4
      over another: 2:from=b#5 1:to=h#5
      gone: 1:delete=h 1:delete=l 1:delete=p 1:delete/=s
      directories gone: 2:ignored 1:delete-self 1:ignored
      no watch left 1
      both are told: 1:open=f 2:open 1:modify=f 2:modify 1:modify=f 2:modify 2:close-write
      moved: 1:from=f#6 1:to=g#6 2:move-self
      held: 1:open=g 2:open 2:attrib 1:delete=g
      let go: 2:close 2:delete-self 2:ignored
      once: 1:open=o 1:modify=o 1:open=o 1:modify=o 3:modify 3:ignored 1:modify=o 1:open=o 1:modify=o
      more of it 1, is there 17, no directory 20, no name 2, no event 22, no inotify 22, bad flags 22
      added: 1:open=o 4:open 1:modify=o 4:close-write
      removed: 4:ignored
      link and file 1
      gone: 5:ignored 1:delete=l 6:ignored 1:delete=o
      quiet 0 0, waited 1 1, bytes 32, short 22, read 32 later
      blocked until 32 latest, not written 9
      signals, at first none 1 0 0, polled 1 1 1, sent 10 code 0 own 1, queued 35 code -1 value 7 own 1, then none 1
      child told 1, ended 17 code 1 status 5, same 1, not wanted none 1, wanted 12 code -6 own 1, two 2 10 17
      refused: short 22, file 22, flags 22, written 22, closed 9
      a thread waited for 10
      pipe: all of it 1, as it was 1
      socket: all of it 1, as it was 1
      without waiting 65536, then 1, full and interrupted 1, interrupted after 65536
      reader gone 1, gone after 65536
      """;

  private static Ended run(TestLab lab, String name) {
    GuestLab guest = new GuestLab(lab).put("/bin/" + name, Programs.file(name));
    return guest.finish(guest.start(List.of(), "/bin/" + name, "/tmp"));
  }

  @Test
  void eventsFifosOwnersAndTimers_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "events");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(EVENTS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void futexesBarriersAndHarts_areLinuxOwn(int harts) {
    Ended ended = run(HartsTest.of(harts, AdBits.HARDWARE), "futexes");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(FUTEXES);
  }

  @Test
  void largeThreadLocalMemoryBlocksOfMegabytesAndFork_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "memory");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(MEMORY);
  }

  @Test
  void watchedFilesSignalsAsFilesAndFullPipes_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "watching");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(WATCHING);
  }

  @Test
  void locksOfFilesAndSizesOfPipes_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "locks");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("locks.out"));
  }

  @Test
  void sharedSegmentsSealedMemoryAndReorderedPages_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "shared");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("shared.out"));
  }

  @Test
  void permissionsOwnersAndProgramsThatActAsTheirOwner_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "rights");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("rights.out"));
  }

  @Test
  void callThatWaits_goesOnWithTheFileThatItBeganWith() {
    Ended ended = run(TestLab.lazy(), "held");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("held.out"));
  }

  @Test
  void socketsWithNamesMessagesAndFilesInThem_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "sockets");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("sockets.out"));
  }

  @Test
  void semaphoresThatAreUndoneAtTheEnd_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "semaphores");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("semaphores.out"));
  }

  @Test
  void processesAsFiles_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "pidfds");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("pidfds.out"));
  }

  @Test
  void piecesOfMemoryProgramsBehindDescriptorsAndPolicies_areLinuxOwn() {
    Ended ended = run(TestLab.lazy(), "pieces");
    assertThat(ended.output()).as(ended.errors()).isEqualTo(RealLinux.recorded("pieces.out"));
  }

  @Test
  void sameEventsTwice_giveTheSameLog() {
    TestLab first = TestLab.lazy();
    TestLab second = TestLab.lazy();
    run(first, "events");
    run(second, "events");
    assertThat(second.records()).isEqualTo(first.records());
  }
}
