package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of open files to wait for together ({@code epoll(7)}). A file is in it under the descriptor
 * that it was added by, and leaves it when nobody has it open any more.
 *
 * <p>Who was told of last comes last the next time, so that none starves.
 */
public final class Eventpoll extends AnonymousFile {
  /** {@code EPOLLET} and {@code EPOLLONESHOT}. */
  private static final int EDGE_TRIGGERED = 1 << 31;

  private static final int ONE_SHOT = 1 << 30;

  /** How deep one may be in another ({@code EP_MAX_NESTS}). */
  private static final int MOST_NESTS = 4;

  /** {@code EPOLLEXCLUSIVE}, {@code EPOLLWAKEUP} and the two above: no events. */
  private static final int MODES = 0xf << 28;

  private record Key(int fd, Description open) {}

  /** What is wanted of a file. */
  private static final class Interest {
    int events;
    long data;
    long toldActivity = -1;
    int toldEvents;

    void want(int newEvents, long newData) {
      events = newEvents;
      data = newData;
      toldActivity = -1;
    }
  }

  /** What a caller is told. */
  public record Event(int events, long data) {}

  private final Map<Key, Interest> interests = new LinkedHashMap<>();

  Eventpoll(long inode, int flags) {
    super(inode, "[eventpoll]", OpenFlag.RDWR, flags);
  }

  /** Whether a file can be waited for at all. */
  public static boolean takes(Description open) {
    return switch (open) {
      case OpenDevice device -> device.device().isPollable();
      case ByteStream stream -> true;
      default -> false;
    };
  }

  public boolean has(int fd, Description open) {
    return interests.containsKey(new Key(fd, open));
  }

  /** How many files are in it. */
  public int size() {
    dropClosed();
    return interests.size();
  }

  /** Whether adding one would make a circle, or go too deep. */
  public boolean isTooDeep(Description added) {
    return added instanceof Eventpoll other && (other.reaches(this) || other.depth() >= MOST_NESTS);
  }

  private boolean reaches(Eventpoll wanted) {
    return this == wanted || inner().stream().anyMatch(one -> one.reaches(wanted));
  }

  private int depth() {
    return 1 + inner().stream().mapToInt(Eventpoll::depth).max().orElse(0);
  }

  private List<Eventpoll> inner() {
    List<Eventpoll> found = new ArrayList<>();
    for (Key key : interests.keySet()) {
      if (key.open instanceof Eventpoll other) {
        found.add(other);
      }
    }
    return found;
  }

  /** Adds a file or changes what is wanted of it. */
  public void put(int fd, Description open, int events, long data) {
    interests.computeIfAbsent(new Key(fd, open), key -> new Interest()).want(events, data);
  }

  public void remove(int fd, Description open) {
    interests.remove(new Key(fd, open));
  }

  private void dropClosed() {
    interests.keySet().removeIf(key -> !key.open.isOpen());
  }

  private static int ready(Key key, Interest interest) {
    int wanted = interest.events & ~MODES;
    if (wanted == 0) {
      return 0;
    }
    int found = PollEvents.of(key.open) & (wanted | PollEvents.ALWAYS);
    boolean isOld =
        (interest.events & EDGE_TRIGGERED) != 0
            && key.open instanceof ByteStream stream
            && stream.activity() == interest.toldActivity
            && (found & ~interest.toldEvents) == 0;
    return isOld ? 0 : found;
  }

  /** At most so many of those that are ready; they count as told. */
  public List<Event> take(int most) {
    dropClosed();
    List<Event> told = new ArrayList<>();
    for (var entry : List.copyOf(interests.entrySet())) {
      Key key = entry.getKey();
      Interest interest = entry.getValue();
      int events = told.size() < most ? ready(key, interest) : 0;
      if (events == 0) {
        continue;
      }
      told.add(new Event(events, interest.data));
      interest.toldEvents = events;
      interest.toldActivity = key.open instanceof ByteStream stream ? stream.activity() : 0;
      if ((interest.events & ONE_SHOT) != 0) {
        interest.events &= MODES;
      }
      interests.remove(key);
      interests.put(key, interest);
    }
    return told;
  }

  @Override
  public boolean canRead() {
    for (var entry : interests.entrySet()) {
      if (entry.getKey().open.isOpen() && ready(entry.getKey(), entry.getValue()) != 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public byte @Nullable [] read(int most) {
    throw new IllegalStateException("an epoll is not read");
  }

  @Override
  public int write(byte[] bytes) {
    return INVALID;
  }

  @Override
  public boolean canWrite() {
    return false;
  }

  @Override
  public int leastRead() {
    return Integer.MAX_VALUE;
  }

  @Override
  protected long activity() {
    long activity = 0;
    for (Key key : interests.keySet()) {
      activity += key.open instanceof ByteStream stream ? stream.activity() : 0;
    }
    return activity;
  }
}
