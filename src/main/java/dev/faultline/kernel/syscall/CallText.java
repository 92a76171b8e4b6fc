package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;

/** Writes system calls as {@code strace} does. */
final class CallText {
  private static final int AT_FDCWD = -100;
  private static final int LOWEST_ERROR = -4095;
  private static final int USUAL_LENGTH = 96;
  private static final MapFlag[] MAP_FLAGS = MapFlag.values();
  private static final OpenFlag[] OPEN_FLAGS = OpenFlag.values();

  /** By the three bits that {@code mmap} knows. */
  private static final String[] PROTECTIONS = {
    "PROT_NONE",
    "PROT_READ",
    "PROT_WRITE",
    "PROT_READ|PROT_WRITE",
    "PROT_EXEC",
    "PROT_READ|PROT_EXEC",
    "PROT_WRITE|PROT_EXEC",
    "PROT_READ|PROT_WRITE|PROT_EXEC"
  };

  private final UserAccess user;

  CallText(UserAccess user) {
    this.user = user;
  }

  /** The call with its arguments, as they are before it is made. */
  String call(Process process, SystemCall call, long[] a) {
    var text = new StringBuilder(USUAL_LENGTH).append(call.name());
    String kinds = call.arguments();
    for (int i = 0; i < kinds.length(); i++) {
      text.append(i == 0 ? "(" : ", ");
      argument(text, process, kinds.charAt(i), a[i]);
    }
    return text.append(kinds.isEmpty() ? "()" : ")").toString();
  }

  /** What it returned. */
  static String result(SystemCall call, long result) {
    if (result < 0 && result >= LOWEST_ERROR) {
      return "-1 " + Errno.name(-result);
    }
    boolean isAddress = call.name().equals("mmap") || call.name().equals("brk");
    return isAddress ? hex(result) : Long.toString(result);
  }

  private void argument(StringBuilder text, Process process, char kind, long value) {
    switch (kind) {
      case 'x' -> text.append(value == 0 ? "0" : hex(value));
      case 's' -> text.append(string(process, value));
      case 'a' -> {
        if ((int) value == AT_FDCWD) {
          text.append("AT_FDCWD");
        } else {
          text.append((int) value);
        }
      }
      case 'o' -> text.append('0').append(Long.toOctalString(value));
      case 'P' -> text.append(PROTECTIONS[(int) value & PROTECTIONS.length - 1]);
      case 'M' -> mapFlags(text, (int) value);
      case 'O' -> openFlags(text, (int) value);
      default -> text.append(value);
    }
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

  private static void mapFlags(StringBuilder text, int flags) {
    int begin = text.length();
    for (MapFlag flag : MAP_FLAGS) {
      boolean isType = (flag.bit() & MapFlag.TYPE) != 0;
      if (isType ? (flags & MapFlag.TYPE) == flag.bit() : flag.in(flags)) {
        text.append(text.length() == begin ? "MAP_" : "|MAP_").append(flag.name());
      }
    }
  }

  private static void openFlags(StringBuilder text, int flags) {
    int begin = text.length();
    for (OpenFlag flag : OPEN_FLAGS) {
      boolean isMode = flag.bit() <= OpenFlag.RDWR.bit();
      if (isMode ? (flags & OpenFlag.ACCESS_MODE) == flag.bit() : flag.in(flags)) {
        text.append(text.length() == begin ? "O_" : "|O_").append(flag.name());
      }
    }
  }
}
