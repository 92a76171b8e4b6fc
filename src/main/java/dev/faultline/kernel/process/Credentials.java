package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.Attributes;
import dev.faultline.kernel.fs.Status;
import dev.faultline.kernel.fs.Subject;
import java.util.Arrays;

/**
 * Who a process acts as ({@code struct cred}): a number for each of the real, effective and saved
 * user, and the same for groups. A library keeps the threads of a process alike; here they are.
 */
public final class Credentials {
  /** Those that this Linux has; everybody holds all of them. */
  public static final long ALL_CAPABILITIES = 0x1ff_ffff_ffffL;

  /** Stands for a number that is not to change. */
  public static final int UNCHANGED = -1;

  /** Real, effective and saved number. */
  public static final class Ids {
    private int real;
    private int effective;
    private int saved;

    public int real() {
      return real;
    }

    public int effective() {
      return effective;
    }

    public int saved() {
      return saved;
    }

    /** Whether somebody who may not choose freely may choose this. */
    public boolean has(int id) {
      return id == UNCHANGED || id == real || id == effective || id == saved;
    }

    /** Sets those that are to change. */
    public void set(int newReal, int newEffective, int newSaved) {
      real = newReal == UNCHANGED ? real : newReal;
      effective = newEffective == UNCHANGED ? effective : newEffective;
      saved = newSaved == UNCHANGED ? saved : newSaved;
    }
  }

  private final Ids users = new Ids();
  private final Ids groups = new Ids();
  private int[] supplementary = {};

  public Ids users() {
    return users;
  }

  public Ids groups() {
    return groups;
  }

  /** Whose a file is that the process makes. */
  public Attributes.Owner owner() {
    return new Attributes.Owner(users.effective, groups.effective);
  }

  /** {@code CAP_SETUID} and {@code CAP_SETGID}: who acts as root chooses freely. */
  public boolean mayChoose() {
    return users.effective == 0;
  }

  /** What it may do: everything, or nothing in particular. */
  public long capabilities() {
    return mayChoose() ? ALL_CAPABILITIES : 0;
  }

  /** Whom files ask for leave. */
  public Subject subject() {
    return subject(users.effective, groups.effective);
  }

  /** The same for {@code access(2)}, which asks who it really is. */
  public Subject realSubject() {
    return subject(users.real, groups.real);
  }

  private Subject subject(int user, int group) {
    return user == 0
        ? Subject.ROOT
        : new Subject(user, group, Arrays.stream(supplementary).boxed().toList());
  }

  /** Whether it may send signals to somebody ({@code kill_ok_by_cred}). */
  public boolean maySignal(Credentials target) {
    return mayChoose()
        || isOneOf(users.effective, target.users)
        || isOneOf(users.real, target.users);
  }

  private static boolean isOneOf(int id, Ids ids) {
    return id == ids.real || id == ids.saved;
  }

  /** {@code getgroups(2)}. */
  public int[] supplementary() {
    return supplementary.clone();
  }

  public void setSupplementary(int[] newGroups) {
    supplementary = newGroups.clone();
  }

  void take(Credentials parent) {
    users.set(parent.users.real, parent.users.effective, parent.users.saved);
    groups.set(parent.groups.real, parent.groups.effective, parent.groups.saved);
    supplementary = parent.supplementary;
  }

  /** Those of a program that begins: of who starts it, or of its file's owner (SUID, SGID). */
  Credentials ofProgram(Status file) {
    var after = new Credentials();
    after.take(this);
    if (file.setsUser()) {
      after.users.effective = file.owner().user();
    }
    if (file.setsGroup()) {
      after.groups.effective = file.owner().group();
    }
    after.users.saved = after.users.effective;
    after.groups.saved = after.groups.effective;
    return after;
  }

  /** Whether it acts as somebody else than who it is ({@code AT_SECURE}). */
  boolean isSecure() {
    return users.effective != users.real || groups.effective != groups.real;
  }
}
