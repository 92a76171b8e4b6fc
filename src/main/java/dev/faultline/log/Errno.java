package dev.faultline.log;

import java.util.ArrayList;
import java.util.Collections;

/** Error numbers as the generic Linux ABI has them ({@code asm-generic/errno.h}). */
public enum Errno {
  OK(0),
  EPERM(1),
  ENOENT(2),
  ESRCH(3),
  EINTR(4),
  EIO(5),
  EBADF(9),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EFAULT(14),
  EBUSY(16),
  EEXIST(17),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  ETXTBSY(26),
  EFBIG(27),
  ENOSPC(28),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ENOTEMPTY(39),
  EOVERFLOW(75),
  EOPNOTSUPP(95);

  /** Indexed by the number, so that the log can hold the number itself. */
  static final Format FORMAT = numbered();

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  private static Format numbered() {
    var words = new ArrayList<>(Collections.nCopies(EOPNOTSUPP.number + 1, ""));
    for (Errno errno : values()) {
      words.set(errno.number, errno.name());
    }
    return Format.symbolsOf(words);
  }

  /** The name of an error number, {@code "OK"} for 0. */
  public static String name(long number) {
    return FORMAT.symbols().get((int) number);
  }
}
