package dev.faultline.kernel.fs;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;
import dev.faultline.log.Table.File;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A regular file: its bytes on the simulated disk, and how many names, open descriptions and
 * mappings keep it alive. The file's row in the log is written here.
 */
public final class RegularFile implements Inode {
  private static final byte[] EMPTY = {};

  private final long number;
  private final String path;
  private final long pathNumber;
  private FileWatches.@Nullable Place place;
  private int mode;
  private final ChangeLog log;
  private final LongConsumer whenCounted;
  private long counted;
  private byte[] disk = EMPTY;
  private final Backing backing;
  private long size;
  private int links;
  private int seals;
  private int users;
  private final Attributes attributes;

  /**
   * @param seals that it begins with
   * @param whenCounted told by how much the bytes grow that count against the limit
   */
  RegularFile(
      long number,
      String path,
      int mode,
      int links,
      byte[] bytes,
      Backing backing,
      int seals,
      Attributes attributes,
      LongConsumer whenCounted,
      ChangeLog log) {
    this.whenCounted = whenCounted;
    this.attributes = attributes;
    this.number = number;
    this.path = path;
    this.mode = mode;
    this.links = links;
    this.log = log;
    this.pathNumber = log.intern(path);
    this.disk = bytes;
    this.backing = backing;
    this.seals = seals;
    this.size = bytes.length;
    forEachRow((table, key, values) -> {
      ChangeLog row = log.insert(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
    count();
  }

  @Override
  public long number() {
    return number;
  }

  /** The path under which the file was made. */
  public String path() {
    return path;
  }

  /** The number of that path among the log's strings. */
  public long pathNumber() {
    return pathNumber;
  }

  /** Where it was given its last name; null if it never had one. */
  FileWatches.@Nullable Place place() {
    return place;
  }

  void setPlace(FileWatches.Place newPlace) {
    place = newPlace;
  }

  public int mode() {
    return mode;
  }

  void setMode(int newMode) {
    log.update(Table.FILE, number).column(File.MODE, mode, newMode).end();
    mode = newMode;
    attributes.wasChanged();
  }

  @Override
  public Status status() {
    return new Status(volume(), number, Status.REGULAR | mode, links, size, attributes);
  }

  @Override
  public void setTimes(long accessed, long modified) {
    attributes.set(accessed, modified);
  }

  /** What lets others act as the owner does not survive it ({@code ATTR_KILL_SUID}). */
  @Override
  public void setOwner(Attributes.Owner owner) {
    attributes.setOwner(owner);
    int lost = Status.SETUID | ((mode & Status.GROUP_EXECUTES) != 0 ? Status.SETGID : 0);
    if ((mode & lost) != 0) {
      setMode(mode & ~lost);
    }
  }

  /** Somebody reads its bytes or maps them. */
  public void wasRead() {
    attributes.wasRead();
  }

  /** Its bytes or their number change. */
  public void wasWritten() {
    attributes.wasWritten();
  }

  /** Bytes in the file. */
  public long size() {
    return size;
  }

  /** Bits of {@link dev.faultline.kernel.abi.Seal}; none on a disk. */
  public int seals() {
    return seals;
  }

  /** Whoever seals a file sees to it that nobody breaks the seal already. */
  public void setSeals(int newSeals) {
    log.update(Table.FILE, number).column(File.SEALS, seals, newSeals).end();
    seals = newSeals;
  }

  public int links() {
    return links;
  }

  /** False for a file that lives in memory alone, of which nothing can be read ahead. */
  public boolean isOnDisk() {
    return backing == Backing.DISK;
  }

  public Backing backing() {
    return backing;
  }

  public Volume volume() {
    return isOnDisk() ? Volume.DISK : Volume.MEMORY;
  }

  /** How many pages the file has, the last of them perhaps in part. */
  public long pages() {
    return size + 4095 >>> 12;
  }

  /**
   * What counts against the limit of file bytes: of a file without a name, only what is on the
   * disk.
   */
  private long countedBytes() {
    return links > 0 ? size : disk.length;
  }

  /** Tells how much more counts than when it was told last. */
  private void count() {
    long now = countedBytes();
    whenCounted.accept(now - counted);
    counted = now;
  }

  /** Nothing of it counts any more. */
  private void uncount() {
    whenCounted.accept(-counted);
    counted = 0;
  }

  /** Whoever cuts the file sees to its pages in memory first. */
  public void setSize(long newSize) {
    log.update(Table.FILE, number).column(File.SIZE, size, newSize).end();
    size = newSize;
    if (disk.length > newSize) {
      disk = Arrays.copyOf(disk, (int) newSize);
    }
    count();
  }

  void setLinks(int newLinks) {
    log.update(Table.FILE, number).column(File.LINKS, links, newLinks).end();
    links = newLinks;
    attributes.wasChanged();
    count();
  }

  /** Reads from the disk; what the disk does not hold is zero. Gives the bytes that were there. */
  public int readDisk(long offset, byte[] into, int at, int length) {
    int there = Math.clamp(Math.min(disk.length, size) - offset, 0, length);
    if (there > 0) {
      System.arraycopy(disk, (int) offset, into, at, there);
    }
    Arrays.fill(into, at + there, at + length, (byte) 0);
    return there;
  }

  /** Writes to the disk, never past the file's size. */
  public void writeDisk(long offset, byte[] from, int length) {
    int fitting = Math.clamp(size - offset, 0, length);
    if (offset + fitting > disk.length) {
      disk = Arrays.copyOf(disk, (int) (offset + fitting));
      count();
    }
    System.arraycopy(from, 0, disk, (int) offset, fitting);
  }

  /** Makes a range of the disk read as zero. */
  public void zeroDisk(long start, long end) {
    if (start < disk.length) {
      Arrays.fill(disk, (int) start, (int) Math.min(end, disk.length), (byte) 0);
    }
  }

  /** An open description or a mapping begins to use the file. */
  public void hold() {
    users++;
  }

  /**
   * One user less. Whoever may be the last goes through {@link FileSystem#letGo} instead, which
   * forgets the file then.
   */
  public void letGo() {
    users--;
  }

  boolean isForgotten() {
    return users == 0 && links == 0;
  }

  void remove() {
    uncount();
    forEachRow((table, key, values) -> {
      ChangeLog row = log.delete(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
  }

  void forEachRow(RowReader reader) {
    reader.row(Table.FILE, number, number, pathNumber, size, mode, links, seals);
  }
}
