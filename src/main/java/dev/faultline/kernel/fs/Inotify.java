package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What happens to files that are watched, to be read one event after the other. */
public final class Inotify extends AnonymousFile {
  /** {@code max_queued_events}: what comes then is lost, and that is told. */
  private static final int MOST_EVENTS = 4096;

  private static final int HEADER = 16;
  private static final int ONE_SHOT = 1 << 31;
  private static final int NOT_WHEN_UNLINKED = 0x0400_0000;

  private record Event(int watch, int mask, int cookie, String name) {
    /** Names are filled up to a multiple of the header's size. */
    byte[] bytes() {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      int room = text.length == 0 ? 0 : (text.length + HEADER) / HEADER * HEADER;
      return ByteBuffer.allocate(HEADER + room)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(watch)
          .putInt(mask)
          .putInt(cookie)
          .putInt(room)
          .put(text)
          .array();
    }
  }

  /** What one file is watched for. */
  final class Watch {
    private final int number;
    private final Inode file;
    private int wanted;

    private Watch(int number, Inode file, int wanted) {
      this.number = number;
      this.file = file;
      this.wanted = wanted;
    }

    Inode file() {
      return file;
    }

    void tell(int event, int cookie, String name) {
      boolean isOfNobody =
          (wanted & NOT_WHEN_UNLINKED) != 0
              && !name.isEmpty()
              && file instanceof Directory directory
              && !directory.entries().containsKey(name)
              && (event & FileWatches.OF_NAMES) == 0;
      if ((event & wanted & FileWatches.ALL_EVENTS) == 0 || isOfNobody) {
        return;
      }
      add(new Event(number, event, cookie, name));
      if ((wanted & ONE_SHOT) != 0) {
        end();
      }
    }

    /** It watches no more, which is told too. */
    void end() {
      byNumber.remove(number);
      watches.remove(this);
      add(new Event(number, FileWatches.IGNORED, 0, ""));
    }
  }

  private final FileWatches watches;
  private final Map<Integer, Watch> byNumber = new TreeMap<>();
  private final Deque<Event> events = new ArrayDeque<>();
  private int lastNumber;
  private int available;
  private long arrivals;

  Inotify(long inode, FileWatches watches, int flags) {
    super(inode, "inotify", OpenFlag.RDONLY, flags);
    this.watches = watches;
  }

  private void add(Event event) {
    if (event.equals(events.peekLast())) {
      return;
    }
    Event told = event;
    if (events.size() >= MOST_EVENTS) {
      told = new Event(-1, FileWatches.OVERFLOW, 0, "");
      if (told.equals(events.peekLast())) {
        return;
      }
    }
    events.add(told);
    available += told.bytes().length;
    arrivals++;
  }

  private @Nullable Watch on(Inode file) {
    return byNumber.values().stream().filter(one -> one.file == file).findFirst().orElse(null);
  }

  public boolean watches(Inode file) {
    return on(file) != null;
  }

  /**
   * Watches a file, or watches it for something else; gives the watch's number.
   *
   * @param adds whether what it was watched for stays
   */
  public int watch(Inode file, int wanted, boolean adds) {
    Watch watch = on(file);
    if (watch != null) {
      watch.wanted = adds ? watch.wanted | wanted : wanted;
      return watch.number;
    }
    Watch made = new Watch(++lastNumber, file, wanted);
    byNumber.put(made.number, made);
    watches.add(made);
    return made.number;
  }

  /** Ends a watch; false when there is none of that number. */
  public boolean unwatch(int number) {
    Watch watch = byNumber.get(number);
    if (watch == null) {
      return false;
    }
    watch.end();
    return true;
  }

  @Override
  protected void opened() {
    watches.addWatcher();
  }

  @Override
  protected void closed(FileSystem files) {
    watches.removeWatcher();
    byNumber.values().forEach(watches::remove);
    byNumber.clear();
    events.clear();
  }

  @Override
  public byte @Nullable [] read(int most) {
    if (events.isEmpty()) {
      return null;
    }
    var bytes = new ByteArrayOutputStream();
    while (!events.isEmpty()) {
      byte[] next = events.getFirst().bytes();
      if (bytes.size() + next.length > most) {
        break;
      }
      bytes.writeBytes(next);
      available -= next.length;
      events.removeFirst();
    }
    return bytes.toByteArray();
  }

  @Override
  public int write(byte[] bytes) {
    return INVALID;
  }

  @Override
  public boolean canRead() {
    return !events.isEmpty();
  }

  @Override
  public boolean canWrite() {
    return false;
  }

  /** The next event as a whole. */
  @Override
  public int leastRead() {
    return events.isEmpty() ? 0 : events.getFirst().bytes().length;
  }

  @Override
  public int available() {
    return available;
  }

  @Override
  protected long activity() {
    return arrivals;
  }
}
