package dev.faultline.lab;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.mm.ProcessVm;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.syscall.Syscalls;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.OperationKind;
import dev.faultline.log.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says what each command means: how its story begins, and what it asks of the kernel. */
final class CommandRunner {
  private final Kernel kernel;
  private final Limits limits;
  private final ChangeLog log;

  CommandRunner(Kernel kernel, Limits limits, ChangeLog log) {
    this.kernel = kernel;
    this.limits = limits;
    this.log = log;
  }

  /** Begins the operation in the log. */
  void begin(Command command) {
    switch (command) {
      case Command.Spawn(String name) ->
          log.operation(
              OperationKind.SPAWN, kernel.processes().nextPid(), log.internForOperation(name));
      case Command.PutFile put ->
          log.operation(OperationKind.PUT, log.internForOperation(put.path()), put.bytes().length);
      case Command.Unpack(String name, byte[] bytes) ->
          log.operation(OperationKind.UNPACK, log.internForOperation(name), bytes.length);
      case Command.DeleteFile(String path) ->
          log.operation(OperationKind.DELETE, log.internForOperation(path));
      case Command.Open open ->
          log.operation(OperationKind.OPEN, open.pid(), log.internForOperation(open.path()));
      case Command.Close(int pid, int fd) -> log.operation(OperationKind.CLOSE, pid, fd);
      case Command.Mmap mmap ->
          log.operation(OperationKind.MMAP, mmap.pid(), mmap.length(), mmap.prot());
      case Command.Munmap(int pid, long address, long length) ->
          log.operation(OperationKind.MUNMAP, pid, length, address);
      case Command.Mprotect m ->
          log.operation(OperationKind.MPROTECT, m.pid(), m.length(), m.address(), m.prot());
      case Command.Mremap m ->
          log.operation(OperationKind.MREMAP, m.pid(), m.length(), m.address(), m.newLength());
      case Command.Madvise m ->
          log.operation(OperationKind.MADVISE, m.pid(), m.advice(), m.length(), m.address());
      case Command.Mlock(int pid, long address, long length) ->
          log.operation(OperationKind.MLOCK, pid, length, address);
      case Command.Munlock(int pid, long address, long length) ->
          log.operation(OperationKind.MUNLOCK, pid, length, address);
      case Command.Mlock2 m ->
          log.operation(OperationKind.MLOCK2, m.pid(), m.length(), m.address(), m.flags());
      case Command.Mlockall(int pid, int flags) ->
          log.operation(OperationKind.MLOCKALL, pid, flags);
      case Command.Munlockall(int pid) -> log.operation(OperationKind.MUNLOCKALL, pid);
      case Command.Prlimit p ->
          log.operation(
              OperationKind.PRLIMIT, p.pid(), log.internForOperation(p.resource().name()));
      case Command.Mincore(int pid, long address, long length) ->
          log.operation(OperationKind.MINCORE, pid, length, address);
      case Command.Brk(int pid, long address) -> log.operation(OperationKind.BRK, pid, address);
      case Command.Msync m -> log.operation(OperationKind.MSYNC, m.pid(), m.length(), m.address());
      case Command.Pread p ->
          log.operation(
              OperationKind.PREAD,
              p.pid(),
              p.length(),
              log.internForOperation(words(p.file())),
              p.offset());
      case Command.Pwrite p ->
          log.operation(
              OperationKind.PWRITE,
              p.pid(),
              p.data().length,
              log.internForOperation(words(p.file())),
              p.offset());
      case Command.ProcessVmReadv r ->
          log.operation(
              OperationKind.PROCESS_VM_READV, r.pid(), ProcessVm.total(r.local()), r.remotePid());
      case Command.ProcessVmWritev w ->
          log.operation(
              OperationKind.PROCESS_VM_WRITEV, w.pid(), ProcessVm.total(w.local()), w.remotePid());
      case Command.Ftruncate t ->
          log.operation(
              OperationKind.FTRUNCATE,
              t.pid(),
              log.internForOperation(words(t.file())),
              t.length());
      case Command.Fallocate f ->
          log.operation(
              OperationKind.FALLOCATE,
              f.pid(),
              f.length(),
              log.internForOperation(words(f.file())),
              f.offset());
      case Command.MemfdCreate m ->
          log.operation(OperationKind.MEMFD_CREATE, m.pid(), log.internForOperation(m.name()));
      case Command.Unlink(int pid, String path) ->
          log.operation(OperationKind.UNLINK, pid, log.internForOperation(path));
      case Command.Read(int pid, long address, int length) ->
          log.operation(OperationKind.READ, pid, length, address);
      case Command.Write(int pid, long address, byte[] data) ->
          log.operation(OperationKind.WRITE, pid, data.length, address);
      case Command.Execute(int pid, long address) ->
          log.operation(OperationKind.EXECUTE, pid, address);
      case Command.Fork(int pid) ->
          log.operation(OperationKind.FORK, pid, kernel.processes().nextPid());
      case Command.Step step ->
          log.operation(
              OperationKind.STEP, step.pid(), step.count(), from(step.pid(), step.address()));
      case Command.Run run ->
          log.operation(OperationKind.RUN, run.pid(), from(run.pid(), run.address()));
      case Command.RunAll run -> log.operation(OperationKind.RUN_ALL);
      case Command.Start start ->
          log.operation(
              OperationKind.EXEC,
              kernel.processes().nextPid(),
              log.internForOperation(start.path()));
      case Command.Exec exec ->
          log.operation(OperationKind.EXEC, exec.pid(), log.internForOperation(exec.path()));
      case Command.Affinity(int pid, int hart) -> log.operation(OperationKind.AFFINITY, pid, hart);
      case Command.Kill(int pid, Signal signal) ->
          log.operation(OperationKind.KILL, pid, signal.ordinal());
      case Command.Input(int pid, byte[] data, boolean end) ->
          log.operation(OperationKind.INPUT, pid, data.length);
      case Command.Exit(int pid, int status) -> log.operation(OperationKind.EXIT, pid, status);
    }
  }

  /**
   * Does it.
   *
   * @param process the process of a command that acts in one
   * @param limit how far a run goes
   * @return null when a signal stopped it
   */
  @Nullable Result perform(Command command, @Nullable Process process, RunLimit limit) {
    kernel.actFor(process);
    return switch (command) {
      case Command.InLaboratory inLaboratory -> perform(inLaboratory, limit);
      case Command.InProcess inProcess ->
          perform(inProcess, Objects.requireNonNull(process), limit);
    };
  }

  private Result perform(Command.InLaboratory command, RunLimit limit) {
    return switch (command) {
      case Command.Spawn(String name) -> new Result.Pid(kernel.processes().spawn(name).pid());
      case Command.PutFile(String path, int mode, byte[] bytes) ->
          new Result.Inode(kernel.files().put(path, mode, bytes.clone()).number());
      case Command.RunAll run -> ran(null, run.instructions(), run.until(), null, limit);
      case Command.Start start ->
          new Result.Pid(
              kernel
                  .processes()
                  .start(
                      directory(kernel.files().root(), start.directory()),
                      start.path(),
                      strings(start.arguments()),
                      strings(start.environment()))
                  .pid());
      case Command.Unpack unpack ->
          new Result.Unpacked(
              new Unpacking(kernel.files()).unpack(Archive.of(unpack, limits.fileBytes())));
      case Command.DeleteFile(String path) -> {
        kernel.files().delete(path);
        yield new Result.Done();
      }
    };
  }

  private static String words(Command.FileName file) {
    return switch (file) {
      case Command.ByDescriptor(int fd) -> "descriptor " + fd;
      case Command.ByPath(String path) -> path;
    };
  }

  /** The file, after a look at where in it. */
  private OpenFile open(Process process, Command.FileName file, long offset) {
    kernel.syscalls().refuseNegative(offset);
    return switch (file) {
      case Command.ByDescriptor(int fd) -> process.descriptors().regular(fd);
      case Command.ByPath(String path) -> kernel.syscalls().byPath(path);
    };
  }

  private static int fd(Command.FileName file) {
    return file instanceof Command.ByDescriptor(int fd) ? fd : -1;
  }

  private @Nullable Result perform(Command.InProcess command, Process process, RunLimit limit) {
    Syscalls syscalls = kernel.syscalls();
    return switch (command) {
      case Command.Open open ->
          new Result.Descriptor(syscalls.open(process, open.path(), open.flags(), open.mode()));
      case Command.Close close -> {
        syscalls.close(process, close.fd());
        yield new Result.Done();
      }
      case Command.Mmap m ->
          new Result.Address(
              syscalls.mmap(
                  process, m.address(), m.length(), m.prot(), m.flags(), m.fd(), m.offset()));
      case Command.Munmap munmap -> {
        syscalls.munmap(process, munmap.address(), munmap.length());
        yield new Result.Done();
      }
      case Command.Mprotect m -> {
        syscalls.mprotect(process, m.address(), m.length(), m.prot());
        yield new Result.Done();
      }
      case Command.Mremap m ->
          new Result.Address(
              syscalls.mremap(
                  process, m.address(), m.length(), m.newLength(), m.flags(), m.newAddress()));
      case Command.Madvise m -> {
        syscalls.madvise(process, m.address(), m.length(), m.advice());
        yield new Result.Done();
      }
      case Command.Mlock m -> {
        syscalls.mlock(process, m.address(), m.length());
        yield new Result.Done();
      }
      case Command.Munlock m -> {
        syscalls.munlock(process, m.address(), m.length());
        yield new Result.Done();
      }
      case Command.Mlock2 m -> {
        syscalls.mlock2(process, m.address(), m.length(), m.flags());
        yield new Result.Done();
      }
      case Command.Mlockall m -> {
        syscalls.mlockall(process, m.flags());
        yield new Result.Done();
      }
      case Command.Munlockall m -> {
        syscalls.munlockall(process);
        yield new Result.Done();
      }
      case Command.Prlimit p ->
          new Result.Limits(syscalls.prlimit(process, p.resource(), p.wanted()));
      case Command.Mincore m ->
          new Result.Pages(syscalls.mincore(process, m.address(), m.length()));
      case Command.Brk brk -> new Result.Address(syscalls.brk(process, brk.address()));
      case Command.Msync m -> {
        syscalls.msync(process, m.address(), m.length(), m.flags());
        yield new Result.Done();
      }
      case Command.Pread p ->
          new Result.Bytes(
              syscalls.pread(
                  open(process, p.file(), p.offset()), fd(p.file()), p.length(), p.offset()));
      case Command.Pwrite p ->
          new Result.Written(
              syscalls.pwrite(
                  process,
                  open(process, p.file(), p.offset()),
                  fd(p.file()),
                  p.data(),
                  p.offset()));
      case Command.ProcessVmReadv r ->
          new Result.Written(
              syscalls.processVm().transfer(process, r.remotePid(), r.local(), r.remote(), false));
      case Command.ProcessVmWritev w ->
          new Result.Written(
              syscalls.processVm().transfer(process, w.remotePid(), w.local(), w.remote(), true));
      case Command.Ftruncate t -> {
        syscalls.ftruncate(open(process, t.file(), t.length()), fd(t.file()), t.length());
        yield new Result.Done();
      }
      case Command.Fallocate f -> {
        syscalls.fallocate(
            open(process, f.file(), 0), fd(f.file()), f.mode(), f.offset(), f.length());
        yield new Result.Done();
      }
      case Command.MemfdCreate m ->
          new Result.Descriptor(
              syscalls
                  .memoryFiles()
                  .create(process, m.name().getBytes(StandardCharsets.UTF_8), m.flags()));
      case Command.Unlink unlink -> {
        syscalls.unlink(unlink.path());
        yield new Result.Done();
      }
      case Command.Read read -> {
        byte[] bytes = kernel.read(process, read.address(), read.length());
        yield bytes == null ? null : new Result.Bytes(bytes);
      }
      case Command.Write write ->
          kernel.write(process, write.address(), write.data())
              ? new Result.Written(write.data().length)
              : null;
      case Command.Execute execute ->
          kernel.fetch(process, execute.address())
              ? new Result.Instruction(kernel.machine().probe().fetched())
              : null;
      case Command.Fork fork -> new Result.Pid(kernel.fork(process).pid());
      case Command.Step step -> step(step, process);
      case Command.Run run -> {
        continueAt(process, run.address());
        yield ran(process, run.instructions(), run.until(), run.breakpoint(), limit);
      }
      case Command.Exec exec -> {
        process.setDirectory(directory(process.directory(), exec.directory()));
        kernel.exec(process, exec.path(), strings(exec.arguments()), strings(exec.environment()));
        yield new Result.Pid(process.pid());
      }
      case Command.Affinity affinity -> {
        kernel.affinity(process, affinity.hart());
        yield new Result.Done();
      }
      case Command.Kill kill -> {
        kernel.kill(process, kill.signal());
        yield new Result.Done();
      }
      case Command.Input input -> {
        kernel.syscalls().input(process, input.data(), input.end());
        yield new Result.Written(input.data().length);
      }
      case Command.Exit exit -> {
        kernel.exit(process, exit.status());
        yield new Result.Done();
      }
    };
  }

  private Directory directory(Directory start, @Nullable String path) {
    return path == null ? start : kernel.files().directory(start, path);
  }

  private static List<byte[]> strings(List<String> strings) {
    return strings.stream().map(string -> string.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private long from(int pid, @Nullable Long address) {
    Process process = Objects.requireNonNull(kernel.processes().find(pid));
    return address == null ? kernel.registers(process).pc() : address;
  }

  private void continueAt(Process process, @Nullable Long address) {
    if (address != null) {
      kernel.continueAt(process, address);
    }
  }

  private Result step(Command.Step step, Process process) {
    continueAt(process, step.address());
    Standing before = Standing.of(kernel, process);
    RunEnd end = kernel.step(process, step.count());
    Standing after = process.isAlive() ? Standing.of(kernel, process) : before;
    return new Result.Stepped(end, after.since(before));
  }

  private Result ran(
      @Nullable Process root,
      long instructions,
      RunEnd.Reason until,
      @Nullable Long breakpoint,
      RunLimit limit) {
    long most = Math.min(instructions, limit.instructions());
    return new Result.Ran(kernel.run(root, most, until, breakpoint, limit));
  }
}
