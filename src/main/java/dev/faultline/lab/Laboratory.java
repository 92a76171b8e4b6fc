package dev.faultline.lab;

import dev.faultline.kernel.Audit;
import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.SignalInfo;
import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.FoldedState;
import dev.faultline.log.OperationKind;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Story;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One live laboratory. Commands run one after the other under its lock; each is one operation in
 * the log, published as a whole. Readers of the log need no lock; questions about the live machine
 * take it.
 */
public final class Laboratory {
  private final String id;
  private final Settings settings;
  private final Limits limits;
  private final Instant created = Instant.now();
  private final ReentrantLock lock = new ReentrantLock();
  private final ChangeLog log;
  private final Kernel kernel;
  private final Object foldedLock = new Object();
  private FoldedState folded;
  private volatile long lastOperation;
  private volatile boolean ended;

  Laboratory(String id, Settings settings, Limits limits) {
    this.id = id;
    this.settings = settings;
    this.limits = limits;
    log = new ChangeLog(limits.logWords());
    log.operation(OperationKind.BOOT, settings.kernel().machine().frames());
    lastOperation = log.written();
    kernel = new Kernel(settings.kernel(), log);
    log.outcome(0, 0, Signal.NONE, Signal.Code.SI_KERNEL, 0);
    log.publish();
    folded = log.oldestState();
  }

  public String id() {
    return id;
  }

  public Settings settings() {
    return settings;
  }

  public Instant created() {
    return created;
  }

  public ChangeLog log() {
    return log;
  }

  /** The first sequence number of the operation that came last. */
  public long lastOperation() {
    return lastOperation;
  }

  public boolean hasEnded() {
    return ended;
  }

  /** Ends the laboratory: no more commands; its readers are told. */
  void end() {
    ended = true;
    log.close();
  }

  /**
   * Runs a command to its end.
   *
   * @throws NoSuchProcessException when it names a process that is not there
   * @throws LimitException when it would pass a limit
   */
  public Outcome execute(Command command) {
    lock.lock();
    try {
      if (ended) {
        throw new NoSuchLaboratoryException(id);
      }
      checkLimits(command);
      return run(command);
    } finally {
      lock.unlock();
    }
  }

  private Outcome run(Command command) {
    Process process = processOf(command);
    begin(command);
    long first = lastOperation;
    Result result = null;
    Errno errno = null;
    SignalInfo signal = null;
    try {
      result = perform(command, process);
      if (result == null) {
        signal = kernel.delivered();
      }
    } catch (LinuxError error) {
      errno = error.errno();
    } catch (OutOfFrames none) {
      log.step(StepKind.NO_FRAME_LEFT, kernel.frames().total());
      errno = Errno.ENOMEM;
    }
    kernel.machine().hart().settle();
    log.outcome(
        result == null ? 0 : number(result),
        errno == null ? 0 : errno.number(),
        signal == null ? Signal.NONE : signal.signal(),
        signal == null ? Signal.Code.SI_KERNEL : signal.code(),
        signal == null ? 0 : signal.address());
    log.publish();
    long last = log.head();
    Story story = Story.of(log, first, last);
    return new Outcome(result, errno, signal, story.why(), first, last, story.sentence());
  }

  private @Nullable Process processOf(Command command) {
    return switch (command) {
      case Command.Spawn spawn -> null;
      case Command.PutFile put -> null;
      case Command.DeleteFile delete -> null;
      case Command.Open(int pid, var path, var flags, var mode) -> process(pid);
      case Command.Close(int pid, var fd) -> process(pid);
      case Command.Mmap mmap -> process(mmap.pid());
      case Command.Munmap(int pid, var address, var length) -> process(pid);
      case Command.Read(int pid, var address, var length) -> process(pid);
      case Command.Write(int pid, var address, var data) -> process(pid);
      case Command.Execute(int pid, var address) -> process(pid);
    };
  }

  /** Texts are interned first, so that their records stand before the operation's own. */
  private void begin(Command command) {
    long text =
        switch (command) {
          case Command.Spawn(String name) -> log.intern(name);
          case Command.PutFile(String path, var mode, var bytes) -> log.intern(path);
          case Command.DeleteFile(String path) -> log.intern(path);
          case Command.Open(var pid, String path, var flags, var mode) -> log.intern(path);
          default -> 0;
        };
    lastOperation = log.written() + 1;
    switch (command) {
      case Command.Spawn spawn ->
          log.operation(OperationKind.SPAWN, kernel.processes().nextPid(), text);
      case Command.PutFile put -> log.operation(OperationKind.PUT, text, put.bytes().length);
      case Command.DeleteFile delete -> log.operation(OperationKind.DELETE, text);
      case Command.Open open -> log.operation(OperationKind.OPEN, open.pid(), text);
      case Command.Close(int pid, int fd) -> log.operation(OperationKind.CLOSE, pid, fd);
      case Command.Mmap mmap ->
          log.operation(OperationKind.MMAP, mmap.pid(), mmap.length(), mmap.prot());
      case Command.Munmap(int pid, long address, long length) ->
          log.operation(OperationKind.MUNMAP, pid, length, address);
      case Command.Read(int pid, long address, int length) ->
          log.operation(OperationKind.READ, pid, length, address);
      case Command.Write(int pid, long address, byte[] data) ->
          log.operation(OperationKind.WRITE, pid, data.length, address);
      case Command.Execute(int pid, long address) ->
          log.operation(OperationKind.EXECUTE, pid, address);
    }
  }

  private @Nullable Result perform(Command command, @Nullable Process process) {
    return switch (command) {
      case Command.Spawn(String name) -> new Result.Pid(kernel.processes().spawn(name).pid());
      case Command.PutFile(String path, int mode, byte[] bytes) ->
          new Result.Inode(kernel.files().put(path, mode, bytes.clone()).number());
      case Command.DeleteFile(String path) -> {
        kernel.files().unlink(path);
        yield new Result.Done();
      }
      default -> perform(command, Objects.requireNonNull(process), kernel);
    };
  }

  private static @Nullable Result perform(Command command, Process process, Kernel kernel) {
    return switch (command) {
      case Command.Open(var pid, String path, int flags, int mode) ->
          new Result.Descriptor(kernel.syscalls().open(process, path, flags, mode));
      case Command.Close(var pid, int fd) -> {
        kernel.syscalls().close(process, fd);
        yield new Result.Done();
      }
      case Command.Mmap(
              var pid,
              long address,
              long length,
              int prot,
              int flags,
              int fd,
              long offset) ->
          new Result.Address(
              kernel.syscalls().mmap(process, address, length, prot, flags, fd, offset));
      case Command.Munmap(var pid, long address, long length) -> {
        kernel.syscalls().munmap(process, address, length);
        yield new Result.Done();
      }
      case Command.Read(var pid, long address, int length) -> {
        byte[] bytes = kernel.read(process, address, length);
        yield bytes == null ? null : new Result.Bytes(bytes);
      }
      case Command.Write(var pid, long address, byte[] data) ->
          kernel.write(process, address, data) ? new Result.Written(data.length) : null;
      case Command.Execute(var pid, long address) ->
          kernel.fetch(process, address)
              ? new Result.Instruction(kernel.machine().probe().fetched())
              : null;
      case Command.Spawn spawn -> throw new IllegalArgumentException();
      case Command.PutFile put -> throw new IllegalArgumentException();
      case Command.DeleteFile delete -> throw new IllegalArgumentException();
    };
  }

  private static long number(Result result) {
    return switch (result) {
      case Result.Done done -> 0;
      case Result.Pid(int pid) -> pid;
      case Result.Inode(long inode) -> inode;
      case Result.Descriptor(int fd) -> fd;
      case Result.Address(long address) -> address;
      case Result.Bytes(byte[] bytes) -> bytes.length;
      case Result.Written(int length) -> length;
      case Result.Instruction(int bits) -> bits & 0xffff_ffffL;
    };
  }

  private void checkLimits(Command command) {
    switch (command) {
      case Command.Spawn spawn -> {
        checkStrings();
        if (kernel.processes().alive() >= limits.processes()) {
          throw limit("processes", limits.processes(), "processes");
        }
      }
      case Command.PutFile put -> {
        checkStrings();
        checkFileCount();
        long bytes = put.bytes().length;
        for (RegularFile file : kernel.files().files()) {
          bytes += file.size();
        }
        if (bytes > limits.fileBytes()) {
          throw limit("fileBytes", limits.fileBytes(), "bytes of files");
        }
      }
      case Command.Open open -> {
        checkStrings();
        if (OpenFlag.CREAT.in(open.flags()) && kernel.files().find(open.path()) == null) {
          checkFileCount();
        }
      }
      case Command.DeleteFile delete -> checkStrings();
      case Command.Read read -> checkAccess(read.length());
      case Command.Write write -> checkAccess(write.data().length);
      default -> {}
    }
  }

  /** Commands that name nothing new need no more room for names. */
  private void checkStrings() {
    if (log.stringCount() >= limits.strings()) {
      throw limit("strings", limits.strings(), "different paths and names");
    }
    if (log.stringCharacters() >= limits.stringCharacters()) {
      throw limit("stringCharacters", limits.stringCharacters(), "characters of paths and names");
    }
  }

  private void checkFileCount() {
    if (kernel.files().count() >= limits.files()) {
      throw limit("files", limits.files(), "files");
    }
  }

  private void checkAccess(int length) {
    if (length > limits.accessBytes()) {
      throw limit("accessBytes", limits.accessBytes(), "bytes read or written by one command");
    }
  }

  private static LimitException limit(String limit, long value, String what) {
    return new LimitException(limit, value, "a laboratory has at most " + value + " " + what);
  }

  /** Asks the live kernel something, between commands. */
  public <T> T ask(Function<Kernel, T> question) {
    lock.lock();
    try {
      return question.apply(kernel);
    } finally {
      lock.unlock();
    }
  }

  /** Asks something about a living process. */
  public <T> T ask(int pid, BiFunction<Kernel, Process, T> question) {
    lock.lock();
    try {
      return question.apply(kernel, process(pid));
    } finally {
      lock.unlock();
    }
  }

  private Process process(int pid) {
    Process process = kernel.processes().find(pid);
    if (process == null) {
      throw new NoSuchProcessException(pid, "there is no process " + pid);
    }
    if (!process.isAlive()) {
      throw new NoSuchProcessException(pid, "process " + pid + " has been killed");
    }
    return process;
  }

  /** Recounts everything. */
  public Audit audit() {
    lock.lock();
    try {
      synchronized (foldedLock) {
        foldToHead();
        return Audit.of(kernel, folded);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The state right after the record with this sequence number.
   *
   * @throws dev.faultline.log.SequenceGoneException when the log does not reach back to it
   */
  public FoldedState stateAt(long sequence) {
    FoldedState state;
    synchronized (foldedLock) {
      if (sequence >= log.head()) {
        foldToHead();
      }
      state = folded.sequence() <= sequence ? folded.copy() : null;
    }
    if (state == null || state.sequence() < log.oldest()) {
      state = log.oldestState();
      if (state.sequence() > sequence) {
        throw log.gone(sequence);
      }
    }
    state.advance(log, sequence);
    return state;
  }

  /**
   * Moves the kept state on; where the log has dropped what comes next, it starts over from there.
   */
  private void foldToHead() {
    if (folded.sequence() < log.oldest()) {
      folded = log.oldestState();
    }
    folded.advance(log, log.head());
  }
}
