package dev.faultline.kernel.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.faultline.Missing;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Processes of the host's Linux that run {@code server.S}. The first one is started here and stays
 * as it is; all others are its forks. None outlives this object: they are killed by number at the
 * end, and each looks every two seconds whether this JVM is still there.
 *
 * <p>All of them and the thread that asks them run on one processor: Linux keeps pages that were
 * just used in lists of the processor ({@code mm/swap.c}), and MADV_PAGEOUT and MADV_FREE see those
 * of their own only.
 */
final class HostServers implements AutoCloseable {
  /** As the server has them. */
  static final int SLOTS = 16;

  /** Its version, thousands before the point. */
  private static final int OLDEST_LINUX = 6018;

  private static final long MAILBOX = 0x7000_0000_0000L;
  private static final int SIGKILL = 9;
  private static final int SLOT_BYTES = 1 << 16;
  private static final int MAILBOX_BYTES = (SLOTS + 1) * SLOT_BYTES;

  private final MemorySegment mailbox;
  private final HostCalls calls;
  private final Process root;
  private final byte[] processors;
  private final @Nullable HostProcess[] processes = new HostProcess[SLOTS];

  private HostServers(Arena arena, MemorySegment mailbox, Path program, Path file)
      throws IOException {
    this.mailbox = mailbox;
    calls = new HostCalls(arena);
    processors = calls.pin();
    root = new ProcessBuilder(program.toString(), file.toString()).start();
    processes[0] = new HostProcess(calls, slot(0), MAILBOX, root.pid());
  }

  /**
   * Starts the first server.
   *
   * @param directory where its program and the mailbox are put
   */
  static HostServers start(Path directory) throws IOException {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      throw Missing.thing("no Linux on x86-64 under this JVM to compare with", null);
    }
    String[] version = System.getProperty("os.version").split("\\D+");
    if (Integer.parseInt(version[0]) * 1000 + Integer.parseInt(version[1]) < OLDEST_LINUX) {
      throw Missing.thing("no Linux 6.18, whose mremap and guard pages are compared", null);
    }
    Path program = directory.resolve("server");
    try (InputStream elf =
        Objects.requireNonNull(HostServers.class.getResourceAsStream("/host/server-x86_64.elf"))) {
      Files.copy(elf, program);
    }
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Path mailbox = directory.resolve("mailbox");
    try (var file = new RandomAccessFile(mailbox.toFile(), "rw")) {
      file.setLength(MAILBOX_BYTES);
      Arena arena = Arena.ofAuto();
      MemorySegment mapped =
          file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, MAILBOX_BYTES, arena);
      mapped.set(JAVA_INT, SLOTS * (long) SLOT_BYTES, (int) ProcessHandle.current().pid());
      return new HostServers(arena, mapped, program, mailbox);
    }
  }

  private MemorySegment slot(int number) {
    return mailbox.asSlice(number * (long) SLOT_BYTES, SLOT_BYTES);
  }

  /** The first server: only to be forked, so that what comes of it begins with empty memory. */
  HostProcess first() {
    return Objects.requireNonNull(processes[0]);
  }

  /** A child of a process, which is served in a free slot. */
  HostProcess fork(HostProcess parent) {
    int free = 1;
    while (processes[free] != null) {
      free++;
    }
    MemorySegment slot = slot(free);
    slot.fill((byte) 0);
    long pid = parent.fork(free);
    if (pid < 0) {
      throw new IllegalStateException("fork: error " + -pid);
    }
    var child = new HostProcess(calls, slot, MAILBOX + free * (long) SLOT_BYTES, pid);
    processes[free] = child;
    return child;
  }

  /** Lets a process exit, and waits until its memory is gone. */
  void exit(HostProcess process, int status) {
    process.exit(status);
    awaitEnd(process);
  }

  /** Ends a process that is alive, whatever it is doing. */
  void kill(HostProcess process) {
    calls.kill(process.pid(), SIGKILL);
    awaitEnd(process);
  }

  private void awaitEnd(HostProcess process) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (calls.kill(process.pid(), 0) != -HostCalls.ESRCH) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("process " + process.pid() + " does not end");
      }
      Thread.yield();
    }
    process.closeFiles();
    processes[Arrays.asList(processes).indexOf(process)] = null;
  }

  @Override
  public void close() {
    for (int i = SLOTS - 1; i > 0; i--) {
      HostProcess process = processes[i];
      if (process != null) {
        kill(process);
      }
    }
    first().closeFiles();
    root.destroyForcibly();
    root.onExit().join();
    calls.unpin(processors);
  }
}
