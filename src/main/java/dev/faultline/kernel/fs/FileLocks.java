package dev.faultline.kernel.fs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Advisory locks on files ({@code fs/locks.c}). There are two families that do not see each other:
 * locks on ranges of bytes ({@code fcntl(2)}), which a process or an open file description owns,
 * and locks on whole files ({@code flock(2)}), which a description owns.
 */
public final class FileLocks {
  /** The last byte that a lock can reach to: {@code OFFSET_MAX}. */
  public static final long END = Long.MAX_VALUE;

  /** On one file; each call looks at all of them. */
  private static final int MOST_ON_A_FILE = 4096;

  /** In all, which Linux leaves to memory. */
  private static final int MOST = 65_536;

  /** How long a circle of waiting owners is looked for ({@code MAX_DEADLK_ITERATIONS}). */
  private static final int LONGEST_CIRCLE = 10;

  /** Which locks see each other. */
  public enum Family {
    RANGES,
    WHOLE_FILES
  }

  /**
   * A lock that is held or asked for.
   *
   * @param owner whose it is: the same object, or another owner
   * @param pid the process that asked, or -1 when an open file description owns it
   * @param last the last byte that it covers
   */
  public record Lock(Object owner, int pid, boolean isExclusive, long first, long last) {
    private boolean overlaps(Lock other) {
      return first <= other.last && other.first <= last;
    }

    private boolean excludes(Lock other) {
      return owner != other.owner && overlaps(other) && (isExclusive || other.isExclusive);
    }

    private boolean touches(Lock other) {
      return (last == END || other.first <= last + 1)
          && (other.last == END || first <= other.last + 1);
    }

    /** The same over other bytes. */
    public Lock over(long newFirst, long newLast) {
      return new Lock(owner, pid, isExclusive, newFirst, newLast);
    }
  }

  /** The locks that a lock may meet. */
  public record Place(Family family, Volume volume, long inode) {}

  /** A lock that its owner waits for. */
  public record Request(Place place, Lock wanted) {}

  private final Map<Place, List<Lock>> held = new HashMap<>();
  private final List<Request> waiting = new ArrayList<>();
  private int count;

  private static Place place(Family family, Description open) {
    Status status = open.status();
    return new Place(family, status.volume(), status.inode());
  }

  /** The first lock of somebody else that stands in the way of this one; null for none. */
  public @Nullable Lock inTheWay(Family family, Description open, Lock wanted) {
    return inTheWay(place(family, open), wanted);
  }

  private @Nullable Lock inTheWay(Place place, Lock wanted) {
    for (Lock lock : held.getOrDefault(place, List.of())) {
      if (lock.excludes(wanted)) {
        return lock;
      }
    }
    return null;
  }

  /**
   * Holds a lock that nothing stands in the way of. What its owner held of the same bytes becomes
   * like it, and neighbours that are alike become one.
   *
   * @return false when there are too many locks
   */
  public boolean hold(Family family, Description open, Lock wanted) {
    Place place = place(family, open);
    // Splitting one of its owner's may add two.
    if (count > MOST - 2 || held.getOrDefault(place, List.of()).size() > MOST_ON_A_FILE - 2) {
      return false;
    }
    release(place, wanted);
    List<Lock> locks = held.computeIfAbsent(place, any -> new ArrayList<>());
    Lock all = wanted;
    for (Lock lock : List.copyOf(locks)) {
      if (lock.owner == all.owner && lock.isExclusive == all.isExclusive && lock.touches(all)) {
        all = all.over(Math.min(lock.first, all.first), Math.max(lock.last, all.last));
        locks.remove(lock);
        count--;
      }
    }
    locks.add(placeFor(all, locks), all);
    count++;
    return true;
  }

  /** Locks of an owner stand together, in the order of their bytes. */
  private static int placeFor(Lock lock, List<Lock> locks) {
    int at = locks.size();
    for (int i = 0; i < locks.size(); i++) {
      if (locks.get(i).owner == lock.owner) {
        at = i + 1;
        if (locks.get(i).first > lock.first) {
          return i;
        }
      }
    }
    return at;
  }

  /** Gives up what an owner holds of a range; what lies beside it stays. */
  public void release(Family family, Description open, Lock range) {
    release(place(family, open), range);
  }

  private void release(Place place, Lock range) {
    List<Lock> locks = held.get(place);
    if (locks == null) {
      return;
    }
    for (int i = locks.size() - 1; i >= 0; i--) {
      Lock lock = locks.get(i);
      if (lock.owner != range.owner || !lock.overlaps(range)) {
        continue;
      }
      locks.remove(i);
      count--;
      if (lock.last > range.last) {
        locks.add(i, lock.over(range.last + 1, lock.last));
        count++;
      }
      if (lock.first < range.first) {
        locks.add(i, lock.over(lock.first, range.first - 1));
        count++;
      }
    }
    if (locks.isEmpty()) {
      held.remove(place);
    }
  }

  /** Gives up all that an owner holds on a file. */
  public void releaseAll(Description open, Object owner) {
    if (count > 0) {
      Lock all = new Lock(owner, 0, false, 0, END);
      release(Family.RANGES, open, all);
      release(Family.WHOLE_FILES, open, all);
    }
  }

  /** Whether whoever holds what stands in the way waits, perhaps through others, for its owner. */
  public boolean isCircle(Lock inTheWay, Lock wanted) {
    @Nullable Lock blocker = inTheWay;
    for (int i = 0; i < LONGEST_CIRCLE && blocker != null; i++) {
      if (blocker.owner == wanted.owner) {
        return true;
      }
      blocker = blockerOf(blocker.owner);
    }
    return false;
  }

  private @Nullable Lock blockerOf(Object owner) {
    for (Request request : waiting) {
      if (request.wanted.owner == owner) {
        return inTheWay(request.place, request.wanted);
      }
    }
    return null;
  }

  /** The owner begins to wait for a range. */
  public Request await(Description open, Lock wanted) {
    var request = new Request(place(Family.RANGES, open), wanted);
    waiting.add(request);
    return request;
  }

  /** It has the range, or gives up. */
  public void awaitNoMore(Request request) {
    waiting.removeIf(other -> other == request);
  }
}
