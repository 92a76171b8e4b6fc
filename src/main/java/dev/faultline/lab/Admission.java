package dev.faultline.lab;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.ProcessVm;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.syscall.Syscalls;
import dev.faultline.log.ChangeLog;
import dev.faultline.recording.BadRecordingException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Refuses a command that would pass one of the laboratory's limits, before it does anything. */
final class Admission {
  private final Kernel kernel;
  private final ChangeLog log;
  private final Limits limits;

  Admission(Kernel kernel, ChangeLog log, Limits limits) {
    this.kernel = kernel;
    this.log = log;
    this.limits = limits;
  }

  /**
   * @param process the one that it acts in, null for a command in the laboratory as a whole
   * @throws LimitException when it would pass a limit
   */
  void check(Command command, @Nullable Process process) {
    switch (command) {
      case Command.Step step -> {
        checkStrings();
        if (step.count() > limits.steps()) {
          throw limit("steps", limits.steps(), "instructions in one step");
        }
      }
      case Command.Fork fork -> checkProcessCount();
      case Command.Start start -> {
        checkStrings();
        checkProcessCount();
      }
      case Command.Exec exec -> checkStrings();
      case Command.Input input -> checkAccess(input.data().length);
      case Command.Spawn spawn -> {
        checkStrings();
        checkProcessCount();
      }
      case Command.PutFile put -> {
        checkStrings();
        checkFileCount();
        checkFileBytes(put.bytes().length);
      }
      case Command.Open open -> {
        checkStrings();
        if (OpenFlag.CREAT.in(open.flags()) && kernel.files().find(open.path()) == null) {
          checkFileCount();
        }
      }
      case Command.Mmap mmap -> {
        if (MapFlag.SHARED.in(mmap.flags()) && MapFlag.ANONYMOUS.in(mmap.flags())) {
          checkFileCount();
        }
      }
      case Command.Unpack unpack -> checkUnpack(unpack);
      case Command.Pread pread -> {
        checkStrings();
        checkAccess(pread.length());
      }
      case Command.Pwrite pwrite -> {
        checkStrings();
        checkAccess(pwrite.data().length);
        RegularFile file = fileOf(pwrite, process);
        if (file != null) {
          long offset = isAppending(pwrite, process) ? file.size() : pwrite.offset();
          checkGrowth(file, offset, pwrite.data().length);
        }
      }
      case Command.Ftruncate truncate -> {
        checkStrings();
        RegularFile file = fileOf(truncate, process);
        if (file != null) {
          checkGrowth(file, truncate.length(), 0);
        }
      }
      case Command.Fallocate fallocate -> {
        checkStrings();
        RegularFile file = fileOf(fallocate, process);
        boolean grows = (fallocate.mode() & Fallocate.KEEP_SIZE) == 0;
        if (file != null && grows && fallocate.length() <= Syscalls.LARGEST_FILE) {
          checkGrowth(file, fallocate.offset(), (int) Math.max(fallocate.length(), 0));
        }
      }
      case Command.MemfdCreate memfd -> {
        checkStrings();
        checkFileCount();
      }
      case Command.Mincore mincore -> {
        if (Long.compareUnsigned(mincore.length() >>> 12, limits.accessBytes()) > 0) {
          checkAccess(Integer.MAX_VALUE);
        }
      }
      case Command.ProcessVmReadv readv -> checkAccess((int) ProcessVm.total(readv.local()));
      case Command.ProcessVmWritev writev -> checkAccess((int) ProcessVm.total(writev.local()));
      case Command.Read read -> checkAccess(read.length());
      case Command.Write write -> checkAccess(write.data().length);
      default -> {}
    }
  }

  private void checkGrowth(RegularFile file, long from, int length) {
    // What is larger than any file is for the kernel to refuse.
    if (from >= 0 && from <= Syscalls.LARGEST_FILE - length) {
      checkFileBytes(Math.max(from + length - file.size(), 0));
    }
  }

  private void checkUnpack(Command.Unpack unpack) {
    checkStrings();
    Archive archive = Archive.of(unpack, limits.fileBytes());
    if (archive.files() > limits.files() - kernel.files().inodes().count()) {
      throw limit("files", limits.files(), "files");
    }
    if (archive.names() > limits.strings() - log.stringCount()) {
      throw limit("strings", limits.strings(), "different paths and names");
    }
    if (archive.characters() > limits.stringCharacters() - log.stringCharacters()) {
      throw limit("stringCharacters", limits.stringCharacters(), "characters of paths and names");
    }
    checkFileBytes(archive.fileBytes());
  }

  private void checkFileBytes(long more) {
    if (more > 0 && kernel.files().inodes().bytes() + more > limits.fileBytes()) {
      throw limit("fileBytes", limits.fileBytes(), "bytes of files");
    }
  }

  /** The file that a command is about, null when there is none. */
  private @Nullable RegularFile fileOf(Command.OnFile command, @Nullable Process process) {
    return switch (command.file()) {
      case Command.ByPath(String path) -> kernel.files().find(path);
      case Command.ByDescriptor(int fd) -> {
        Description open = open(process, fd);
        yield open instanceof OpenFile file ? file.file() : null;
      }
    };
  }

  private boolean isAppending(Command.OnFile command, @Nullable Process process) {
    Description open =
        command.file() instanceof Command.ByDescriptor(int fd) ? open(process, fd) : null;
    return open != null && open.isAppending();
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

  private void checkProcessCount() {
    if (kernel.processes().occupied() >= limits.processes()) {
      throw limit("processes", limits.processes(), "processes");
    }
  }

  private void checkFileCount() {
    if (kernel.files().inodes().count() >= limits.files()) {
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

  private static @Nullable Description open(@Nullable Process process, int fd) {
    return Objects.requireNonNull(process).descriptors().find(fd);
  }

  /** A recording from elsewhere may hold what no laboratory would have taken. */
  void checkRepeated(Command command) {
    if (command instanceof Command.Unpack unpack) {
      try {
        Archive.of(unpack, limits.fileBytes());
      } catch (ArchiveException | LimitException refused) {
        throw new BadRecordingException(
            "an archive in it cannot be unpacked: " + refused.getMessage());
      }
    }
  }
}
