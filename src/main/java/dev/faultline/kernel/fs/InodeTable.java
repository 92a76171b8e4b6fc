package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.Seal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The regular files that are alive, by their numbers: those with a name, and those that only a
 * descriptor or a mapping holds. A file goes when nothing of these is left.
 */
public final class InodeTable {
  /** What the machine starts with has numbers from here on, files of people lower ones. */
  private static final long FIRST_OWN = 1L << 20;

  private final FileWatches watches;
  private final LongSupplier now;
  private final ChangeLog log;
  private final NavigableMap<Long, RegularFile> files = new TreeMap<>();
  private Consumer<RegularFile> whenForgotten = file -> {};
  private long bytes;
  private long next = 2;
  private long nextOwn = FIRST_OWN;
  private long anonymousNumber;

  /**
   * @param now nanoseconds since 1970
   */
  InodeTable(FileWatches watches, LongSupplier now, ChangeLog log) {
    this.watches = watches;
    this.now = now;
    this.log = log;
  }

  /** Who is told when a file has no name, descriptor or mapping left, before its row goes. */
  public void whenForgotten(Consumer<RegularFile> listener) {
    whenForgotten = whenForgotten.andThen(listener);
  }

  /** Every file that is alive, by number. */
  public Collection<RegularFile> files() {
    return files.values();
  }

  public int count() {
    return files.size();
  }

  /** What all files have that counts against the limit. */
  public long bytes() {
    return bytes;
  }

  private void grow(long more) {
    bytes += more;
  }

  public @Nullable RegularFile byNumber(long number) {
    return files.get(number);
  }

  public void forEachRow(RowReader reader) {
    files.values().forEach(file -> file.forEachRow(reader));
  }

  /** A number for something that people or programs make. */
  long next() {
    return next++;
  }

  /** A number for something of the machine's own. */
  long nextOwn() {
    return nextOwn++;
  }

  /** The number that all files have which are nothing but what a descriptor stands for. */
  public long anonymousNumber() {
    if (anonymousNumber == 0) {
      anonymousNumber = nextOwn++;
    }
    return anonymousNumber;
  }

  /** A file that is about to have a name in a directory. */
  RegularFile makeOnDisk(String path, int mode, byte[] bytes, Attributes attributes) {
    log.step(StepKind.CREATES_FILE, log.intern(path), next);
    return keep(
        new RegularFile(
            next++, path, mode, 1, bytes, Backing.DISK, 0, attributes, this::grow, log));
  }

  /**
   * A file without a name, alive as long as someone holds it: what a shared anonymous mapping maps.
   */
  public RegularFile makeShared(long size, Backing backing) {
    return makeShared("/dev/zero", size, backing);
  }

  /** The same under a name that {@code maps} shows. */
  public RegularFile makeShared(String path, long size, Backing backing) {
    RegularFile file = make(next++, path, 0600, 0, backing, Seal.SEAL.bit());
    file.setSize(size);
    return file;
  }

  /** What {@code memfd_create} makes, still empty. */
  public RegularFile makeMemory(String path, int mode, int seals) {
    return make(next++, path, mode, 0, Backing.BY_PAGE, seals);
  }

  /** A file of the kernel itself, in no directory: what it maps into every program. */
  public RegularFile makeForKernel(String path, long size) {
    RegularFile file = make(nextOwn++, path, 0444, 1, Backing.KERNEL, 0);
    file.setSize(size);
    return file;
  }

  private RegularFile make(
      long number, String path, int mode, int links, Backing backing, int seals) {
    var attributes = new Attributes(Owner.ROOT, now);
    return keep(
        new RegularFile(
            number, path, mode, links, new byte[0], backing, seals, attributes, this::grow, log));
  }

  private RegularFile keep(RegularFile file) {
    files.put(file.number(), file);
    return file;
  }

  /** Whether {@code maps} shows a file as memory of the kernel, which is on no device. */
  public static boolean isOfKernel(RegularFile file) {
    return file.number() >= FIRST_OWN;
  }

  /** An open description or a mapping of the file ends. */
  void letGo(RegularFile file) {
    file.letGo();
    forget(file);
  }

  /** The file has a name less. */
  void dropLink(RegularFile file) {
    file.setLinks(file.links() - 1);
    forget(file);
  }

  private void forget(RegularFile file) {
    if (file.isForgotten()) {
      log.step(StepKind.FORGETS_FILE, file.number());
      whenForgotten.accept(file);
      watches.gone(file);
      file.remove();
      files.remove(file.number());
    }
  }
}
