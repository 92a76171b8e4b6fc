package dev.faultline.kernel.abi;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** Makes refusals: tells the log the rule, and gives the error to throw. */
public final class Refusal {
  private final ChangeLog log;

  public Refusal(ChangeLog log) {
    this.log = log;
  }

  public LinuxError of(Errno errno, StepKind rule) {
    log.step(rule);
    return new LinuxError(errno);
  }

  public LinuxError of(Errno errno, StepKind rule, long a) {
    log.step(rule, a);
    return new LinuxError(errno);
  }

  public LinuxError of(Errno errno, StepKind rule, long a, long b) {
    log.step(rule, a, b);
    return new LinuxError(errno);
  }

  /** A refusal whose rule names a path. */
  public LinuxError of(Errno errno, StepKind rule, String path) {
    log.step(rule, log.intern(path));
    return new LinuxError(errno);
  }

  /** A refusal whose rule names something and a number. */
  public LinuxError of(Errno errno, StepKind rule, String name, long value) {
    log.step(rule, log.intern(name), value);
    return new LinuxError(errno);
  }

  /** A refusal whose rule names something and two numbers. */
  public LinuxError of(Errno errno, StepKind rule, String name, long first, long second) {
    log.step(rule, log.intern(name), first, second);
    return new LinuxError(errno);
  }

  /** A refusal whose rule names a path and says why in words. */
  public LinuxError of(Errno errno, StepKind rule, String path, String reason) {
    log.step(rule, log.intern(path), log.intern(reason));
    return new LinuxError(errno);
  }
}
