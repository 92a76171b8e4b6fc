package dev.faultline.kernel.ipc;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * All objects of one kind ({@code ipc/util.c}). An identifier is a place in a table and how often
 * the places were gone through before, so that one that was removed does not soon mean another.
 */
final class IpcObjects<T extends IpcObject> {
  /** The key of what is found by its identifier alone. */
  static final int PRIVATE = 0;

  /** {@code IPCMNI_SHIFT}. */
  static final int INDEX_BITS = 15;

  private static final int INDEX = (1 << INDEX_BITS) - 1;
  private static final int SEQUENCES = 1 << Integer.SIZE - 1 - INDEX_BITS;

  /** Places are gone through in a circle that is at least so large. */
  private static final int SMALLEST_CYCLE = 64;

  private static final int CREATE = 01000;
  private static final int EXCLUSIVE = 02000;

  private final String call;
  private final int most;
  private final Refusal refusal;
  private final NavigableMap<Integer, T> byIndex = new TreeMap<>();
  private int next;
  private int last = -1;
  private int sequence;

  /**
   * @param call what refusals name
   * @param most how many there may be
   */
  IpcObjects(String call, int most, ChangeLog log) {
    this.call = call;
    this.most = most;
    this.refusal = new Refusal(log);
  }

  Collection<T> all() {
    return byIndex.values();
  }

  /** The highest place that is taken; 0 when none is. */
  int highest() {
    return byIndex.isEmpty() ? 0 : byIndex.lastKey();
  }

  /**
   * What a key stands for ({@code ipcget}): one that there is, or a new one.
   *
   * @param check refuses one that is not as wanted
   * @param make a new one with the identifier that it is given
   */
  T get(int key, int flags, Consumer<T> check, IntFunction<T> make) {
    T found = key == PRIVATE ? null : byKey(key);
    if (found == null) {
      if (key != PRIVATE && (flags & CREATE) == 0) {
        throw refusal.of(Errno.ENOENT, StepKind.NO_IPC, call, key);
      }
      if (byIndex.size() >= most) {
        throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, call, most);
      }
      return add(make);
    }
    if ((flags & (CREATE | EXCLUSIVE)) == (CREATE | EXCLUSIVE)) {
      throw refusal.of(Errno.EEXIST, StepKind.IS_IPC, call, key);
    }
    check.accept(found);
    return found;
  }

  private @Nullable T byKey(int key) {
    return byIndex.values().stream().filter(each -> each.key() == key).findFirst().orElse(null);
  }

  private T add(IntFunction<T> make) {
    int cycle = Math.max(byIndex.size() * 3 / 2, SMALLEST_CYCLE);
    int index = next < cycle ? next : 0;
    while (byIndex.containsKey(index)) {
      index = index + 1 < cycle ? index + 1 : 0;
    }
    int passed = index <= last ? (sequence + 1) % SEQUENCES : sequence;
    T made = make.apply(passed << INDEX_BITS | index);
    sequence = passed;
    last = index;
    next = index + 1;
    byIndex.put(index, made);
    return made;
  }

  /** What an identifier stands for. */
  T byId(int id) {
    T found = id < 0 ? null : byIndex.get(id & INDEX);
    if (found == null || found.id() != id) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_IPC, call, id);
    }
    return found;
  }

  /** What is at a place of the table ({@code SHM_STAT}, {@code SEM_STAT}). */
  T byIndex(int index) {
    T found = byIndex.get(index & INDEX);
    if (index < 0 || found == null) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_IPC, call, index);
    }
    return found;
  }

  void remove(T object) {
    byIndex.remove(object.id() & INDEX);
  }
}
