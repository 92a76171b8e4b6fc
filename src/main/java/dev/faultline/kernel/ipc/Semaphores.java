package dev.faultline.kernel.ipc;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.ipc.SemaphoreSet.Operation;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.UnfinishedCall;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;

/** System V semaphores ({@code ipc/sem.c}). */
public final class Semaphores {
  /** {@code SEMMNI}, {@code SEMMSL} and {@code SEMOPM}. */
  private static final int MOST_SETS = 32_000;

  private static final int MOST_IN_A_SET = 32_000;
  private static final int MOST_OPERATIONS = 500;

  /** Of all sets together, so that a laboratory stays small. */
  private static final int MOST = 262_144;

  private static final int STATUS_BYTES = 88;
  private static final long SECOND = 1_000_000_000L;

  private final Clock clock;
  private final Refusal refusal;
  private final IpcObjects<SemaphoreSet> sets;

  public Semaphores(Clock clock, ChangeLog log) {
    this.clock = clock;
    this.refusal = new Refusal(log);
    this.sets = new IpcObjects<>("semget", MOST_SETS, log);
  }

  private long now() {
    return clock.realTime() / SECOND;
  }

  private RuntimeException refused(Errno errno, String call, long value) {
    return refusal.of(errno, StepKind.BAD_ARGUMENT, call, value);
  }

  /** {@code semget(2)}. */
  public int get(Process process, int key, int count, int flags) {
    if (count < 0 || count > MOST_IN_A_SET) {
      throw refused(Errno.EINVAL, "semget", count);
    }
    return sets.get(
            key,
            flags,
            found -> {
              if (count > found.count()) {
                throw refused(Errno.EINVAL, "semget", count);
              }
            },
            id -> make(process, id, key, count, flags))
        .id();
  }

  private SemaphoreSet make(Process process, int id, int key, int count, int flags) {
    if (count == 0) {
      throw refused(Errno.EINVAL, "semget", count);
    }
    if (sets.all().stream().mapToInt(SemaphoreSet::count).sum() + count > MOST) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "semaphores", MOST);
    }
    Owner owner = process.credentials().owner();
    return new SemaphoreSet(id, key, flags, owner, count, now());
  }

  /** What a call has that waits: it is counted, and hears when its set is removed. */
  private record Waiting(SemaphoreSet set, Operation operation) implements UnfinishedCall {
    @Override
    public void leave() {
      set.stopAwaiting(operation);
    }
  }

  /**
   * {@code semtimedop(2)}: all operations at once, or none.
   *
   * @param deadline until when to wait
   */
  public void operate(Task task, int id, List<Operation> operations, long deadline) {
    if (task.unfinishedCall() instanceof Waiting waiting && waiting.set.isRemoved()) {
      throw refusal.of(Errno.EIDRM, StepKind.NO_IPC, "semop", id);
    }
    if (operations.isEmpty() || id < 0) {
      throw refused(Errno.EINVAL, "semop", id);
    }
    if (operations.size() > MOST_OPERATIONS) {
      throw refused(Errno.E2BIG, "semop", operations.size());
    }
    SemaphoreSet set = sets.byId(id);
    for (Operation operation : operations) {
      if (operation.number() >= set.count()) {
        throw refused(Errno.EFBIG, "semop", operation.number());
      }
    }
    int blocked = set.blocked(operations);
    if (blocked < 0) {
      if (set.overflows(operations)) {
        throw refused(Errno.ERANGE, "semop", SemaphoreSet.HIGHEST);
      }
      set.apply(operations, task.process(), now());
      return;
    }
    Operation first = operations.get(blocked);
    if (!first.waits() || clock.monotonic() >= deadline) {
      throw refused(Errno.EAGAIN, "semop", first.number());
    }
    if (task.unfinishedCall() instanceof Waiting waiting) {
      waiting.leave();
    }
    set.await(first);
    task.setUnfinishedCall(new Waiting(set, first));
    throw new Blocked(
        Wait.until(() -> set.isRemoved() || set.blocked(operations) < 0)
            .orAt(deadline)
            .endedByHandlers());
  }

  /** A set by its identifier, and a semaphore that it has. */
  private SemaphoreSet having(int id, int number) {
    SemaphoreSet set = sets.byId(id);
    if (number < 0 || number >= set.count()) {
      throw refused(Errno.EINVAL, "semctl", number);
    }
    return set;
  }

  /** {@code GETVAL}. */
  public int value(int id, int number) {
    return having(id, number).value(number);
  }

  /** {@code GETPID}. */
  public int lastPid(int id, int number) {
    return having(id, number).lastPid(number);
  }

  /** {@code GETNCNT} and {@code GETZCNT}. */
  public int waiting(int id, int number, boolean forZero) {
    return having(id, number).waiting(number, forZero);
  }

  /** {@code SETVAL}. */
  public void setValue(Process process, int id, int number, int value) {
    if (value < 0 || value > SemaphoreSet.HIGHEST) {
      throw refused(Errno.ERANGE, "semctl", value);
    }
    SemaphoreSet set = having(id, number);
    set.set(number, value, process.pid());
    set.wasChanged(now());
  }

  /** {@code GETALL}, two bytes each. */
  public byte[] values(int id) {
    SemaphoreSet set = sets.byId(id);
    ByteBuffer bytes = buffer(set.count() * Short.BYTES);
    for (int i = 0; i < set.count(); i++) {
      bytes.putShort((short) set.value(i));
    }
    return bytes.array();
  }

  /** How many semaphores a set has. */
  public int count(int id) {
    return sets.byId(id).count();
  }

  /** {@code SETALL}. */
  public void setValues(Process process, int id, byte[] values) {
    SemaphoreSet set = sets.byId(id);
    ByteBuffer bytes = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < set.count(); i++) {
      int value = bytes.getShort(i * Short.BYTES) & 0xffff;
      if (value > SemaphoreSet.HIGHEST) {
        throw refused(Errno.ERANGE, "semctl", value);
      }
    }
    for (int i = 0; i < set.count(); i++) {
      set.set(i, bytes.getShort(i * Short.BYTES), process.pid());
    }
    set.wasChanged(now());
  }

  /** {@code IPC_RMID}: who waits hears of it. */
  public void remove(int id) {
    SemaphoreSet set = sets.byId(id);
    set.remove();
    sets.remove(set);
  }

  /** {@code IPC_SET}. */
  public void give(int id, Owner owner, int mode) {
    SemaphoreSet set = sets.byId(id);
    set.give(owner, mode);
    set.wasChanged(now());
  }

  /** {@code IPC_STAT}. */
  public byte[] status(int id) {
    SemaphoreSet set = sets.byId(id);
    ByteBuffer bytes = buffer(STATUS_BYTES);
    set.putPermissions(bytes);
    bytes.putLong(IpcObject.BYTES, set.used()).putLong(IpcObject.BYTES + 8, set.changed());
    return bytes.putLong(IpcObject.BYTES + 16, set.count()).array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@code SEM_STAT}: the identifier of what is at a place of the table. */
  public int idAt(int index) {
    return sets.byIndex(index).id();
  }

  /** {@code IPC_INFO}, and with {@code SEM_INFO} how much there is. */
  public byte[] limits(boolean tellsUse) {
    int most = MOST_SETS * MOST_IN_A_SET;
    int used = sets.all().stream().mapToInt(SemaphoreSet::count).sum();
    ByteBuffer bytes = buffer(10 * Integer.BYTES);
    bytes.putInt(most).putInt(MOST_SETS).putInt(most).putInt(most).putInt(MOST_IN_A_SET);
    bytes.putInt(MOST_OPERATIONS).putInt(MOST_OPERATIONS);
    bytes.putInt(tellsUse ? sets.all().size() : 20).putInt(SemaphoreSet.HIGHEST);
    return bytes.putInt(tellsUse ? used : SemaphoreSet.HIGHEST).array();
  }

  /** The highest place of the table that is taken. */
  public int highestIndex() {
    return sets.highest();
  }

  /** Those that there are, by place. */
  public Collection<SemaphoreSet> all() {
    return sets.all();
  }
}
