package dev.faultline.kernel.fs;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of what happens to files ({@code fs/notify}). A watch is on a file or directory
 * itself. What happens to a file is told to those who watch its directory, with its name there, and
 * then to those who watch the file; what happens to a name, to those who watch the directory.
 */
public final class FileWatches {
  public static final int ACCESS = 1;
  public static final int MODIFY = 2;
  public static final int ATTRIB = 4;
  static final int CLOSE_WRITE = 8;
  static final int CLOSE_NOWRITE = 0x10;
  static final int OPEN = 0x20;
  private static final int MOVED_FROM = 0x40;
  private static final int MOVED_TO = 0x80;
  private static final int CREATE = 0x100;
  private static final int DELETE = 0x200;
  private static final int DELETE_SELF = 0x400;
  private static final int MOVE_SELF = 0x800;
  static final int OVERFLOW = 0x4000;
  static final int IGNORED = 0x8000;
  private static final int IS_DIRECTORY = 0x4000_0000;
  public static final int ALL_EVENTS = 0xfff;

  /** What happens to names and not to what bears them. */
  static final int OF_NAMES = MOVED_FROM | MOVED_TO | CREATE | DELETE;

  /** Where a file has a name: told to those who watch that directory. */
  record Place(Directory parent, String name) {}

  private final Map<Inode, List<Inotify.Watch>> watches = new IdentityHashMap<>();
  private int watchers;
  private int count;
  private int moves;

  /** How many there are who watch. */
  public int watchers() {
    return watchers;
  }

  void addWatcher() {
    watchers++;
  }

  void removeWatcher() {
    watchers--;
  }

  /** How many watches there are. */
  public int count() {
    return count;
  }

  void add(Inotify.Watch watch) {
    watches.computeIfAbsent(watch.file(), file -> new ArrayList<>()).add(watch);
    count++;
  }

  void remove(Inotify.Watch watch) {
    List<Inotify.Watch> there = watches.get(watch.file());
    if (there != null && there.remove(watch)) {
      count--;
      if (there.isEmpty()) {
        watches.remove(watch.file());
      }
    }
  }

  private void tell(Inode watched, int event, int cookie, String name) {
    for (Inotify.Watch watch : List.copyOf(watches.getOrDefault(watched, List.of()))) {
      watch.tell(event, cookie, name);
    }
  }

  private static int kind(Inode inode) {
    return inode instanceof Directory ? IS_DIRECTORY : 0;
  }

  private static @Nullable Place placeOf(Inode inode) {
    return switch (inode) {
      case RegularFile file -> file.place();
      case Directory directory -> directory.place();
      default -> null;
    };
  }

  /** Something is done with a file that has been found or opened. */
  public void happened(Inode inode, int event) {
    if (count == 0) {
      return;
    }
    Place place = placeOf(inode);
    if (place != null) {
      tell(place.parent, event | kind(inode), 0, place.name);
    }
    tell(inode, event | kind(inode), 0, "");
  }

  void created(Directory parent, String name, Inode inode) {
    tell(parent, CREATE | kind(inode), 0, name);
  }

  /** The number of its names, which stands among its attributes, is another. */
  void linked(Inode inode) {
    tell(inode, ATTRIB, 0, "");
  }

  void deleted(Directory parent, String name, Inode inode) {
    tell(parent, DELETE | kind(inode), 0, name);
  }

  /** Both halves of a move bear one number. */
  void moved(Place from, Place to, Inode inode, @Nullable Inode replaced) {
    moves++;
    tell(from.parent, MOVED_FROM | kind(inode), moves, from.name);
    tell(to.parent, MOVED_TO | kind(inode), moves, to.name);
    if (replaced != null) {
      linked(replaced);
    }
    tell(inode, MOVE_SELF | kind(inode), 0, "");
  }

  /** A file has neither a name nor anybody who uses it: its watches end with it. */
  void gone(Inode inode) {
    tell(inode, DELETE_SELF, 0, "");
    for (Inotify.Watch watch : List.copyOf(watches.getOrDefault(inode, List.of()))) {
      watch.end();
    }
  }
}
