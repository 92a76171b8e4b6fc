package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;

/** System calls that wait for any of several descriptors ({@code fs/select.c}). */
public final class PollCallGroup implements CallGroup {
  private static final int MOST_POLLED = 1024;
  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;
  private static final int POLLERR = 8;
  private static final int POLLHUP = 0x10;
  private static final int POLLNVAL = 0x20;

  /** Told whether it was asked for or not. */
  private static final int ALWAYS = POLLERR | POLLHUP;

  /** What each of the three sets of {@code pselect6} stands for. */
  private static final int[] SET_EVENTS = {POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, 0};

  /** What is asked of a descriptor. */
  private record Asked(int fd, int events) {}

  private final Clock clock;
  private final UserAccess user;
  private final TimeArguments times;
  private final Refusal refusal;

  public PollCallGroup(CallContext context) {
    this.clock = context.clock();
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
      asked.add(new Asked(fd, events | ALWAYS));
      int found = events(process, fd, events | ALWAYS);
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

  /**
   * Waits until one of them is ready; comes back when the time is over.
   *
   * @param timeout the address of a time to wait at most, 0 for no end
   * @param mask the address of the signals to block meanwhile, 0 for those that are
   */
  private void awaitAny(Task task, List<Asked> asked, long timeout, long mask) {
    long deadline = task.callDeadline();
    if (deadline == 0) {
      deadline =
          timeout == 0 ? Wait.NO_DEADLINE : times.deadline(task.space(), timeout, false, false);
      task.setCallDeadline(deadline);
    }
    if (clock.monotonic() >= deadline) {
      return;
    }
    if (mask != 0) {
      task.signals().suspend(user.readLong(task.space(), mask));
    }
    Process process = task.process();
    throw new Blocked(
        Wait.until(() -> isAnyReady(process, asked)).orAt(deadline).endedByHandlers());
  }

  private static boolean isAnyReady(Process process, List<Asked> asked) {
    return asked.stream().anyMatch(one -> events(process, one.fd, one.events) != 0);
  }

  private static int events(Process process, int fd, int wanted) {
    if (fd < 0) {
      return 0;
    }
    Description open = process.descriptors().find(fd);
    if (open == null) {
      return POLLNVAL;
    }
    if (!(open instanceof ByteStream stream)) {
      return wanted & (POLLIN | POLLOUT);
    }
    int found = stream.hasHungUp() ? stream.isReadable() ? POLLHUP : POLLERR : 0;
    if (stream.isReadable() && stream.hasBytes()) {
      found |= POLLIN;
    }
    if (stream.isWritable() && stream.canWrite()) {
      found |= POLLOUT;
    }
    return wanted & found;
  }
}
