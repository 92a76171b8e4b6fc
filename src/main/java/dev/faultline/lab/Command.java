package dev.faultline.lab;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.log.Signal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be done to a laboratory: the only thing that drives one. Numbers are as the system calls
 * take them.
 */
public sealed interface Command {
  /** A command that acts in one process. */
  sealed interface InProcess extends Command {
    int pid();
  }

  /** A command that acts on the laboratory as a whole. */
  sealed interface InLaboratory extends Command {}

  /** A process with no program, for other commands to act in. */
  record Spawn(String name) implements InLaboratory {}

  /** Puts a file, with the directories above it. */
  record PutFile(String path, int mode, byte[] bytes) implements InLaboratory {}

  /**
   * Puts everything that an archive holds.
   *
   * @param name the archive's file name, whose end says what it is
   * @param bytes as they came: they are kept once, and read again wherever they are unpacked
   */
  record Unpack(String name, byte[] bytes) implements InLaboratory {}

  record DeleteFile(String path) implements InLaboratory {}

  /**
   * @param flags bits of {@code openat(2)}
   */
  record Open(int pid, String path, int flags, int mode) implements InProcess {}

  record Close(int pid, int fd) implements InProcess {}

  /**
   * @param prot bits of {@code mmap(2)}
   * @param flags bits of {@code mmap(2)}
   * @param offset in bytes
   */
  record Mmap(int pid, long address, long length, int prot, int flags, int fd, long offset)
      implements InProcess {}

  record Munmap(int pid, long address, long length) implements InProcess {}

  /**
   * @param prot bits of {@code mprotect(2)}
   */
  record Mprotect(int pid, long address, long length, int prot) implements InProcess {}

  /**
   * @param flags bits of {@code mremap(2)}
   */
  record Mremap(int pid, long address, long length, long newLength, int flags, long newAddress)
      implements InProcess {}

  record Madvise(int pid, long address, long length, int advice) implements InProcess {}

  record Mlock(int pid, long address, long length) implements InProcess {}

  record Munlock(int pid, long address, long length) implements InProcess {}

  /**
   * @param flags bits of {@code mlock2(2)}
   */
  record Mlock2(int pid, long address, long length, int flags) implements InProcess {}

  /**
   * @param flags bits of {@code mlockall(2)}
   */
  record Mlockall(int pid, int flags) implements InProcess {}

  record Munlockall(int pid) implements InProcess {}

  /**
   * {@code prlimit64(2)}.
   *
   * @param wanted null to ask only
   */
  record Prlimit(int pid, Rlimit resource, Rlimits.@Nullable Pair wanted) implements InProcess {}

  record Mincore(int pid, long address, long length) implements InProcess {}

  /** {@code brk(2)}; address 0 asks where it is. */
  record Brk(int pid, long address) implements InProcess {}

  /**
   * @param flags bits of {@code msync(2)}
   */
  record Msync(int pid, long address, long length, int flags) implements InProcess {}

  /** A file by a descriptor or, for one call, by its path. */
  sealed interface FileName {}

  record ByDescriptor(int fd) implements FileName {}

  record ByPath(String path) implements FileName {}

  /** A command that acts on a file of a process. */
  sealed interface OnFile extends InProcess {
    FileName file();
  }

  record Pread(int pid, FileName file, int length, long offset) implements OnFile {}

  record Pwrite(int pid, FileName file, byte[] data, long offset) implements OnFile {}

  /** {@code process_vm_readv(2)}: from the other process into this one. */
  record ProcessVmReadv(int pid, int remotePid, List<IoVector> local, List<IoVector> remote)
      implements InProcess {}

  /** {@code process_vm_writev(2)}: from this process into the other one. */
  record ProcessVmWritev(int pid, int remotePid, List<IoVector> local, List<IoVector> remote)
      implements InProcess {}

  record Ftruncate(int pid, FileName file, long length) implements OnFile {}

  /**
   * @param mode bits of {@code fallocate(2)}
   */
  record Fallocate(int pid, FileName file, int mode, long offset, long length) implements OnFile {}

  /**
   * @param flags bits of {@code memfd_create(2)}
   */
  record MemfdCreate(int pid, String name, int flags) implements InProcess {}

  record Unlink(int pid, String path) implements InProcess {}

  /** Real loads by the hart, in U-mode. */
  record Read(int pid, long address, int length) implements InProcess {}

  /** Real stores by the hart, in U-mode. */
  record Write(int pid, long address, byte[] data) implements InProcess {}

  /** A real instruction fetch by the hart, in U-mode; what is fetched is not executed. */
  record Execute(int pid, long address) implements InProcess {}

  /** {@code fork(2)}: the child has no program either. */
  record Fork(int pid) implements InProcess {}

  /**
   * Executes instructions one by one, each of them told.
   *
   * @param address where to go on, null for where the process stands
   */
  record Step(int pid, int count, @Nullable Long address) implements InProcess {}

  /**
   * Runs the program as fast as the hart goes.
   *
   * @param instructions how many may retire; {@link #AS_LIMITED} for as many as the laboratory
   *     allows
   * @param until what to stop at
   * @param address where to go on, null for where the process stands
   * @param breakpoint before which instruction to stop besides, null for none
   */
  record Run(
      int pid,
      long instructions,
      RunEnd.Reason until,
      @Nullable Long address,
      @Nullable Long breakpoint)
      implements InProcess {
    public static final long AS_LIMITED = Long.MAX_VALUE;

    public Run(int pid, long instructions, RunEnd.Reason until, @Nullable Long address) {
      this(pid, instructions, until, address, null);
    }
  }

  /** Runs all processes that have a program, in turns. */
  record RunAll(long instructions, RunEnd.Reason until) implements InLaboratory {}

  /** A program to be loaded. */
  sealed interface Load extends Command {
    String path();

    List<String> arguments();

    /** {@code NAME=value} each. */
    List<String> environment();

    /** Where relative paths begin; null for where the process is, or the root. */
    @Nullable String directory();
  }

  /** A new process with a program, which does not run yet. */
  record Start(
      String path, List<String> arguments, List<String> environment, @Nullable String directory)
      implements Load, InLaboratory {}

  /** {@code execve(2)} in a process; the program does not run yet. */
  record Exec(
      int pid,
      String path,
      List<String> arguments,
      List<String> environment,
      @Nullable String directory)
      implements Load, InProcess {}

  /** {@code sched_setaffinity(2)}: the first thread goes on on one hart alone. */
  record Affinity(int pid, int hart) implements InProcess {}

  /** {@code kill(2)}. */
  record Kill(int pid, Signal signal) implements InProcess {}

  /**
   * Bytes for a program's standard input.
   *
   * @param end whether nothing comes after them
   */
  record Input(int pid, byte[] data, boolean end) implements InProcess {}

  /** {@code exit(2)}. */
  record Exit(int pid, int status) implements InProcess {}
}
