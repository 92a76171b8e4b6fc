package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A tree of directories and regular files, with the rules that {@code path_resolution(7)} has for
 * paths.
 */
public final class FileSystem {
  /** {@code PATH_MAX} less its final zero byte, and {@code NAME_MAX}. */
  private static final int LONGEST_PATH = 4095;

  private static final int LONGEST_NAME = 255;

  private final ChangeLog log;
  private final Refusal refusal;
  private final Directory root;
  private final NavigableMap<Long, RegularFile> files = new TreeMap<>();
  private Consumer<RegularFile> whenForgotten = file -> {};
  private long nextInode = 2;

  public FileSystem(ChangeLog log) {
    this.log = log;
    this.refusal = new Refusal(log);
    root = new Directory(nextInode++);
  }

  /** Who is told when a file has no name, descriptor or mapping left, before its row goes. */
  public void whenForgotten(Consumer<RegularFile> listener) {
    whenForgotten = listener;
  }

  /** Every file that is alive, by inode number. */
  public Iterable<RegularFile> files() {
    return files.values();
  }

  public int count() {
    return files.size();
  }

  public @Nullable RegularFile byNumber(long inode) {
    return files.get(inode);
  }

  /** The regular file at a path, or null. */
  public @Nullable RegularFile find(String path) {
    Inode found = root;
    for (String name : path.split("/")) {
      if (!name.isEmpty()) {
        found = found instanceof Directory directory ? directory.entries().get(name) : null;
      }
    }
    return found instanceof RegularFile file ? file : null;
  }

  /** Opens the file at a path as {@code openat(2)} does. */
  public RegularFile open(String path, boolean create, boolean exclusive, int mode) {
    List<String> names = names(path);
    Directory parent = parent(path, names);
    if (names.isEmpty()) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
    }
    Inode found = parent.entries().get(names.getLast());
    if (found == null) {
      if (!create) {
        throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
      }
      return make(parent, names, mode, new byte[0]);
    }
    if (exclusive && create) {
      throw refusal.of(Errno.EEXIST, StepKind.FILE_EXISTS, path);
    }
    return switch (found) {
      case Directory directory -> throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
      case RegularFile file -> {
        log.step(StepKind.FINDS_FILE, log.intern(path), file.number(), file.size());
        yield file;
      }
    };
  }

  /**
   * Puts a new file at a path, with the directories above it. A file that has this name loses it,
   * as when an installer renames its work into place: who has the old file open or mapped keeps it.
   */
  public RegularFile put(String path, int mode, byte[] bytes) {
    List<String> names = names(path);
    if (names.isEmpty()) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
    }
    Directory parent = root;
    for (String name : names.subList(0, names.size() - 1)) {
      Inode next = parent.entries().computeIfAbsent(name, absent -> new Directory(nextInode++));
      if (!(next instanceof Directory directory)) {
        throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
      }
      parent = directory;
    }
    Inode old = parent.entries().get(names.getLast());
    if (old instanceof Directory) {
      throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
    }
    RegularFile file = make(parent, names, mode, bytes);
    if (old instanceof RegularFile replaced) {
      dropLink(replaced);
    }
    return file;
  }

  /** {@code unlink(2)}. */
  public void unlink(String path) {
    List<String> names = names(path);
    Directory parent = parent(path, names);
    Inode found = names.isEmpty() ? root : parent.entries().get(names.getLast());
    switch (found) {
      case null -> throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
      case Directory directory -> throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, path);
      case RegularFile file -> {
        parent.entries().remove(names.getLast());
        dropLink(file);
      }
    }
  }

  /**
   * A file without a name, alive as long as someone holds it: what a shared anonymous mapping maps.
   */
  public RegularFile makeNameless(String path, long size) {
    RegularFile file = new RegularFile(nextInode++, path, 0600, 0, new byte[0], false, log);
    file.setSize(size);
    files.put(file.number(), file);
    return file;
  }

  /** An open description or a mapping of the file ends. */
  public void letGo(RegularFile file) {
    file.letGo();
    forget(file);
  }

  private void dropLink(RegularFile file) {
    file.setLinks(file.links() - 1);
    forget(file);
  }

  private void forget(RegularFile file) {
    if (file.isForgotten()) {
      log.step(StepKind.FORGETS_FILE, file.number());
      whenForgotten.accept(file);
      file.remove();
      files.remove(file.number());
    }
  }

  private RegularFile make(Directory parent, List<String> names, int mode, byte[] bytes) {
    String path = "/" + String.join("/", names);
    log.step(StepKind.CREATES_FILE, log.intern(path), nextInode);
    RegularFile file = new RegularFile(nextInode++, path, mode, 1, bytes, true, log);
    parent.entries().put(names.getLast(), file);
    files.put(file.number(), file);
    return file;
  }

  private Directory parent(String path, List<String> names) {
    Directory parent = root;
    for (int i = 0; i < names.size() - 1; i++) {
      parent =
          switch (parent.entries().get(names.get(i))) {
            case null -> throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
            case RegularFile file ->
                throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
            case Directory directory -> directory;
          };
    }
    return parent;
  }

  private List<String> names(String path) {
    if (path.isEmpty()) {
      throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
    }
    if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw tooLong();
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        throw tooLong();
      }
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.removeLast();
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }

  private LinuxError tooLong() {
    return refusal.of(Errno.ENAMETOOLONG, StepKind.NAME_TOO_LONG);
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
            case Directory below -> collect(path, below, found);
            case RegularFile file -> found.put(path, file);
          }
        });
  }

  public void forEachRow(RowReader reader) {
    files.values().forEach(file -> file.forEachRow(reader));
  }
}
