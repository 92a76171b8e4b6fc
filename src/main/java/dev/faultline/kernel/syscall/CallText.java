package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import java.util.ArrayList;
import java.util.List;

/** Writes system calls as {@code strace} does. */
final class CallText {
  private static final int AT_FDCWD = -100;
  private static final int LOWEST_ERROR = -4095;

  private final UserAccess user;

  CallText(UserAccess user) {
    this.user = user;
  }

  /** The call with its arguments, as they are before it is made. */
  String call(Process process, SystemCall call, long[] a) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < call.arguments().length(); i++) {
      words.add(word(process, call.arguments().charAt(i), a[i]));
    }
    return call.name() + "(" + String.join(", ", words) + ")";
  }

  /** What it returned. */
  static String result(SystemCall call, long result) {
    if (result < 0 && result >= LOWEST_ERROR) {
      return "-1 " + Errno.name(-result);
    }
    boolean isAddress = call.name().equals("mmap") || call.name().equals("brk");
    return isAddress ? hex(result) : Long.toString(result);
  }

  private String word(Process process, char kind, long value) {
    return switch (kind) {
      case 'x' -> value == 0 ? "0" : hex(value);
      case 's' -> string(process, value);
      case 'a' -> (int) value == AT_FDCWD ? "AT_FDCWD" : Integer.toString((int) value);
      case 'o' -> "0" + Long.toOctalString(value);
      case 'P' -> protection((int) value);
      case 'M' -> mapFlags((int) value);
      case 'O' -> openFlags((int) value);
      default -> value == (int) value ? Integer.toString((int) value) : Long.toString(value);
    };
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private String string(Process process, long va) {
    if (va == 0) {
      return "NULL";
    }
    try {
      return '"' + user.path(process.space(), va).replace("\n", "\\n") + '"';
    } catch (LinuxError unreadable) {
      return hex(va);
    }
  }

  private static String protection(int bits) {
    List<String> words = new ArrayList<>();
    String[] names = {"PROT_READ", "PROT_WRITE", "PROT_EXEC"};
    for (int i = 0; i < names.length; i++) {
      if ((bits >> i & 1) != 0) {
        words.add(names[i]);
      }
    }
    return words.isEmpty() ? "PROT_NONE" : String.join("|", words);
  }

  private static String mapFlags(int flags) {
    List<String> words = new ArrayList<>();
    for (MapFlag flag : MapFlag.values()) {
      boolean isType = (flag.bit() & MapFlag.TYPE) != 0;
      if (isType ? (flags & MapFlag.TYPE) == flag.bit() : flag.in(flags)) {
        words.add("MAP_" + flag);
      }
    }
    return String.join("|", words);
  }

  private static String openFlags(int flags) {
    List<String> words = new ArrayList<>();
    for (OpenFlag flag : OpenFlag.values()) {
      boolean isMode = flag.bit() <= OpenFlag.RDWR.bit();
      if (isMode ? (flags & OpenFlag.ACCESS_MODE) == flag.bit() : flag.in(flags)) {
        words.add("O_" + flag);
      }
    }
    return String.join("|", words);
  }
}
