package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what paths lead to ({@code path_resolution(7)}, {@code fs/namei.c}). */
final class Lookup {
  /** {@code PATH_MAX} less its final zero byte, and {@code NAME_MAX}. */
  private static final int LONGEST_PATH = 4095;

  private static final int LONGEST_NAME = 255;

  /** {@code MAXSYMLINKS}. */
  private static final int MOST_LINKS = 40;

  /**
   * Where a path leads.
   *
   * @param parent the directory that has its last name, or would
   * @param name its last name; {@code "."} when the path ends at the directory itself
   * @param inode null when there is no such name
   */
  record Found(Directory parent, String name, @Nullable Inode inode) {
    String path() {
      return name.equals(".") ? parent.path() : parent.pathOf(name);
    }
  }

  private final Directory root;
  private final Permissions permissions;
  private final Refusal refusal;
  private long walked;

  Lookup(Directory root, Permissions permissions, Refusal refusal) {
    this.root = root;
    this.permissions = permissions;
    this.refusal = refusal;
  }

  /** How many names have been followed. */
  long walked() {
    return walked;
  }

  /**
   * Follows a path.
   *
   * @param start where a relative one begins
   * @param follow whether a symbolic link at its end is followed
   */
  Found find(Directory start, String path, boolean follow) {
    if (path.isEmpty()) {
      throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
    }
    checkLength(path);
    Directory at = path.startsWith("/") ? root : start;
    Deque<String> names = new ArrayDeque<>();
    pushAll(names, path);
    boolean mustBeDirectory = path.endsWith("/") || path.endsWith("/.") || path.endsWith("/..");
    Found found = new Found(at, ".", at);
    int links = 0;
    while (!names.isEmpty()) {
      String name = names.pop();
      walked++;
      permissions.checkSearch(at, path);
      if (name.equals("..")) {
        at = at.parent();
        found = new Found(at, ".", at);
        continue;
      }
      Inode inode = at.entries().get(name);
      found = new Found(at, name, inode);
      if (inode instanceof SymbolicLink link && (follow || mustBeDirectory || !names.isEmpty())) {
        if (++links > MOST_LINKS) {
          throw refusal.of(Errno.ELOOP, StepKind.TOO_MANY_LINKS, path);
        }
        if (link.target().startsWith("/")) {
          at = root;
        }
        pushAll(names, link.target());
        found = new Found(at, ".", at);
        continue;
      }
      if (inode instanceof MagicLink link && (follow || mustBeDirectory || !names.isEmpty())) {
        inode = link.target().get();
        found = new Found(at, name, inode);
        if (inode instanceof Directory directory && names.isEmpty()) {
          found = new Found(directory, ".", directory);
        }
      }
      if (names.isEmpty()) {
        break;
      }
      at =
          switch (inode) {
            case null -> throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
            case Directory directory -> directory;
            default -> throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
          };
    }
    boolean isOther = found.inode() != null && !(found.inode() instanceof Directory);
    if (mustBeDirectory && isOther) {
      throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
    }
    return found;
  }

  private void checkLength(String path) {
    if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw refusal.of(Errno.ENAMETOOLONG, StepKind.NAME_TOO_LONG);
    }
    for (String name : path.split("/")) {
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        throw refusal.of(Errno.ENAMETOOLONG, StepKind.NAME_TOO_LONG);
      }
    }
  }

  private static void pushAll(Deque<String> names, String path) {
    List<String> parts = List.of(path.split("/"));
    for (String part : parts.reversed()) {
      if (!part.isEmpty() && !part.equals(".")) {
        names.push(part);
      }
    }
  }
}
