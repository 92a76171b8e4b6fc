package dev.faultline.kernel.ipc;

import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.process.Process;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Semaphores that are changed together ({@code struct sem_array}).
 *
 * <p>What a process wants undone at its end is kept here by process, and undone when somebody looks
 * at the set next.
 */
public final class SemaphoreSet extends IpcObject {
  /** {@code SEMVMX}. */
  static final int HIGHEST = 32_767;

  /** One of a call's operations ({@code struct sembuf}). */
  public record Operation(int number, int change, int flags) {
    private static final int NOWAIT = 04000;
    private static final int UNDO = 0x1000;

    public boolean waits() {
      return (flags & NOWAIT) == 0;
    }

    boolean undoes() {
      return (flags & UNDO) != 0;
    }
  }

  private final int[] values;
  private final int[] lastPids;
  private final Map<Process, int[]> undone = new LinkedHashMap<>();
  private final List<Operation> awaited = new ArrayList<>();
  private long used;
  private long changed;
  private boolean isRemoved;

  SemaphoreSet(int id, int key, int flags, Owner creator, int count, long made) {
    super(id, key, flags, creator);
    values = new int[count];
    lastPids = new int[count];
    changed = made;
  }

  public int count() {
    return values.length;
  }

  public long used() {
    return used;
  }

  public long changed() {
    return changed;
  }

  void wasChanged(long second) {
    changed = second;
  }

  public boolean isRemoved() {
    return isRemoved;
  }

  void remove() {
    isRemoved = true;
  }

  int value(int number) {
    settle();
    return values[number];
  }

  int lastPid(int number) {
    return lastPids[number];
  }

  /** {@code SETVAL}: nothing is to be undone of it any more. */
  void set(int number, int value, int pid) {
    settle();
    values[number] = value;
    lastPids[number] = pid;
    undone.values().forEach(changes -> changes[number] = 0);
  }

  /** Undoes what processes left that have ended ({@code exit_sem}). */
  private void settle() {
    for (Map.Entry<Process, int[]> each : List.copyOf(undone.entrySet())) {
      Process process = each.getKey();
      if (!process.isAlive()) {
        int[] changes = each.getValue();
        undone.remove(process);
        for (int i = 0; i < values.length; i++) {
          values[i] = Math.clamp(values[i] + (long) changes[i], 0, HIGHEST);
          lastPids[i] = changes[i] == 0 ? lastPids[i] : process.pid();
        }
      }
    }
  }

  /** The first operation that cannot be done now; -1 for none. */
  int blocked(List<Operation> operations) {
    settle();
    int[] tried = values.clone();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      int value = tried[operation.number] + operation.change;
      if (operation.change == 0 ? tried[operation.number] != 0 : value < 0) {
        return i;
      }
      tried[operation.number] = value;
    }
    return -1;
  }

  /** Whether a value would be higher than any may be. */
  boolean overflows(List<Operation> operations) {
    int[] tried = values.clone();
    for (Operation operation : operations) {
      tried[operation.number] += operation.change;
      if (tried[operation.number] > HIGHEST) {
        return true;
      }
    }
    return false;
  }

  void apply(List<Operation> operations, Process process, long second) {
    for (Operation operation : operations) {
      values[operation.number] += operation.change;
      lastPids[operation.number] = process.pid();
      if (operation.undoes()) {
        int[] changes = undone.computeIfAbsent(process, absent -> new int[values.length]);
        changes[operation.number] -= operation.change;
      }
    }
    used = second;
  }

  /** A thread waits for this to become possible. */
  void await(Operation operation) {
    awaited.add(operation);
  }

  void stopAwaiting(Operation operation) {
    awaited.remove(operation);
  }

  /** How many wait for a semaphore to be 0, or to be more. */
  int waiting(int number, boolean forZero) {
    return (int)
        awaited.stream().filter(o -> o.number == number && (o.change == 0) == forZero).count();
  }
}
