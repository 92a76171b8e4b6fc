package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * Who may do what with files: the three bits for the owner, the group or everybody else ({@code
 * generic_permission} of {@code fs/namei.c}). Root may do everything, but executes only what
 * somebody may. Files of {@code /proc} and what has no name ask nobody.
 */
public final class Permissions {
  public static final int READ = 4;
  public static final int WRITE = 2;
  public static final int EXECUTE = 1;

  private static final int BITS = 3;
  private static final int STICKY = 01000;
  private static final int ANYBODY_EXECUTES = 0111;

  private final Refusal refusal;
  private Subject who = Subject.ROOT;

  Permissions(Refusal refusal) {
    this.refusal = refusal;
  }

  /** On whose behalf things are done from now on. */
  public void actAs(Subject subject) {
    who = subject;
  }

  private boolean allows(Status status, int wanted) {
    if (status.volume() != Volume.DISK && status.volume() != Volume.MEMORY) {
      return true;
    }
    if (who.isRoot()) {
      boolean executes = !status.isDirectory() && (wanted & EXECUTE) != 0;
      return !executes || (status.mode() & ANYBODY_EXECUTES) != 0;
    }
    int shift = owns(status) ? 2 * BITS : who.isOf(status.owner().group()) ? BITS : 0;
    return (status.mode() >>> shift & wanted) == wanted;
  }

  private boolean owns(Status status) {
    return who.isRoot() || who.user() == status.owner().user();
  }

  /** Refuses what the bits of a file or directory forbid. */
  public void check(Inode inode, int wanted, String path) {
    Status status = inode.status();
    if (!allows(status, wanted)) {
      throw refusal.of(
          Errno.EACCES,
          StepKind.NOT_PERMITTED,
          path,
          status.mode() & Names.PERMISSIONS,
          who.user());
    }
  }

  /** Looking up a name takes leave to search its directory. */
  void checkSearch(Directory directory, String path) {
    if (!who.isRoot()) {
      check(directory, EXECUTE, path);
    }
  }

  /** A name comes or goes ({@code may_create}). */
  void checkChange(Directory parent, String path) {
    if (!who.isRoot()) {
      check(parent, WRITE | EXECUTE, path);
    }
  }

  /** A name goes: from a sticky directory only by who owns that or what it leads to. */
  void checkDelete(Directory parent, Inode victim, String path) {
    checkChange(parent, path);
    if ((parent.status().mode() & STICKY) != 0 && !owns(parent.status())) {
      checkOwner(victim, path);
    }
  }

  /** Permissions, times and owners are the owner's to change. */
  public void checkOwner(Inode inode, String path) {
    Status status = inode.status();
    if (!owns(status)) {
      throw refusal.of(Errno.EPERM, StepKind.NOT_OWNER, path, status.owner().user(), who.user());
    }
  }

  /** Who may write a file may say that it was touched just now. */
  public void checkTouch(Inode inode, String path) {
    if (!owns(inode.status())) {
      check(inode, WRITE, path);
    }
  }

  /** Only root gives files away; who owns one may give it to a group of its own. */
  public void checkGift(Inode inode, Attributes.Owner to, String path) {
    Attributes.Owner from = inode.status().owner();
    boolean keepsUser = to.user() == from.user() && owns(inode.status());
    boolean mayGroup = to.group() == from.group() || who.isOf(to.group());
    if (!who.isRoot() && !(keepsUser && mayGroup)) {
      throw refusal.of(Errno.EPERM, StepKind.NOT_OWNER, path, from.user(), who.user());
    }
  }

  /** SGID stays only with who is of the file's group ({@code setattr_prepare}). */
  int modeOf(Inode inode, int mode) {
    boolean isOf = who.isRoot() || who.isOf(inode.status().owner().group());
    return isOf ? mode : mode & ~Status.SETGID;
  }
}
