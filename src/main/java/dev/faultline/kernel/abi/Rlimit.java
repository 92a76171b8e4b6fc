package dev.faultline.kernel.abi;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Resources that {@code prlimit64(2)} limits, in the order of their numbers ({@code
 * asm-generic/resource.h}), with what Linux gives the first process.
 */
public enum Rlimit {
  CPU(Rlimit.INFINITY, Rlimit.INFINITY),
  FSIZE(Rlimit.INFINITY, Rlimit.INFINITY),
  DATA(Rlimit.INFINITY, Rlimit.INFINITY),
  STACK(8L << 20, Rlimit.INFINITY),
  CORE(0, Rlimit.INFINITY),
  RSS(Rlimit.INFINITY, Rlimit.INFINITY),
  NPROC(Rlimit.INFINITY, Rlimit.INFINITY),
  NOFILE(1024, 4096),
  MEMLOCK(8L << 20, 8L << 20),
  AS(Rlimit.INFINITY, Rlimit.INFINITY),
  LOCKS(Rlimit.INFINITY, Rlimit.INFINITY),
  SIGPENDING(Rlimit.INFINITY, Rlimit.INFINITY),
  MSGQUEUE(819_200, 819_200),
  NICE(0, 0),
  RTPRIO(0, 0),
  RTTIME(Rlimit.INFINITY, Rlimit.INFINITY);

  /** {@code RLIM_INFINITY}: the largest number, as limits are unsigned. */
  public static final long INFINITY = -1;

  private final long soft;
  private final long hard;

  Rlimit(long soft, long hard) {
    this.soft = soft;
    this.hard = hard;
  }

  public long firstSoft() {
    return soft;
  }

  public long firstHard() {
    return hard;
  }

  public static @Nullable Rlimit of(long number) {
    return Stream.of(values()).filter(r -> r.ordinal() == number).findFirst().orElse(null);
  }
}
