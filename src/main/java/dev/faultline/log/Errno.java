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
  ENXIO(6),
  E2BIG(7),
  ENOEXEC(8),
  EBADF(9),
  ECHILD(10),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EFAULT(14),
  EBUSY(16),
  EEXIST(17),
  EXDEV(18),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  ENOTTY(25),
  ETXTBSY(26),
  EFBIG(27),
  ENOSPC(28),
  ESPIPE(29),
  EROFS(30),
  EMLINK(31),
  EPIPE(32),
  EDOM(33),
  ERANGE(34),
  EDEADLK(35),
  ENAMETOOLONG(36),
  ENOLCK(37),
  ENOSYS(38),
  ENOTEMPTY(39),
  ELOOP(40),
  ENOMSG(42),
  EIDRM(43),
  EOVERFLOW(75),
  ELIBBAD(80),
  ENOTSOCK(88),
  EDESTADDRREQ(89),
  EMSGSIZE(90),
  EPROTOTYPE(91),
  ENOPROTOOPT(92),
  EPROTONOSUPPORT(93),
  ESOCKTNOSUPPORT(94),
  EOPNOTSUPP(95),
  EAFNOSUPPORT(97),
  EADDRINUSE(98),
  ECONNRESET(104),
  EISCONN(106),
  ENOTCONN(107),
  ETIMEDOUT(110),
  ECONNREFUSED(111);

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
    var words = new ArrayList<>(Collections.nCopies(ECONNREFUSED.number + 1, ""));
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
