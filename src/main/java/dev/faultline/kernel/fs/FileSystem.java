package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tree of directories, regular files, symbolic links and devices, as everybody who is root sees
 * it. Regular files have rows in the log, the others have not.
 */
public final class FileSystem {
  private static final int DIRECTORY_MODE = 0755;
  private final ChangeLog log;
  private final Refusal refusal;
  private final Directory root;
  private final Permissions permissions;
  private final Lookup lookup;
  private final RandomBytes random;
  private final LongSupplier now;
  private final InodeTable inodes;
  private final FileWatches watches = new FileWatches();
  private final FileLocks locks = new FileLocks();
  private final Names names;

  /**
   * @param now nanoseconds since 1970
   */
  public FileSystem(RandomBytes random, LongSupplier now, ChangeLog log) {
    this.now = now;
    this.log = log;
    this.random = random;
    refusal = new Refusal(log);
    inodes = new InodeTable(watches, now, log);
    root = new Directory(inodes.next(), null, "", DIRECTORY_MODE, new Attributes(Owner.ROOT, now));
    permissions = new Permissions(refusal);
    lookup = new Lookup(root, permissions, refusal);
    names = new Names(root, lookup, permissions, inodes, watches, now, log);
    Directory devices = own(root, "dev");
    for (Device device : Device.values()) {
      devices.entries().put(device.label(), new DeviceFile(inodes.nextOwn(), device));
    }
    link(devices, "fd", "/proc/self/fd");
    link(devices, "stdin", "/proc/self/fd/0");
    link(devices, "stdout", "/proc/self/fd/1");
    link(devices, "stderr", "/proc/self/fd/2");
    own(root, "tmp").setMode(01777);
    own(devices, "shm").setMode(01777);
  }

  private void link(Directory parent, String name, String target) {
    parent
        .entries()
        .put(name, new SymbolicLink(inodes.nextOwn(), target, new Attributes(Owner.ROOT, now)));
  }

  /** Puts a directory that others fill in under the root. */
  public void mount(String name, Directory directory) {
    root.entries().put(name, directory);
  }

  private Directory own(Directory parent, String name) {
    var directory =
        new Directory(
            inodes.nextOwn(), parent, name, DIRECTORY_MODE, new Attributes(Owner.ROOT, now));
    parent.entries().put(name, directory);
    return directory;
  }

  /** Every file that is alive, with a name or without. */
  public InodeTable inodes() {
    return inodes;
  }

  /** Who is told of what happens to files. */
  public FileWatches watches() {
    return watches;
  }

  /** Who may do what with files. */
  public Permissions permissions() {
    return permissions;
  }

  /** Who keeps others off files. */
  public FileLocks locks() {
    return locks;
  }

  /** The names in its directories. */
  public Names names() {
    return names;
  }

  public Directory root() {
    return root;
  }

  /** How many names of paths and links have been followed. */
  public long walked() {
    return lookup.walked();
  }

  /** Refuses to go on once more names than this have been followed. */
  public void checkWalked(long most, String path) {
    if (walked() > most) {
      throw refusal.of(Errno.ELOOP, StepKind.TOO_MANY_LINKS, path);
    }
  }

  /** The regular file at a path from the root, without a word to the log; null for none. */
  public @Nullable RegularFile find(String path) {
    return at(path) instanceof RegularFile file ? file : null;
  }

  /** What a file of {@code /proc} holds now, without a word to the log; null for none. */
  public @Nullable Content generated(String path) {
    return at(path) instanceof GeneratedFile file ? file.content().get() : null;
  }

  private @Nullable Inode at(String path) {
    Inode found = root;
    for (String name : path.split("/", -1)) {
      if (!name.isEmpty()) {
        found = found instanceof Directory directory ? directory.entries().get(name) : null;
      }
    }
    return found;
  }

  /**
   * Opens what is at a path, as {@code openat(2)} does; nobody waits for a FIFO's other end.
   *
   * @param maker whose a file is that is made
   */
  public Description open(Directory start, String path, int flags, int mode, Owner maker) {
    boolean create = OpenFlag.CREAT.in(flags);
    boolean exclusive = create && OpenFlag.EXCL.in(flags);
    boolean follow = !OpenFlag.NOFOLLOW.in(flags) && !exclusive;
    Lookup.Found found = lookup.find(start, path, follow);
    Inode inode = found.inode();
    if (inode == null) {
      if (!create) {
        throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
      }
      if (path.endsWith("/")) {
        throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
      }
      names.checkOrdinary(found, Errno.ENOENT, path);
      permissions.checkChange(found.parent(), path);
      return opened(new OpenFile(names.make(found, mode, maker, new byte[0]), flags));
    }
    if (exclusive) {
      throw refusal.of(Errno.EEXIST, StepKind.FILE_EXISTS, path);
    }
    if (OpenFlag.DIRECTORY.in(flags) && !(inode instanceof Directory)) {
      throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
    }
    return switch (inode) {
      case Directory directory -> {
        if (create || (flags & OpenFlag.ACCESS_MODE) != OpenFlag.RDONLY.bit()) {
          throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
        }
        permissions.check(directory, Permissions.READ, path);
        yield opened(new OpenDirectory(directory, flags));
      }
      case RegularFile file -> {
        permissions.check(file, wanted(flags), path);
        yield found(file, path, flags);
      }
      case SymbolicLink link -> throw refusal.of(Errno.ELOOP, StepKind.TOO_MANY_LINKS, path);
      case MagicLink link -> throw refusal.of(Errno.ELOOP, StepKind.TOO_MANY_LINKS, path);
      case DeviceFile device -> {
        if (device.device() == Device.TTY) {
          throw refusal.of(Errno.ENXIO, StepKind.NO_CONTROLLING_TERMINAL, path);
        }
        permissions.check(device, wanted(flags), path);
        yield new OpenDevice(device, random, flags);
      }
      case SocketFile socket -> throw refusal.of(Errno.ENXIO, StepKind.NOT_A_FILE, path);
      case Fifo fifo -> {
        permissions.check(fifo, wanted(flags), path);
        boolean onlyWrites = (flags & OpenFlag.ACCESS_MODE) == OpenFlag.WRONLY.bit();
        if (onlyWrites && OpenFlag.NONBLOCK.in(flags) && !fifo.pipe().hasReaders()) {
          throw refusal.of(Errno.ENXIO, StepKind.NO_READER, path);
        }
        yield fifo.pipe().end(flags);
      }
      case GeneratedFile file -> new OpenGenerated(file, flags);
      case StreamFile(ByteStream stream) -> stream.reopen(flags);
    };
  }

  /** What the bits of a file must allow for it to be opened so ({@code build_open_flags}). */
  private static int wanted(int flags) {
    int mode = flags & OpenFlag.ACCESS_MODE;
    int reads = mode == OpenFlag.WRONLY.bit() ? 0 : Permissions.READ;
    int writes = mode == OpenFlag.RDONLY.bit() ? 0 : Permissions.WRITE;
    return reads | writes | (OpenFlag.TRUNC.in(flags) ? Permissions.WRITE : 0);
  }

  private OpenFile found(RegularFile file, String path, int flags) {
    log.step(StepKind.FINDS_FILE, log.intern(path), file.number(), file.size());
    return opened(new OpenFile(file, flags));
  }

  /** Opens a file that is to be executed, which need not be readable ({@code open_exec}). */
  public OpenFile openProgram(Directory start, String path) {
    if (!(existing(start, path, true) instanceof RegularFile file)) {
      throw refusal.of(Errno.EACCES, StepKind.NOT_EXECUTABLE, path);
    }
    permissions.check(file, Permissions.EXECUTE, path);
    return found(file, path, OpenFlag.RDONLY.bit());
  }

  private <D extends Description> D opened(D open) {
    watches.happened(open.file(), FileWatches.OPEN);
    return open;
  }

  /** The regular file at a path from the root. */
  public RegularFile regular(String path) {
    return regular(root, path);
  }

  /** The regular file at a path. */
  public RegularFile regular(Directory start, String path) {
    return switch (lookup.find(start, path, true).inode()) {
      case null -> throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
      case RegularFile file -> file;
      case Directory directory -> throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
      default -> throw refusal.of(Errno.EINVAL, StepKind.NOT_A_FILE, path);
    };
  }

  /** {@code stat(2)}, or {@code lstat(2)} when links are not followed. */
  public Status status(Directory start, String path, boolean follow) {
    return existing(start, path, follow).status();
  }

  /** What is at a path from the root. */
  public Inode existing(String path) {
    return existing(root, path, true);
  }

  /** What is at a path. */
  public Inode existing(Directory start, String path, boolean follow) {
    Inode inode = lookup.find(start, path, follow).inode();
    if (inode == null) {
      throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
    }
    return inode;
  }

  /** The directory at a path. */
  public Directory directory(Directory start, String path) {
    if (existing(start, path, true) instanceof Directory directory) {
      return directory;
    }
    throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
  }

  /** {@code readlink(2)}. */
  public String readLink(Directory start, String path) {
    return switch (existing(start, path, false)) {
      case SymbolicLink link -> link.target();
      case MagicLink link -> link.text();
      default -> throw refusal.of(Errno.EINVAL, StepKind.NOT_A_LINK, path);
    };
  }

  /**
   * Puts a new file at a path, with the directories above it. A file that has this name loses it,
   * as when an installer renames its work into place: who has the old file open or mapped keeps it.
   */
  public RegularFile put(String path, int mode, byte[] bytes) {
    Lookup.Found found = placeFor(path);
    if (found.inode() instanceof Directory) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
    }
    return names.make(found, mode, Owner.ROOT, bytes);
  }

  /** Puts a symbolic link at a path in the same way. */
  public void putLink(String path, String target) {
    Lookup.Found found = placeFor(path);
    if (found.inode() instanceof Directory) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
    }
    names.replace(found, new SymbolicLink(inodes.next(), target, new Attributes(Owner.ROOT, now)));
  }

  /** Puts another name of the file at {@code target}, in place of what has it. */
  public void putHardLink(String path, String target) {
    RegularFile file = regular(target);
    Lookup.Found found = placeFor(path);
    if (found.inode() instanceof Directory) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
    }
    if (found.inode() == file) {
      return;
    }
    file.setLinks(file.links() + 1);
    names.replace(found, file);
  }

  /** Whether a path from the root leads anywhere, or is a link. */
  public boolean exists(String path) {
    return lookup.find(root, path, false).inode() != null;
  }

  /** Makes a directory and those above it, as far as they are not there. */
  public void putDirectory(String path, int mode) {
    Lookup.Found found = placeFor(path);
    if (found.inode() == null) {
      names.makeDirectory(found, mode, Owner.ROOT);
    }
  }

  /** Where a path leads once the directories above it are made. */
  private Lookup.Found placeFor(String wanted) {
    String path = withoutLastSlashes(wanted);
    int slash = path.lastIndexOf('/');
    for (int at = path.indexOf('/', 1); at > 0 && at <= slash; at = path.indexOf('/', at + 1)) {
      Lookup.Found above = lookup.find(root, path.substring(0, at), true);
      if (above.inode() == null) {
        names.checkOrdinary(above, Errno.ENOENT, path);
        names.makeDirectory(above, DIRECTORY_MODE, Owner.ROOT);
      }
    }
    Lookup.Found found = lookup.find(root, path, false);
    names.checkOrdinary(found, Errno.ENOENT, path);
    return found;
  }

  /** Takes away what was put at a path. */
  public void delete(String path) {
    names.unlink(root, withoutLastSlashes(path));
  }

  private static String withoutLastSlashes(String path) {
    return path.replaceFirst("(?<=.)/+$", "");
  }

  /** {@code chmod(2)}. */
  public void changeMode(Directory start, String path, int mode) {
    changeMode(existing(start, path, true), mode, path);
  }

  /** {@code chmod(2)} of what was found already. */
  public void changeMode(Inode inode, int wanted, String path) {
    permissions.checkOwner(inode, path);
    int mode = permissions.modeOf(inode, wanted);
    switch (inode) {
      case RegularFile file -> changeMode(file, mode);
      case Directory directory -> {
        directory.setMode(mode & Names.PERMISSIONS);
        watches.happened(directory, FileWatches.ATTRIB);
      }
      case SpecialFile special -> special.setMode(mode & Names.PERMISSIONS);
      default -> {}
    }
  }

  private void changeMode(RegularFile file, int mode) {
    file.setMode(mode & Names.PERMISSIONS);
    watches.happened(file, FileWatches.ATTRIB);
  }

  /** A new pipe. */
  public Pipe makePipe() {
    return new Pipe(inodes.nextOwn(), null);
  }

  /** An open description or a mapping of the file ends. */
  public void letGo(RegularFile file) {
    inodes.letGo(file);
  }

  /** The names of the files that can be reached, by path. */
  public Map<String, RegularFile> byPath() {
    Map<String, RegularFile> found = new TreeMap<>();
    collect("", root, found);
    return found;
  }

  private static void collect(String prefix, Directory directory, Map<String, RegularFile> found) {
    directory
        .entries()
        .forEach((name, inode) -> {
          String path = prefix + "/" + name;
          switch (inode) {
            case GeneratedDirectory generated -> {}
            case Directory below -> collect(path, below, found);
            case RegularFile file -> found.put(path, file);
            default -> {}
          }
        });
  }
}
