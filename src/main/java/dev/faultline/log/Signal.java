package dev.faultline.log;

import java.util.Arrays;

/** Signals ({@code signal(7)}), each at the place that is its number. */
public enum Signal {
  NONE,
  SIGHUP,
  SIGINT,
  SIGQUIT,
  SIGILL,
  SIGTRAP,
  SIGABRT,
  SIGBUS,
  SIGFPE,
  SIGKILL,
  SIGUSR1,
  SIGSEGV,
  SIGUSR2,
  SIGPIPE,
  SIGALRM,
  SIGTERM,
  SIGSTKFLT,
  SIGCHLD,
  SIGCONT,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGXCPU,
  SIGXFSZ,
  SIGVTALRM,
  SIGPROF,
  SIGWINCH,
  SIGIO,
  SIGPWR,
  SIGSYS,
  SIGRTMIN,
  SIGRT_1,
  SIGRT_2,
  SIGRT_3,
  SIGRT_4,
  SIGRT_5,
  SIGRT_6,
  SIGRT_7,
  SIGRT_8,
  SIGRT_9,
  SIGRT_10,
  SIGRT_11,
  SIGRT_12,
  SIGRT_13,
  SIGRT_14,
  SIGRT_15,
  SIGRT_16,
  SIGRT_17,
  SIGRT_18,
  SIGRT_19,
  SIGRT_20,
  SIGRT_21,
  SIGRT_22,
  SIGRT_23,
  SIGRT_24,
  SIGRT_25,
  SIGRT_26,
  SIGRT_27,
  SIGRT_28,
  SIGRT_29,
  SIGRT_30,
  SIGRT_31,
  SIGRT_32;

  /**
   * Why a signal was sent: {@code si_code} of {@code sigaction(2)}, with the value that Linux gives
   * it.
   */
  public enum Code {
    SI_KERNEL(0x80),
    ILL_ILLOPC(1),
    SEGV_MAPERR(1),
    SEGV_ACCERR(2),
    BUS_ADRALN(1),
    BUS_ADRERR(2),
    TRAP_BRKPT(1),
    SI_USER(0),
    SI_TKILL(-6);

    private static final Code[] ALL = values();
    private final int number;

    Code(int number) {
      this.number = number;
    }

    public int number() {
      return number;
    }

    public static Code at(int ordinal) {
      return ALL[ordinal];
    }
  }

  private static final Signal[] ALL = values();

  static final Format FORMAT = Format.symbolsOf(Arrays.stream(ALL).map(Enum::name).toList());

  public int number() {
    return ordinal();
  }

  public static Signal at(int ordinal) {
    return ALL[ordinal];
  }
}
