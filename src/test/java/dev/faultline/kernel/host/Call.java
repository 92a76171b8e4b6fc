package dev.faultline.kernel.host;

import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Command;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What operations do, with their arguments as the command and the system call take them. */
enum Call {
  /** File, flags. */
  OPEN(2),
  /** Descriptor. */
  CLOSE(3),
  /** Address, length, protection, flags, descriptor, offset. */
  MMAP(9),
  /** Address, length. */
  MUNMAP(11),
  /** Address, length, protection. */
  MPROTECT(10),
  /** Address, old length, new length, flags, new address. */
  MREMAP(25),
  /** Address, length, advice. */
  MADVISE(28),
  /** Address, length, flags. */
  MSYNC(26),
  /** Address, length. */
  MLOCK(149),
  /** Address, length, flags. */
  MLOCK2(325),
  /** Address, length. */
  MUNLOCK(150),
  /** Flags. */
  MLOCKALL(151),
  /** Nothing. */
  MUNLOCKALL(152),
  /** Resource, soft limit. */
  PRLIMIT(302),
  /** Address, length. */
  MINCORE(27),
  /** Address, 0 to ask. */
  BRK(12),
  /** Descriptor, length, offset. */
  PREAD(17),
  /** Descriptor, length, offset, seed of the bytes. */
  PWRITE(18),
  /** Descriptor, length. */
  FTRUNCATE(77),
  /** Descriptor, mode, offset, length. */
  FALLOCATE(285),
  /** File, flags. */
  MEMFD_CREATE(319),
  /** Descriptor, seals. */
  ADD_SEALS(72),
  /** Descriptor. */
  GET_SEALS(72),
  /** File. */
  UNLINK(87),
  /** The other process, address here, address there, length: bytes from there. */
  PROCESS_VM_READV(310),
  /** The other process, address here, address there, length: bytes to there. */
  PROCESS_VM_WRITEV(311),
  /** Nothing: what {@code /proc/pid/smaps} counts. */
  SMAPS(-1),
  /** Address, length. */
  LOAD(-1),
  /** Address, length, seed of the bytes. */
  STORE(-1),
  /** Address. */
  FETCH(-1),
  /** The child's name. */
  FORK(-1),
  /** Status. */
  EXIT(-1);

  /** Commands of {@code fcntl(2)}. */
  static final int F_ADD_SEALS = 1033;

  static final int F_GET_SEALS = 1034;

  /** No process's number. */
  static final int NOBODY = 30_000;

  private static final Map<String, Call> BY_LABEL =
      Arrays.stream(values()).collect(Collectors.toMap(Call::label, Function.identity()));

  private final int number;

  Call(int number) {
    this.number = number;
  }

  /** Linux's number for it on x86-64. */
  int number() {
    return number;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The name of memory that is a file. */
  static String memoryName(long file) {
    return "m" + file;
  }

  static Call named(String label) {
    Call call = BY_LABEL.get(label);
    if (call == null) {
      throw new IllegalArgumentException("no call is named " + label);
    }
    return call;
  }

  static String path(long file) {
    return "/f" + file;
  }

  /**
   * The command that a laboratory takes for an operation.
   *
   * @param pids the processes' numbers by their names
   */
  static Command command(Operation operation, Map<Integer, Integer> pids) {
    long[] a = operation.arguments();
    int pid = Objects.requireNonNull(pids.get(operation.process()));
    return switch (operation.call()) {
      case OPEN -> new Command.Open(pid, path(a[0]), (int) a[1], 0644);
      case CLOSE -> new Command.Close(pid, (int) a[0]);
      case MMAP -> new Command.Mmap(pid, a[0], a[1], (int) a[2], (int) a[3], (int) a[4], a[5]);
      case MUNMAP -> new Command.Munmap(pid, a[0], a[1]);
      case MPROTECT -> new Command.Mprotect(pid, a[0], a[1], (int) a[2]);
      case MREMAP -> new Command.Mremap(pid, a[0], a[1], a[2], (int) a[3], a[4]);
      case MADVISE -> new Command.Madvise(pid, a[0], a[1], (int) a[2]);
      case MSYNC -> new Command.Msync(pid, a[0], a[1], (int) a[2]);
      case MLOCK -> new Command.Mlock(pid, a[0], a[1]);
      case MLOCK2 -> new Command.Mlock2(pid, a[0], a[1], (int) a[2]);
      case MUNLOCK -> new Command.Munlock(pid, a[0], a[1]);
      case MLOCKALL -> new Command.Mlockall(pid, (int) a[0]);
      case MUNLOCKALL -> new Command.Munlockall(pid);
      case PRLIMIT -> {
        Rlimit resource = Objects.requireNonNull(Rlimit.of(a[0]));
        yield new Command.Prlimit(pid, resource, new Rlimits.Pair(a[1], resource.firstHard()));
      }
      case MINCORE -> new Command.Mincore(pid, a[0], a[1]);
      case BRK -> new Command.Brk(pid, a[0]);
      case PREAD -> new Command.Pread(pid, new Command.ByDescriptor((int) a[0]), (int) a[1], a[2]);
      case PWRITE ->
          new Command.Pwrite(
              pid, new Command.ByDescriptor((int) a[0]), Bytes.of(a[3], (int) a[1], a[2]), a[2]);
      case FTRUNCATE -> new Command.Ftruncate(pid, new Command.ByDescriptor((int) a[0]), a[1]);
      case FALLOCATE ->
          new Command.Fallocate(pid, new Command.ByDescriptor((int) a[0]), (int) a[1], a[2], a[3]);
      case MEMFD_CREATE -> new Command.MemfdCreate(pid, memoryName(a[0]), (int) a[1]);
      case UNLINK -> new Command.Unlink(pid, path(a[0]));
      case PROCESS_VM_READV ->
          new Command.ProcessVmReadv(
              pid,
              other(pids, a),
              List.of(new IoVector(a[1], a[3])),
              List.of(new IoVector(a[2], a[3])));
      case PROCESS_VM_WRITEV ->
          new Command.ProcessVmWritev(
              pid,
              other(pids, a),
              List.of(new IoVector(a[1], a[3])),
              List.of(new IoVector(a[2], a[3])));
      case SMAPS, ADD_SEALS, GET_SEALS ->
          throw new IllegalArgumentException("no command: " + operation);
      case LOAD -> new Command.Read(pid, a[0], (int) a[1]);
      case STORE -> new Command.Write(pid, a[0], Bytes.of(a[2], (int) a[1], a[0]));
      case FETCH -> new Command.Execute(pid, a[0]);
      case FORK -> new Command.Fork(pid);
      case EXIT -> new Command.Exit(pid, (int) a[0]);
    };
  }

  /** A process that is not there any more has a number that no process has. */
  private static int other(Map<Integer, Integer> pids, long[] arguments) {
    return pids.getOrDefault((int) arguments[0], NOBODY);
  }
}
