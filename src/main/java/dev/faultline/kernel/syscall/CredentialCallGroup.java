package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Credentials;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.function.Function;

/** System calls about users and groups ({@code kernel/sys.c}). */
final class CredentialCallGroup implements CallGroup {
  private static final int MOST_GROUPS = 65_536;
  private static final int UNCHANGED = Credentials.UNCHANGED;

  private final UserAccess user;
  private final Refusal refusal;

  CredentialCallGroup(CallContext context) {
    this.user = context.user();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    Function<Credentials, Credentials.Ids> users = Credentials::users;
    Function<Credentials, Credentials.Ids> groups = Credentials::groups;
    return List.of(
        SystemCall.ofProcess(143, "setregid", "dd", (p, a) -> setBoth(p, groups, a)),
        SystemCall.ofProcess(144, "setgid", "d", (p, a) -> setOne(p, groups, a)),
        SystemCall.ofProcess(145, "setreuid", "dd", (p, a) -> setBoth(p, users, a)),
        SystemCall.ofProcess(146, "setuid", "d", (p, a) -> setOne(p, users, a)),
        SystemCall.ofProcess(147, "setresuid", "ddd", (p, a) -> setAll(p, users, a)),
        SystemCall.ofProcess(148, "getresuid", "xxx", (p, a) -> getAll(p, users, a)),
        SystemCall.ofProcess(149, "setresgid", "ddd", (p, a) -> setAll(p, groups, a)),
        SystemCall.ofProcess(150, "getresgid", "xxx", (p, a) -> getAll(p, groups, a)),
        SystemCall.ofProcess(151, "setfsuid", "d", (p, a) -> p.credentials().users().effective()),
        SystemCall.ofProcess(152, "setfsgid", "d", (p, a) -> p.credentials().groups().effective()),
        SystemCall.ofProcess(158, "getgroups", "dx", this::getgroups),
        SystemCall.ofProcess(159, "setgroups", "dx", this::setgroups),
        SystemCall.ofProcess(174, "getuid", "", (p, a) -> p.credentials().users().real()),
        SystemCall.ofProcess(175, "geteuid", "", (p, a) -> p.credentials().users().effective()),
        SystemCall.ofProcess(176, "getgid", "", (p, a) -> p.credentials().groups().real()),
        SystemCall.ofProcess(177, "getegid", "", (p, a) -> p.credentials().groups().effective()));
  }

  private void check(Process process, boolean isAllowed, long id) {
    if (!process.credentials().mayChoose() && !isAllowed) {
      throw refusal.of(Errno.EPERM, StepKind.NOT_ROOT, id);
    }
  }

  private long setOne(Process process, Function<Credentials, Credentials.Ids> kind, long[] a) {
    Credentials.Ids ids = kind.apply(process.credentials());
    int id = (int) a[0];
    if (id == UNCHANGED) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "id", id);
    }
    check(process, id == ids.real() || id == ids.saved(), id);
    boolean isFree = process.credentials().mayChoose();
    ids.set(isFree ? id : UNCHANGED, id, isFree ? id : UNCHANGED);
    return 0;
  }

  private long setBoth(Process process, Function<Credentials, Credentials.Ids> kind, long[] a) {
    Credentials.Ids ids = kind.apply(process.credentials());
    int real = (int) a[0];
    int effective = (int) a[1];
    check(process, real == UNCHANGED || real == ids.real() || real == ids.effective(), real);
    check(process, ids.has(effective), effective);
    int old = ids.real();
    boolean saves = real != UNCHANGED || effective != UNCHANGED && effective != old;
    ids.set(real, effective, UNCHANGED);
    if (saves) {
      ids.set(UNCHANGED, UNCHANGED, ids.effective());
    }
    return 0;
  }

  private long setAll(Process process, Function<Credentials, Credentials.Ids> kind, long[] a) {
    Credentials.Ids ids = kind.apply(process.credentials());
    for (int i = 0; i < 3; i++) {
      check(process, ids.has((int) a[i]), (int) a[i]);
    }
    ids.set((int) a[0], (int) a[1], (int) a[2]);
    return 0;
  }

  private long getAll(Process process, Function<Credentials, Credentials.Ids> kind, long[] a) {
    Credentials.Ids ids = kind.apply(process.credentials());
    user.writeInt(process.space(), a[0], ids.real());
    user.writeInt(process.space(), a[1], ids.effective());
    user.writeInt(process.space(), a[2], ids.saved());
    return 0;
  }

  private long getgroups(Process process, long[] a) {
    int[] groups = process.credentials().supplementary();
    int room = (int) a[0];
    if (room < 0 || room != 0 && room < groups.length) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "getgroups", room);
    }
    for (int i = 0; i < groups.length && room != 0; i++) {
      user.writeInt(process.space(), a[1] + 4L * i, groups[i]);
    }
    return groups.length;
  }

  private long setgroups(Process process, long[] a) {
    check(process, false, a[0]);
    if (a[0] < 0 || a[0] > MOST_GROUPS) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "setgroups", a[0]);
    }
    int[] groups = new int[(int) a[0]];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = user.readInt(process.space(), a[1] + 4L * i);
    }
    process.credentials().setSupplementary(groups);
    return 0;
  }
}
