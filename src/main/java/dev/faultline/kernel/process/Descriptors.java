package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Console;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Open files by number ({@code struct files_struct}): of a process, or of several that share them.
 */
public final class Descriptors {
  /** A process without a program leaves 0 to 2 to a console that it has not. */
  private static final int FIRST_WITHOUT_CONSOLE = 3;

  /** {@code RLIMIT_NOFILE}. */
  public static final int LIMIT = 1024;

  /**
   * @param label the number of what its row calls it
   */
  private record Slot(Description file, long label, boolean closesOnExec) {}

  private Slot slot(Description file, boolean closesOnExec) {
    return new Slot(file, log.intern(file.label()), closesOnExec);
  }

  private final int pid;
  private final FileSystem files;
  private final ChangeLog log;
  private final Refusal refusal;
  private final NavigableMap<Integer, Slot> open = new TreeMap<>();
  private HeldFiles lent = HeldFiles.NONE;
  private int first = FIRST_WITHOUT_CONSOLE;
  private int users;

  Descriptors(int pid, FileSystem files, ChangeLog log) {
    this.pid = pid;
    this.files = files;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  void addUser() {
    users++;
  }

  /** One process less; the last one closes everything. */
  void removeUser() {
    users--;
    if (users == 0) {
      closeAll();
    }
  }

  boolean isShared() {
    return users > 1;
  }

  int pid() {
    return pid;
  }

  /** Opens 0, 1 and 2. */
  void openConsole(Console console) {
    first = 0;
    add(0, slot(console.standardInput(), false));
    add(1, slot(console.standardOutput(), false));
    add(2, slot(console.standardError(), false));
  }

  public @Nullable Description find(int fd) {
    Description held = lent.find(fd);
    if (held != null) {
      return held;
    }
    Slot slot = open.get(fd);
    return slot == null ? null : slot.file;
  }

  public Description get(int fd) {
    Description held = lent.find(fd);
    return held != null ? held : slot(fd).file;
  }

  /** A thread makes a system call again: where it holds files, their numbers mean these. */
  public void beginCall(Task task) {
    lent = task.heldFiles();
  }

  /**
   * A call has to wait: what some numbers mean is held for it.
   *
   * @param numbers those that it was given
   */
  public void holdFor(Task task, int[] numbers) {
    if (task.heldFiles() == HeldFiles.NONE) {
      NavigableMap<Integer, Description> held = new TreeMap<>();
      for (int fd : numbers) {
        Slot slot = open.get(fd);
        if (slot != null) {
          held.put(fd, slot.file);
        }
      }
      HeldFiles files = HeldFiles.of(held);
      task.hold(files, () -> files.letGo(this.files));
    }
  }

  /** No call is being made any more. */
  public void endCall() {
    lent = HeldFiles.NONE;
  }

  private Slot slot(int fd) {
    Slot found = open.get(fd);
    if (found == null) {
      throw refusal.of(Errno.EBADF, StepKind.BAD_DESCRIPTOR, fd);
    }
    return found;
  }

  /** A regular file; anything else has no bytes at an offset. */
  public OpenFile regular(int fd) {
    return switch (get(fd)) {
      case OpenFile file -> file;
      case OpenDirectory directory ->
          throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, directory.path());
      default -> throw refusal.of(Errno.ESPIPE, StepKind.NO_SEEKING, fd);
    };
  }

  /** The lowest free number. */
  public int reserve() {
    return reserve(first);
  }

  /** The lowest free number that is no less than another. */
  public int reserve(int least) {
    int fd = Math.max(least, first);
    while (open.containsKey(fd)) {
      fd++;
    }
    if (fd >= LIMIT) {
      throw refusal.of(Errno.EMFILE, StepKind.NO_FREE_DESCRIPTOR, LIMIT);
    }
    return fd;
  }

  public void install(int fd, Description file) {
    install(fd, file, OpenFlag.CLOEXEC.in(file.flags()));
  }

  public void install(int fd, Description file, boolean closesOnExec) {
    log.step(StepKind.GIVES_DESCRIPTOR, fd);
    add(fd, slot(file, closesOnExec));
  }

  private void add(int fd, Slot slot) {
    slot.file.hold();
    open.put(fd, slot);
    forRow(
        (table, key, values) -> {
          ChangeLog record = log.insert(table, key);
          for (long value : values) {
            record.value(value);
          }
          record.end();
        },
        fd,
        slot);
  }

  public boolean closesOnExec(int fd) {
    return slot(fd).closesOnExec;
  }

  public void setClosesOnExec(int fd, boolean closes) {
    Slot slot = slot(fd);
    open.put(fd, new Slot(slot.file, slot.label, closes));
  }

  /** A child has the same descriptors for the same open files. */
  void copyTo(Descriptors child) {
    child.first = first;
    open.forEach(child::add);
  }

  public void close(int fd) {
    Slot slot = slot(fd);
    open.remove(fd);
    forRow(
        (table, key, values) -> {
          ChangeLog record = log.delete(table, key);
          for (long value : values) {
            record.value(value);
          }
          record.end();
        },
        fd,
        slot);
    // What a process has locked of a file ends with any descriptor of it (locks_remove_posix).
    files.locks().releaseAll(slot.file, this);
    slot.file.letGo(files);
  }

  private void closeAll() {
    List.copyOf(open.keySet()).forEach(this::close);
  }

  /** What {@code execve} does with them. */
  void closeOnExec() {
    List.copyOf(open.keySet()).stream().filter(this::closesOnExec).forEach(this::close);
  }

  /** All numbers that are open. */
  public Collection<Integer> numbers() {
    return open.keySet();
  }

  private void forRow(RowReader reader, int fd, Slot slot) {
    reader.row(
        Table.DESCRIPTOR,
        (long) pid << 32 | fd,
        pid,
        fd,
        slot.file.inode(),
        slot.label,
        slot.file.accessMode());
  }

  void forEachRow(RowReader reader) {
    open.forEach((fd, slot) -> forRow(reader, fd, slot));
  }
}
