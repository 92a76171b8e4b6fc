package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The open files of a process by number. 0 to 2 are the console's. */
public final class Descriptors {
  private static final int FIRST = 3;

  /** {@code RLIMIT_NOFILE}. */
  private static final int LIMIT = 1024;

  private final int pid;
  private final FileSystem files;
  private final ChangeLog log;
  private final Refusal refusal;
  private final NavigableMap<Integer, OpenFile> open = new TreeMap<>();

  Descriptors(int pid, FileSystem files, ChangeLog log) {
    this.pid = pid;
    this.files = files;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  public @Nullable OpenFile find(int fd) {
    return open.get(fd);
  }

  public OpenFile get(int fd) {
    OpenFile found = open.get(fd);
    if (found == null) {
      throw refusal.of(Errno.EBADF, StepKind.BAD_DESCRIPTOR, fd);
    }
    return found;
  }

  /** The lowest free number. */
  public int reserve() {
    int fd = FIRST;
    while (open.containsKey(fd)) {
      fd++;
    }
    if (fd >= LIMIT) {
      throw refusal.of(Errno.EMFILE, StepKind.NO_FREE_DESCRIPTOR, LIMIT);
    }
    return fd;
  }

  public void install(int fd, OpenFile file) {
    log.step(StepKind.GIVES_DESCRIPTOR, fd);
    add(fd, file);
  }

  private void add(int fd, OpenFile file) {
    file.file().hold();
    open.put(fd, file);
    write(log.insert(Table.DESCRIPTOR, key(fd)), fd, file);
  }

  /** A child has the same descriptors for the same open files. */
  void copyTo(Descriptors child) {
    open.forEach(child::add);
  }

  public void close(int fd) {
    OpenFile file = get(fd);
    open.remove(fd);
    write(log.delete(Table.DESCRIPTOR, key(fd)), fd, file);
    files.letGo(file.file());
  }

  void closeAll() {
    List.copyOf(open.keySet()).forEach(this::close);
  }

  private long key(int fd) {
    return (long) pid << 32 | fd;
  }

  private void write(ChangeLog record, int fd, OpenFile file) {
    record
        .value(pid)
        .value(fd)
        .value(file.file().number())
        .value(log.intern(file.file().path()))
        .value(file.accessMode())
        .end();
  }

  void forEachRow(RowReader reader) {
    open.forEach((fd, file) ->
        reader.row(
            Table.DESCRIPTOR,
            key(fd),
            pid,
            fd,
            file.file().number(),
            log.intern(file.file().path()),
            file.accessMode()));
  }
}
