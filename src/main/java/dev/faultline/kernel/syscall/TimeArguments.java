package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** Times in user memory ({@code struct timespec}, {@code struct timeval}). */
final class TimeArguments {
  static final long BILLION = 1_000_000_000L;

  private final UserAccess user;
  private final Clock clock;
  private final Refusal refusal;

  TimeArguments(CallContext context) {
    this.user = context.user();
    this.clock = context.clock();
    this.refusal = context.refusal();
  }

  /** A {@code timespec} in nanoseconds, cut to what can be waited for. */
  long nanoseconds(AddressSpace space, long va) {
    return checked(user.readLong(space, va), user.readLong(space, va + 8), BILLION);
  }

  /** A {@code timeval} in nanoseconds. */
  long ofTimeval(AddressSpace space, long va) {
    return checked(user.readLong(space, va), user.readLong(space, va + 8), 1_000_000);
  }

  private long checked(long seconds, long parts, long partsOfSecond) {
    if (seconds < 0 || parts < 0 || parts >= partsOfSecond) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "time", parts);
    }
    long most = Long.MAX_VALUE / BILLION / 4;
    return Math.min(seconds, most) * BILLION + parts * (BILLION / partsOfSecond);
  }

  /** When a time to wait is over, in nanoseconds since the machine was started; never 0. */
  long deadline(AddressSpace space, long va, boolean isAbsolute, boolean isRealTime) {
    long time = nanoseconds(space, va);
    long begins = isAbsolute ? 0 : clock.monotonic();
    return Math.max(begins + time - (isAbsolute && isRealTime ? clock.bootTime() : 0), 1);
  }

  void writeTimespec(AddressSpace space, long va, long nanoseconds) {
    user.writeLong(space, va, nanoseconds / BILLION);
    user.writeLong(space, va + 8, nanoseconds % BILLION);
  }

  void writeTimeval(AddressSpace space, long va, long nanoseconds) {
    user.writeLong(space, va, nanoseconds / BILLION);
    user.writeLong(space, va + 8, nanoseconds % BILLION / 1000);
  }
}
