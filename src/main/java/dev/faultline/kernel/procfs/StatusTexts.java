package dev.faultline.kernel.procfs;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.fs.Content;
import dev.faultline.kernel.mm.MemorySizes;
import dev.faultline.kernel.mm.MemorySizes.Size;
import dev.faultline.kernel.mm.MemoryUse;
import dev.faultline.kernel.mm.ProgramStart;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.kernel.mm.Vma;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Columns;
import dev.faultline.kernel.process.Credentials;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.kernel.process.SignalState;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import java.util.Locale;

/** {@code status}, {@code stat}, {@code statm} and {@code limits} of a process. */
final class StatusTexts {
  static final String NO_IO =
      "rchar: 0\n"
          + "wchar: 0\n"
          + "syscr: 0\n"
          + "syscw: 0\n"
          + "read_bytes: 0\n"
          + "write_bytes: 0\n"
          + "cancelled_write_bytes: 0\n";

  /** Of the numbers of {@code stat} the one that has no sign. */
  private static final int RSS_LIMIT = 21;

  private final MemoryTexts memory;
  private final Clock clock;

  StatusTexts(MemoryTexts memory, Clock clock) {
    this.memory = memory;
    this.clock = clock;
  }

  /** Pages of the VMAs that count as this ({@code vm_stat_account}). */
  private static long pages(Process process, Kind kind) {
    long pages = 0;
    for (Vma vma : process.space().vmas().all()) {
      if (kind == Kind.ALL || kind == Kind.of(vma, process)) {
        pages += vma.end() - vma.start() >>> 12;
      }
    }
    return pages;
  }

  private enum Kind {
    ALL,
    STACK,
    CODE,
    DATA,
    OTHER;

    static Kind of(Vma vma, Process process) {
      long stack = process.space().stackStart();
      if (vma.start() <= stack && vma.end() > stack) {
        return STACK;
      }
      if ((vma.prot() & 6) == 4) {
        return CODE;
      }
      return !vma.isShared() && (vma.prot() & 2) != 0 ? DATA : OTHER;
    }
  }

  private static String state(Task task) {
    if (!task.process().isAlive()) {
      return "Z (zombie)";
    }
    if (task.process().isStopped()) {
      return "T (stopped)";
    }
    return task.isWaiting() ? "S (sleeping)" : "R (running)";
  }

  private static void line(StringBuilder text, String label, Object value) {
    text.append(label).append(":\t").append(value).append('\n');
  }

  private static void kilobytes(StringBuilder text, String label, long value) {
    Columns.right(text.append(label).append(":\t"), value, 8).append(" kB\n");
  }

  private static void bits(StringBuilder text, String label, long value) {
    Columns.hex(text.append(label).append(":\t"), value, 16).append('\n');
  }

  /** {@code fs/proc/array.c}. */
  String status(Task task) {
    Process process = task.process();
    var text = new StringBuilder();
    line(text, "Name", task.name());
    boolean lives = process.isAlive();
    if (lives) {
      line(text, "Umask", String.format(Locale.ROOT, "%04o", process.umask()));
    }
    line(text, "State", state(task));
    line(text, "Tgid", process.pid());
    line(text, "Ngid", 0);
    line(text, "Pid", task.tid());
    line(text, "PPid", process.parent());
    line(text, "TracerPid", 0);
    line(text, "Uid", four(process.credentials().users()));
    line(text, "Gid", four(process.credentials().groups()));
    int most = process.descriptors().numbers().stream().mapToInt(fd -> fd).max().orElse(0);
    line(text, "FDSize", lives ? (most / 64 + 1) * 64 : 0);
    line(text, "Groups", " ");
    line(text, "NStgid", process.pid());
    line(text, "NSpid", task.tid());
    line(text, "NSpgid", process.group());
    line(text, "NSsid", process.session());
    line(text, "Kthread", 0);
    if (lives) {
      memory(text, process);
      line(text, "CoreDumping", 0);
      line(text, "THP_enabled", 1);
      line(text, "untag_mask", "0xffffffffffffffff");
    }
    line(text, "Threads", Math.max(process.tasks().size(), 1));
    line(text, "SigQ", "0/256");
    signals(text, task);
    bits(text, "CapInh", 0);
    bits(text, "CapPrm", process.credentials().capabilities());
    bits(text, "CapEff", process.credentials().capabilities());
    bits(text, "CapBnd", Credentials.ALL_CAPABILITIES);
    bits(text, "CapAmb", 0);
    line(text, "NoNewPrivs", 0);
    line(text, "Seccomp", 0);
    line(text, "Seccomp_filters", 0);
    line(text, "Speculation_Store_Bypass", "unknown");
    line(text, "SpeculationIndirectBranch", "unsupported");
    line(text, "Cpus_allowed", 1);
    line(text, "Cpus_allowed_list", 0);
    line(text, "Mems_allowed", 1);
    line(text, "Mems_allowed_list", 0);
    line(text, "voluntary_ctxt_switches", 0);
    line(text, "nonvoluntary_ctxt_switches", 0);
    return text.toString();
  }

  /** Real, effective, saved and the one for files, which is the effective one. */
  private static String four(Credentials.Ids ids) {
    return "%d\t%d\t%d\t%d".formatted(ids.real(), ids.effective(), ids.saved(), ids.effective());
  }

  /** {@code task_mem}; the most there ever was is not counted. */
  private void memory(StringBuilder text, Process process) {
    MemorySizes sizes = memory.sizes(process);
    MemoryUse use = memory.use(process);
    long total = pages(process, Kind.ALL) * 4;
    long resident = sizes.kilobytes(Size.RSS);
    long anonymous = sizes.kilobytes(Size.ANONYMOUS);
    kilobytes(text, "VmPeak", total);
    kilobytes(text, "VmSize", total);
    kilobytes(text, "VmLck", sizes.kilobytes(Size.LOCKED));
    kilobytes(text, "VmPin", 0);
    kilobytes(text, "VmHWM", resident);
    kilobytes(text, "VmRSS", resident);
    kilobytes(text, "RssAnon", anonymous);
    kilobytes(text, "RssFile", resident - anonymous);
    kilobytes(text, "RssShmem", 0);
    kilobytes(text, "VmData", pages(process, Kind.DATA) * 4);
    kilobytes(text, "VmStk", pages(process, Kind.STACK) * 4);
    long code = code(process);
    kilobytes(text, "VmExe", code);
    kilobytes(text, "VmLib", Math.max(pages(process, Kind.CODE) * 4 - code, 0));
    // The root table is not counted (mm_pgtables_bytes).
    kilobytes(text, "VmPTE", (use.tables() - 1) * 4);
    kilobytes(text, "VmSwap", use.swapped() * 4);
    kilobytes(text, "HugetlbPages", 0);
  }

  private static long code(Process process) {
    ProgramStart start = process.space().start();
    return (start.codeEnd() + 4095 >>> 12) - (start.codeStart() >>> 12) << 2;
  }

  private static void signals(StringBuilder text, Task task) {
    Process process = task.process();
    SignalState signals = task.signals();
    long ignored = 0;
    long caught = 0;
    for (int signal = 1; signal <= SignalActions.COUNT; signal++) {
      long handler = process.actions().action(signal).handler();
      if (handler == SignalActions.IGNORE) {
        ignored |= SignalActions.bit(signal);
      } else if (handler != SignalActions.DEFAULT) {
        caught |= SignalActions.bit(signal);
      }
    }
    bits(text, "SigPnd", signals.pending().set());
    bits(text, "ShdPnd", process.pending().set());
    bits(text, "SigBlk", signals.blocked());
    bits(text, "SigIgn", ignored);
    bits(text, "SigCgt", caught);
  }

  /** {@code do_task_stat}: 52 fields, of which those that nobody counts are 0. */
  String stat(Task task) {
    Process process = task.process();
    long[] fields = new long[52 - 3];
    fields[0] = process.parent();
    fields[1] = process.group();
    fields[2] = process.session();
    fields[4] = -1;
    fields[6] = process.usage().minorFaults();
    fields[7] = process.usage().childrenMinorFaults();
    fields[8] = process.usage().majorFaults();
    fields[9] = process.usage().childrenMajorFaults();
    fields[10] = process.hartTime(clock.retired()) / SystemTexts.TICK;
    fields[12] = process.usage().childrenTime() / SystemTexts.TICK;
    fields[14] = 20 + process.nice();
    fields[15] = process.nice();
    fields[16] = Math.max(process.tasks().size(), 1);
    fields[RSS_LIMIT] = Rlimit.INFINITY;
    fields[34] = 17;
    if (process.isAlive()) {
      fieldsOfMemory(fields, process);
    } else {
      fields[48] = process.condition().endWord();
    }
    var text = new StringBuilder();
    text.append(task.tid()).append(" (").append(task.name()).append(") ");
    text.append(state(task).charAt(0));
    for (int i = 0; i < fields.length; i++) {
      text.append(' ').append(i == RSS_LIMIT ? Long.toUnsignedString(fields[i]) : fields[i]);
    }
    return text.append('\n').toString();
  }

  private void fieldsOfMemory(long[] fields, Process process) {
    ProgramStart start = process.space().start();
    fields[19] = pages(process, Kind.ALL) * 4096;
    fields[20] = memory.use(process).resident();
    fields[22] = start.codeStart();
    fields[23] = start.codeEnd();
    fields[24] = process.space().stackStart();
    fields[41] = start.dataStart();
    fields[42] = start.dataEnd();
    fields[43] = process.space().heapStart();
    fields[44] = start.arguments().start();
    fields[45] = start.arguments().end();
    fields[46] = start.environment().start();
    fields[47] = start.environment().end();
  }

  /** In pages: size, resident, of that from files, code, 0, data and stack, 0. */
  String statm(Process process) {
    if (!process.isAlive()) {
      return "0 0 0 0 0 0 0\n";
    }
    MemorySizes sizes = memory.sizes(process);
    long resident = sizes.kilobytes(Size.RSS) / 4;
    long anonymous = sizes.kilobytes(Size.ANONYMOUS) / 4;
    return "%d %d %d %d 0 %d 0\n"
        .formatted(
            pages(process, Kind.ALL),
            resident,
            resident - anonymous,
            code(process) / 4,
            pages(process, Kind.DATA) + pages(process, Kind.STACK));
  }

  /** {@code lnames} of {@code fs/proc/base.c}. */
  private static final String[][] LIMITS = {
    {"CPU", "Max cpu time", "seconds"},
    {"FSIZE", "Max file size", "bytes"},
    {"DATA", "Max data size", "bytes"},
    {"STACK", "Max stack size", "bytes"},
    {"CORE", "Max core file size", "bytes"},
    {"RSS", "Max resident set", "bytes"},
    {"NPROC", "Max processes", "processes"},
    {"NOFILE", "Max open files", "files"},
    {"MEMLOCK", "Max locked memory", "bytes"},
    {"AS", "Max address space", "bytes"},
    {"LOCKS", "Max file locks", "locks"},
    {"SIGPENDING", "Max pending signals", "signals"},
    {"MSGQUEUE", "Max msgqueue size", "bytes"},
    {"NICE", "Max nice priority", ""},
    {"RTPRIO", "Max realtime priority", ""},
    {"RTTIME", "Max realtime timeout", "us"},
  };

  static String limits(Process process) {
    var text = new StringBuilder();
    String format = "%-25s %-20s %-20s %s\n";
    text.append(String.format(format, "Limit", "Soft Limit", "Hard Limit", "Units     "));
    for (String[] limit : LIMITS) {
      Rlimits.Pair pair = process.space().limits().rlimits().get(Rlimit.valueOf(limit[0]));
      String unit = limit[2].isEmpty() ? "" : String.format("%-10s", limit[2]);
      text.append(String.format(format, limit[1], words(pair.soft()), words(pair.hard()), unit));
    }
    return text.toString();
  }

  private static String words(long limit) {
    return limit == Rlimit.INFINITY ? "unlimited" : Long.toUnsignedString(limit);
  }

  /** Strings as they lie in the process's memory now, which it may have changed. */
  Content strings(Process process, ProgramStart.Range range) {
    byte[] bytes = new byte[(int) (range.end() - range.start())];
    int read = memory.read(process, range.start(), bytes);
    if (read < bytes.length) {
      throw new LinuxError(Errno.EIO);
    }
    return Content.of(bytes);
  }
}
