package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Permissions;
import dev.faultline.kernel.fs.Subject;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Descriptors;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The way from {@code ecall} to the call that a7 names: arguments come from a0 to a5, the result
 * goes to a0, errors as negative numbers. Every call is told, and traced for {@code strace}.
 */
public final class SystemCalls {
  /** What the kernel's signals make of themselves. */
  public static final int RT_SIGRETURN = 139;

  private static final int ARGUMENTS = 6;
  private static final int ECALL_LENGTH = 4;

  private final Map<Integer, SystemCall> calls = new HashMap<>();
  private final CallText text;
  private final Permissions permissions;
  private final ChangeLog log;
  private final Refusal refusal;

  /**
   * @param groups what there is; a call that is in none answers {@code ENOSYS}
   */
  public SystemCalls(
      List<CallGroup> groups, UserAccess user, Permissions permissions, ChangeLog log) {
    this.text = new CallText(user);
    this.permissions = permissions;
    this.log = log;
    this.refusal = new Refusal(log);
    for (CallGroup group : groups) {
      for (SystemCall call : group.calls()) {
        if (!call.name().equals(CallNames.of(call.number()))) {
          throw new IllegalStateException(
              "%d is %s, not %s"
                  .formatted(call.number(), CallNames.of(call.number()), call.name()));
        }
        calls.put(call.number(), call);
      }
    }
  }

  /**
   * Makes the call that a thread's registers ask for.
   *
   * @throws Blocked when it has to wait; the registers are then as before
   */
  public void call(Task task, long number) {
    Process process = task.process();
    Registers registers = task.registers();
    SystemCall call = named((int) number);
    long[] a = new long[ARGUMENTS];
    for (int i = 0; i < ARGUMENTS; i++) {
      a[i] = registers.integer(Registers.A0 + i);
    }
    long name = log.intern(call.name());
    log.step(StepKind.ENTERS_CALL, name, a[0], a[1], a[2], a[3], a[4]);
    String asked = text.call(process, call, a);
    int tid = task.tid();
    long pc = registers.pc();
    registers.setPc(pc + ECALL_LENGTH);
    long result;
    Descriptors descriptors = process.descriptors();
    descriptors.beginCall(task);
    try {
      result = make(task, call, a);
    } catch (Blocked blocked) {
      descriptors.holdFor(task, call.descriptors(a));
      registers.setPc(pc);
      log.step(StepKind.SLEEPS, task.tid(), name);
      throw blocked;
    } finally {
      descriptors.endCall();
    }
    task.forgetCall();
    String who = tid == process.pid() ? "" : "[pid " + tid + "] ";
    String answer = task.isAlive() ? CallText.result(call, result) : "?";
    process.trace().add(who + asked + " = " + answer);
    log.step(StepKind.LEAVES_CALL, name, result);
    registers.setInteger(Registers.A0, result);
  }

  /**
   * A call of a process's first thread with these arguments, whatever its registers hold.
   *
   * @param a as a0 to a5 would have them
   */
  public long byNumber(Process process, long number, long[] a) {
    return make(process.leader(), named((int) number), a);
  }

  private long make(Task task, SystemCall call, long[] a) {
    permissions.actAs(task.process().credentials().subject());
    try {
      return call.handler().call(task, a);
    } catch (LinuxError error) {
      return -error.errno().number();
    } finally {
      permissions.actAs(Subject.ROOT);
    }
  }

  private SystemCall named(int number) {
    SystemCall call = calls.get(number);
    return call == null ? unknown(number) : call;
  }

  private SystemCall unknown(int number) {
    return new SystemCall(
        number,
        CallNames.of(number),
        "xxxxxx",
        (task, a) -> {
          throw refusal.of(Errno.ENOSYS, StepKind.NO_SYSTEM_CALL, number);
        });
  }
}
