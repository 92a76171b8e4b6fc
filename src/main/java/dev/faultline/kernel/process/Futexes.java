package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.mm.Vma;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Threads that wait at words of user memory ({@code kernel/futex}). A word in shared memory is
 * known by its file and place there, so that processes meet at it; any other by its address space
 * and address. Each word has a queue, first come first woken; a word that nobody waits at costs
 * nothing.
 *
 * <p>{@link #exit} is what a thread leaves behind: the locks of its robust list are marked, the
 * word that {@code CLONE_CHILD_CLEARTID} named is cleared, and one that waits at each is woken.
 */
public final class Futexes {
  /** Any of the bits of a wait must be among those of the wake ({@code FUTEX_WAIT_BITSET}). */
  public static final int ANY_BIT = -1;

  /** {@code ROBUST_LIST_LIMIT}: a list may be a circle without its head. */
  private static final int LONGEST_ROBUST_LIST = 2048;

  private static final int FUTEX_WAITERS = 0x8000_0000;
  private static final int FUTEX_OWNER_DIED = 0x4000_0000;
  private static final int FUTEX_TID_MASK = 0x3fff_ffff;

  /**
   * Where a word is.
   *
   * @param memory a file or an address space, which are the same only as themselves
   * @param isPrivate whether its callers say that it is nobody else's (FUTEX_PRIVATE_FLAG)
   */
  public record Key(Object memory, long offset, boolean isPrivate) {}

  /** A thread in a queue. */
  private final class Waiter implements UnfinishedCall {
    private Key key;
    private final int bits;
    private boolean woken;

    private Waiter(Key key, int bits) {
      this.key = key;
      this.bits = bits;
    }

    boolean isWoken() {
      return woken;
    }

    /** It waits no more, woken or not. */
    @Override
    public void leave() {
      List<Waiter> queue = queues.get(key);
      if (queue != null) {
        queue.remove(this);
        if (queue.isEmpty()) {
          queues.remove(key);
        }
      }
    }
  }

  private final UserAccess user;
  private final ChangeLog log;
  private final Refusal refusal;
  private final Map<Key, List<Waiter>> queues = new HashMap<>();

  public Futexes(UserAccess user, ChangeLog log) {
    this.user = user;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** The word at an address ({@code get_futex_key}). */
  public Key key(AddressSpace space, long va, boolean isPrivate) {
    if ((va & 3) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "futex address", va);
    }
    if (isPrivate) {
      return new Key(space, va, true);
    }
    user.readInt(space, va);
    Vma vma = space.vmas().find(va);
    RegularFile file = vma == null || !vma.isShared() ? null : vma.file();
    return file == null || vma == null
        ? new Key(space, va, false)
        : new Key(file, va - vma.start() + vma.fileOffset(), false);
  }

  /** Whether a thread that makes the call again has been woken. */
  public boolean isWoken(Task task) {
    return task.unfinishedCall() instanceof Waiter waiter && waiter.isWoken();
  }

  /** Whether a thread that makes the call again has waited before. */
  public boolean isQueued(Task task) {
    return task.unfinishedCall() instanceof Waiter;
  }

  /** The thread comes last in the queue; the wait ends when it is woken. */
  public Wait enqueue(Task task, Key key, int bits) {
    if (task.unfinishedCall() instanceof Waiter waiter) {
      waiter.leave();
    }
    var queued = new Waiter(key, bits);
    queues.computeIfAbsent(key, none -> new ArrayList<>()).add(queued);
    task.setUnfinishedCall(queued);
    return Wait.until(queued::isWoken);
  }

  /** Wakes at most so many; gives how many. */
  public int wake(Key key, int most, int bits) {
    int woken = 0;
    for (Waiter waiter : List.copyOf(queues.getOrDefault(key, List.of()))) {
      if (woken >= most) {
        break;
      }
      if ((waiter.bits & bits) != 0) {
        waiter.woken = true;
        waiter.leave();
        woken++;
      }
    }
    log.step(StepKind.WAKES_WAITERS, woken);
    return woken;
  }

  /** Makes at most so many wait at another word instead; gives how many. */
  public int requeue(Key from, Key to, int most) {
    int moved = 0;
    for (Waiter waiter : List.copyOf(queues.getOrDefault(from, List.of()))) {
      if (moved >= most) {
        break;
      }
      waiter.leave();
      waiter.key = to;
      queues.computeIfAbsent(to, none -> new ArrayList<>()).add(waiter);
      moved++;
    }
    return moved;
  }

  /** What a thread does last in its memory ({@code mm_release}). */
  public void exit(Task task) {
    try {
      exitRobustList(task);
    } catch (LinuxError | OutOfFrames unreachable) {
      // As on Linux: what cannot be reached is left as it is.
    }
    long cleared = task.clearedAtExit();
    task.setRobustList(0);
    task.setClearedAtExit(0);
    boolean isSeen = task.process().tasks().size() > 1 || task.space().users() > 1;
    if (cleared != 0 && isSeen) {
      try {
        user.writeInt(task.space(), cleared, 0);
        wake(key(task.space(), cleared, false), 1, ANY_BIT);
      } catch (LinuxError | OutOfFrames unreachable) {
        // The same.
      }
    }
  }

  /** {@code exit_robust_list}. */
  private void exitRobustList(Task task) {
    long head = task.robustList();
    if (head == 0) {
      return;
    }
    AddressSpace space = task.space();
    long offset = user.readLong(space, head + 8);
    long pending = user.readLong(space, head + 16);
    long entry = user.readLong(space, head);
    for (int i = 0; (entry & -2L) != head && i < LONGEST_ROBUST_LIST; i++) {
      long next = user.readLong(space, entry & -2L);
      if (entry != pending) {
        die(task, (entry & -2L) + offset, (entry & 1) != 0, false);
      }
      entry = next;
    }
    if (pending != 0) {
      die(task, (pending & -2L) + offset, (pending & 1) != 0, true);
    }
  }

  /** {@code handle_futex_death}. */
  private void die(Task task, long va, boolean isPriorityInheriting, boolean isPending) {
    int value = user.readInt(task.space(), va);
    if (isPending && !isPriorityInheriting && value == 0) {
      wake(key(task.space(), va, false), 1, ANY_BIT);
      return;
    }
    if ((value & FUTEX_TID_MASK) != task.tid()) {
      return;
    }
    user.writeInt(task.space(), va, value & FUTEX_WAITERS | FUTEX_OWNER_DIED);
    if (!isPriorityInheriting && (value & FUTEX_WAITERS) != 0) {
      wake(key(task.space(), va, false), 1, ANY_BIT);
    }
  }
}
