package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.PollEvents;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;

/** System calls that wait for any of several descriptors ({@code fs/select.c}). */
final class PollCallGroup implements CallGroup {
  private static final int MOST_POLLED = 1024;

  /** What each of the three sets of {@code pselect6} stands for. */
  private static final int[] SET_EVENTS = {
    PollEvents.IN | PollEvents.HUP | PollEvents.ERR, PollEvents.OUT | PollEvents.ERR, 0
  };

  /** What is asked of a descriptor. */
  private record Asked(int fd, int events) {}

  private final UserAccess user;
  private final ReadyWait wait;
  private final TimeArguments times;
  private final Refusal refusal;

  PollCallGroup(CallContext context) {
    this.wait = new ReadyWait(context);
    this.user = context.user();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(72, "pselect6", "dxxxxx", this::pselect6),
        new SystemCall(73, "ppoll", "xdxxd", this::ppoll));
  }

  private long ppoll(Task task, long[] a) {
    if (a[1] < 0 || a[1] > MOST_POLLED) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "ppoll", a[1]);
    }
    Process process = task.process();
    int ready = 0;
    List<Asked> asked = new ArrayList<>();
    for (int i = 0; i < a[1]; i++) {
      long at = a[0] + 8L * i;
      int fd = user.readInt(process.space(), at);
      int events = user.readInt(process.space(), at + 4) & 0xffff;
      asked.add(new Asked(fd, events | PollEvents.ALWAYS));
      int found = events(process, fd, events | PollEvents.ALWAYS);
      user.writeInt(process.space(), at + 4, events | found << 16);
      ready += found != 0 ? 1 : 0;
    }
    if (ready == 0) {
      awaitAny(task, asked, a[2], a[3]);
    }
    task.signals().resume();
    return ready;
  }

  /**
   * The sets are bits for descriptors from 0 on, and are left with those that are ready. The last
   * argument points to the address of a signal mask and its size.
   */
  private long pselect6(Task task, long[] a) {
    if ((int) a[0] < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "pselect6", a[0]);
    }
    int count = (int) Math.min(a[0], MOST_POLLED);
    int words = count + 63 >>> 6;
    long[][] ready = new long[SET_EVENTS.length][words];
    int found = 0;
    List<Asked> asked = new ArrayList<>();
    for (int set = 0; set < SET_EVENTS.length; set++) {
      for (int fd = 0; a[1 + set] != 0 && fd < count; fd++) {
        long bit = 1L << fd;
        if ((user.readLong(task.space(), a[1 + set] + (fd >>> 6 << 3)) & bit) == 0) {
          continue;
        }
        task.process().descriptors().get(fd);
        asked.add(new Asked(fd, SET_EVENTS[set]));
        if (events(task.process(), fd, SET_EVENTS[set]) != 0) {
          ready[set][fd >>> 6] |= bit;
          found++;
        }
      }
    }
    if (found == 0) {
      awaitAny(task, asked, a[4], a[5] == 0 ? 0 : user.readLong(task.space(), a[5]));
    }
    task.signals().resume();
    for (int set = 0; set < SET_EVENTS.length; set++) {
      for (int word = 0; a[1 + set] != 0 && word < words; word++) {
        user.writeLong(task.space(), a[1 + set] + 8L * word, ready[set][word]);
      }
    }
    return found;
  }

  /** Waits until one of them is ready, for the time at an address if there is one. */
  private void awaitAny(Task task, List<Asked> asked, long timeout, long mask) {
    Process process = task.process();
    wait.await(
        task,
        () -> isAnyReady(process, asked),
        () -> timeout == 0 ? Wait.NO_DEADLINE : times.deadline(task.space(), timeout, false, false),
        mask);
  }

  private static boolean isAnyReady(Process process, List<Asked> asked) {
    return asked.stream().anyMatch(one -> events(process, one.fd, one.events) != 0);
  }

  private static int events(Process process, int fd, int wanted) {
    if (fd < 0) {
      return 0;
    }
    Description open = process.descriptors().find(fd);
    return open == null ? PollEvents.NVAL : wanted & PollEvents.of(open);
  }
}
