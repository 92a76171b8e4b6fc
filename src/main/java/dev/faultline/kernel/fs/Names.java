package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.function.LongSupplier;

/** The names in directories: how they are made, moved and taken away ({@code fs/namei.c}). */
public final class Names {
  static final int PERMISSIONS = 07777;

  /** How deep directories may lie in one another, so that every path can be told. */
  private static final int MOST_LEVELS = 1024;

  private final Directory root;
  private final Lookup lookup;
  private final Permissions permissions;
  private final InodeTable inodes;
  private final FileWatches watches;
  private final LongSupplier now;
  private final Refusal refusal;
  private int count;

  /**
   * @param now nanoseconds since 1970
   */
  Names(
      Directory root,
      Lookup lookup,
      Permissions permissions,
      InodeTable inodes,
      FileWatches watches,
      LongSupplier now,
      ChangeLog log) {
    this.watches = watches;
    this.root = root;
    this.lookup = lookup;
    this.permissions = permissions;
    this.inodes = inodes;
    this.now = now;
    refusal = new Refusal(log);
  }

  /** How many names of files, links and directories people and programs have made. */
  public int count() {
    return count;
  }

  /** Refuses to change a directory that the kernel fills. */
  void checkOrdinary(Lookup.Found found, Errno errno, String path) {
    if (found.parent() instanceof GeneratedDirectory) {
      throw refusal.of(errno, StepKind.NO_SUCH_FILE, path);
    }
  }

  private void add(Directory parent, String name, Inode inode) {
    if (parent.entries().put(name, inode) == null) {
      count++;
    }
    if (inode instanceof RegularFile file) {
      file.setPlace(new FileWatches.Place(parent, name));
    }
    parent.attributes().wasWritten();
  }

  /** Something new gets a name that is free. */
  private void create(Lookup.Found place, Inode inode) {
    add(place.parent(), place.name(), inode);
    watches.created(place.parent(), place.name(), inode);
  }

  /** Something gets a name, which what has it loses, as if it were renamed into place. */
  void replace(Lookup.Found place, Inode inode) {
    Inode replaced = place.inode();
    if (replaced == null) {
      create(place, inode);
      return;
    }
    add(place.parent(), place.name(), inode);
    var name = new FileWatches.Place(place.parent(), place.name());
    watches.moved(name, name, inode, replaced);
    drop(replaced);
  }

  /** A name leads to it no more. */
  private void drop(Inode inode) {
    if (inode instanceof RegularFile file) {
      inodes.dropLink(file);
    } else {
      watches.gone(inode);
    }
  }

  private void remove(Directory parent, String name) {
    if (parent.entries().remove(name) != null) {
      count--;
    }
    parent.attributes().wasWritten();
  }

  /** Refuses what would be deeper than anybody can look. */
  private void checkDepth(Directory parent, int levels) {
    if (parent.depth() + levels > MOST_LEVELS) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "levels of directories", MOST_LEVELS);
    }
  }

  void makeDirectory(Lookup.Found place, int mode, Owner maker) {
    Directory parent = place.parent();
    checkDepth(parent, 1);
    int handedOn = parent.handsGroupOn() ? Status.SETGID : 0;
    Attributes attributes = attributes(parent, maker);
    create(place, new Directory(inodes.next(), parent, place.name(), mode | handedOn, attributes));
  }

  private Attributes attributes(Directory parent, Owner maker) {
    return new Attributes(parent.ownerOfNew(maker), now);
  }

  /** {@code mkdir(2)}. */
  public void makeDirectory(Directory start, String path, int mode, Owner maker) {
    makeDirectory(freeName(start, path), mode & PERMISSIONS, maker);
  }

  /** {@code mknod(2)} of a regular file. */
  public void makeFile(Directory start, String path, int mode, Owner maker) {
    Lookup.Found found = freeName(start, path);
    make(found, mode, maker, new byte[0]);
  }

  /** {@code mkfifo(3)}. */
  public void makeFifo(Directory start, String path, int mode, Owner maker) {
    Lookup.Found found = freeName(start, path);
    Directory parent = found.parent();
    String whole = parent.pathOf(found.name());
    var attributes = attributes(parent, maker);
    create(found, new Fifo(inodes.next(), whole, mode & PERMISSIONS, attributes));
  }

  /** What {@code bind(2)} makes of a path. */
  void makeSocket(Directory start, String path, int mode, Owner maker, Socket socket) {
    Lookup.Found found = freeName(start, path);
    Directory parent = found.parent();
    String whole = parent.pathOf(found.name());
    var attributes = attributes(parent, maker);
    create(found, new SocketFile(inodes.next(), whole, mode & PERMISSIONS, attributes, socket));
  }

  /** Whether there is something at a path. */
  boolean isTaken(Directory start, String path) {
    return lookup.find(start, path, false).inode() != null;
  }

  private Lookup.Found freeName(Directory start, String path) {
    Lookup.Found found = lookup.find(start, path, false);
    if (found.inode() != null) {
      throw refusal.of(Errno.EEXIST, StepKind.FILE_EXISTS, path);
    }
    checkOrdinary(found, Errno.ENOENT, path);
    permissions.checkChange(found.parent(), path);
    return found;
  }

  /** {@code symlink(2)}. */
  public void makeLink(Directory start, String path, String target, Owner maker) {
    Lookup.Found found = freeName(start, path);
    var attributes = attributes(found.parent(), maker);
    create(found, new SymbolicLink(inodes.next(), target, attributes));
  }

  /** {@code link(2)}: another name for a file. */
  public void link(Directory from, String path, Directory start, String newPath) {
    Inode inode = lookup.find(from, path, false).inode();
    if (inode == null) {
      throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
    }
    Lookup.Found place = freeName(start, newPath);
    if (inode instanceof Directory) {
      throw refusal.of(Errno.EPERM, StepKind.IS_A_DIRECTORY, path);
    }
    if (inode instanceof RegularFile file) {
      file.setLinks(file.links() + 1);
    }
    watches.linked(inode);
    create(place, inode);
  }

  private Inode existing(Lookup.Found found, String path) {
    if (found.inode() == null) {
      throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
    }
    return found.inode();
  }

  private Inode deletable(Lookup.Found found, String path) {
    Inode inode = existing(found, path);
    permissions.checkDelete(found.parent(), inode, path);
    return inode;
  }

  /** {@code unlink(2)}. */
  public void unlink(Directory start, String path) {
    Lookup.Found found = lookup.find(start, path, false);
    checkOrdinary(found, Errno.EPERM, path);
    Inode inode = deletable(found, path);
    switch (inode) {
      case Directory directory -> throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
      default -> {
        remove(found.parent(), found.name());
        watches.linked(inode);
        drop(inode);
        watches.deleted(found.parent(), found.name(), inode);
      }
    }
  }

  /** {@code rmdir(2)}. */
  public void removeDirectory(Directory start, String path) {
    Lookup.Found found = lookup.find(start, path, false);
    checkOrdinary(found, Errno.EPERM, path);
    switch (deletable(found, path)) {
      case Directory directory -> {
        if (directory == root || found.name().equals(".")) {
          throw refusal.of(Errno.EBUSY, StepKind.IS_A_DIRECTORY, path);
        }
        if (!directory.entries().isEmpty()) {
          throw refusal.of(Errno.ENOTEMPTY, StepKind.NOT_EMPTY, path);
        }
        remove(found.parent(), found.name());
        watches.gone(directory);
        watches.deleted(found.parent(), found.name(), directory);
      }
      default -> throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
    }
  }

  /** {@code rename(2)}. */
  public void rename(Directory from, String path, Directory to, String newPath) {
    Lookup.Found old = lookup.find(from, path, false);
    Lookup.Found target = lookup.find(to, newPath, false);
    checkOrdinary(old, Errno.EPERM, path);
    checkOrdinary(target, Errno.EPERM, newPath);
    Inode moving = existing(old, path);
    if (moving == target.inode()) {
      return;
    }
    permissions.checkDelete(old.parent(), moving, path);
    if (target.inode() == null) {
      permissions.checkChange(target.parent(), newPath);
    } else {
      permissions.checkDelete(target.parent(), target.inode(), newPath);
    }
    if (moving instanceof Directory directory) {
      if (old.parent() != target.parent()) {
        // Its ".." is written anew.
        permissions.check(directory, Permissions.WRITE, path);
      }
      checkMove(directory, target, newPath);
      directory.moveTo(target.parent(), target.name());
    } else if (target.inode() instanceof Directory) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, newPath);
    }
    remove(old.parent(), old.name());
    add(target.parent(), target.name(), moving);
    watches.moved(
        new FileWatches.Place(old.parent(), old.name()),
        new FileWatches.Place(target.parent(), target.name()),
        moving,
        target.inode());
    if (target.inode() != null) {
      drop(target.inode());
    }
  }

  /** A directory may take the place of an empty one, and of nothing else. */
  private void checkMove(Directory directory, Lookup.Found target, String newPath) {
    switch (target.inode()) {
      case null -> {}
      case Directory there when there.entries().isEmpty() -> {}
      case Directory there -> throw refusal.of(Errno.ENOTEMPTY, StepKind.NOT_EMPTY, newPath);
      default -> throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, newPath);
    }
    for (Directory at = target.parent(); at != root; at = at.parent()) {
      if (at == directory) {
        throw refusal.of(Errno.EINVAL, StepKind.INTO_ITSELF, newPath);
      }
    }
    checkDepth(target.parent(), directory.levels());
  }

  /** Refuses a name that is taken. */
  public void checkFree(Directory start, String path) {
    freeName(start, path);
  }

  RegularFile make(Lookup.Found place, int mode, Owner maker, byte[] bytes) {
    Directory parent = place.parent();
    RegularFile file =
        inodes.makeOnDisk(
            parent.pathOf(place.name()), mode & PERMISSIONS, bytes, attributes(parent, maker));
    replace(place, file);
    return file;
  }
}
