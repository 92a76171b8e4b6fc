package dev.faultline.log;

import java.util.Arrays;

/** Signals that memory can raise, with Linux's numbers ({@code signal(7)}). */
public enum Signal {
  NONE(0),
  SIGILL(4),
  SIGTRAP(5),
  SIGBUS(7),
  SIGKILL(9),
  SIGSEGV(11);

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
    TRAP_BRKPT(1);

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

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  public static Signal at(int ordinal) {
    return ALL[ordinal];
  }
}
