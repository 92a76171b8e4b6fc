package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.GuestLab.Ended;
import dev.faultline.lab.TestLab;
import dev.faultline.machine.mmu.Mmu.AdBits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs on musl that wait for events and at words of memory, and that take much memory. */
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

  private static Ended run(TestLab lab, String name) {
    GuestLab guest = new GuestLab(lab).put("/bin/" + name, Programs.file(name));
    return guest.finish(guest.start(List.of(), "/bin/" + name));
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
  void sameEventsTwice_giveTheSameLog() {
    TestLab first = TestLab.lazy();
    TestLab second = TestLab.lazy();
    run(first, "events");
    run(second, "events");
    assertThat(second.records()).isEqualTo(first.records());
  }
}
