package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.EnumMap;
import java.util.Map;

/** What a process may use at most ({@code signal->rlim}); a child begins with its parent's. */
public final class Rlimits {
  /** {@code fs.nr_open}. */
  private static final long MOST_DESCRIPTORS = 1 << 20;

  /** A soft limit, which binds, and the hard one, up to which it may be raised; unsigned. */
  public record Pair(long soft, long hard) {}

  private final Map<Rlimit, Pair> limits = new EnumMap<>(Rlimit.class);
  private final ChangeLog log;
  private final Refusal refusal;

  Rlimits(ChangeLog log) {
    this.log = log;
    this.refusal = new Refusal(log);
    for (Rlimit resource : Rlimit.values()) {
      limits.put(resource, new Pair(resource.firstSoft(), resource.firstHard()));
    }
  }

  void inherit(Rlimits parent) {
    limits.putAll(parent.limits);
  }

  public Pair get(Rlimit resource) {
    return limits.getOrDefault(resource, new Pair(Rlimit.INFINITY, Rlimit.INFINITY));
  }

  public long soft(Rlimit resource) {
    return get(resource).soft();
  }

  /** {@code do_prlimit}, for root, who may raise hard limits. */
  public void set(Rlimit resource, Pair wanted) {
    if (Long.compareUnsigned(wanted.soft(), wanted.hard()) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.SOFT_OVER_HARD);
    }
    if (resource == Rlimit.NOFILE && Long.compareUnsigned(wanted.hard(), MOST_DESCRIPTORS) > 0) {
      throw refusal.of(Errno.EPERM, StepKind.NO_FREE_DESCRIPTOR, MOST_DESCRIPTORS);
    }
    log.step(StepKind.SETS_RLIMIT, log.intern(resource.name()), wanted.soft());
    limits.put(resource, wanted);
  }
}
