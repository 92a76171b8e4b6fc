package dev.faultline.kernel.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A process of the host's Linux that does what it is told through its slot of the mailbox. */
final class HostProcess {
  /** Where a slot has the bytes that calls read and write, and where it lies in the process. */
  private static final int DATA = 0x1000;

  static final int DATA_BYTES = 0x7000;

  private static final int NUMBER = 0x08;
  private static final int ARGUMENTS = 0x10;
  private static final int RESULT = 0x40;
  private static final int SIGNAL = 0x48;
  private static final int CODE = 0x50;
  private static final int ADDRESS = 0x58;

  private static final int LOAD = 0x1000;
  private static final int STORE = 0x1001;
  private static final int FETCH = 0x1002;
  private static final int FORK = 0x1003;
  private static final int EXIT_GROUP = 231;

  /** Words of {@code /proc/pid/stat} after the name. */
  private static final int START_DATA = 42;

  private static final int END_DATA = 43;

  private static final int SERVERS_TURN = 1;
  private static final long SECONDS_TO_ANSWER = 20;
  private static final VarHandle TURN = JAVA_INT.varHandle();

  /** A signal that a load, store or fetch ended with. */
  record Caught(int signal, int code, long address) {}

  private final HostCalls calls;
  private final MemorySegment slot;
  private final long dataAddress;
  private final long pid;
  private final long maps;
  private final long smaps;
  private final long pagemap;
  private final long memory;

  HostProcess(HostCalls calls, MemorySegment slot, long slotAddress, long pid) {
    this.calls = calls;
    this.slot = slot;
    this.dataAddress = slotAddress + DATA;
    this.pid = pid;
    maps = calls.open("/proc/" + pid + "/maps");
    smaps = calls.open("/proc/" + pid + "/smaps");
    pagemap = calls.open("/proc/" + pid + "/pagemap");
    memory = calls.open("/proc/" + pid + "/mem");
  }

  long pid() {
    return pid;
  }

  /** Makes a system call, whatever its number; errors are negative error numbers. */
  long call(long number, long... arguments) {
    ask(number, arguments);
    return await();
  }

  /** Loads bytes to the slot; how they came out tells {@link #caught}. */
  void load(long address, int length) {
    call(LOAD, address, length);
  }

  /** Stores bytes from the slot. */
  void store(long address, int length) {
    call(STORE, address, length);
  }

  /** Executes what is at an address, which must be a {@code ret}, zeros or forbidden. */
  void fetch(long address) {
    call(FETCH, address);
  }

  /** A child that is served in another slot; gives its pid. */
  long fork(int childSlot) {
    return call(FORK, childSlot);
  }

  void exit(int status) {
    ask(EXIT_GROUP, status);
  }

  /** The signal that the last load, store or fetch ended with. */
  @Nullable Caught caught() {
    int signal = slot.get(JAVA_INT, SIGNAL);
    return signal == 0
        ? null
        : new Caught(signal, slot.get(JAVA_INT, CODE), slot.get(JAVA_LONG, ADDRESS));
  }

  private void ask(long number, long... arguments) {
    slot.set(JAVA_LONG, NUMBER, number);
    for (int i = 0; i < arguments.length; i++) {
      slot.set(JAVA_LONG, ARGUMENTS + 8L * i, arguments[i]);
    }
    slot.set(JAVA_INT, SIGNAL, 0);
    TURN.setRelease(slot, 0L, SERVERS_TURN);
    calls.futexWake(slot);
  }

  private long await() {
    while ((int) TURN.getAcquire(slot, 0L) == SERVERS_TURN) {
      if (calls.futexWait(slot, SERVERS_TURN, SECONDS_TO_ANSWER) == -HostCalls.ETIMEDOUT) {
        throw new IllegalStateException("process " + pid + " does not answer");
      }
    }
    return slot.get(JAVA_LONG, RESULT);
  }

  /** The address, in the process, of the bytes that calls read and write. */
  long dataAddress() {
    return dataAddress;
  }

  byte[] data(int length) {
    return slot.asSlice(DATA, length).toArray(JAVA_BYTE);
  }

  void setData(byte[] bytes) {
    MemorySegment.copy(bytes, 0, slot, JAVA_BYTE, DATA, bytes.length);
  }

  /** {@code /proc/pid/maps}. */
  String maps(MemorySegment buffer) {
    return text(maps, buffer);
  }

  /** {@code /proc/pid/smaps}. */
  String smaps(MemorySegment buffer) {
    return text(smaps, buffer);
  }

  private String text(long fd, MemorySegment buffer) {
    long length = 0;
    while (true) {
      long read = calls.pread(fd, buffer.asSlice(length), buffer.byteSize() - length, length);
      if (read <= 0) {
        return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.US_ASCII);
      }
      length += read;
    }
  }

  /** {@code mm->total_vm} ({@code /proc/pid/statm}). */
  long mappedBytes() {
    return Long.parseLong(proc("statm").split(" ")[0]) * 4096;
  }

  /** From {@code mm->start_data} to {@code mm->end_data} ({@code /proc/pid/stat}). */
  long programData() {
    String stat = proc("stat");
    String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(words[END_DATA]) - Long.parseLong(words[START_DATA]);
  }

  private String proc(String name) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/" + name)).strip();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /** The words of {@code /proc/pid/pagemap} for a range of pages. */
  long[] pagemap(long firstPage, int pages, MemorySegment buffer) {
    long length = calls.pread(pagemap, buffer, pages * 8L, firstPage * 8);
    if (length != pages * 8L) {
      throw new IllegalStateException("pagemap of process " + pid + " gave " + length);
    }
    return buffer.asSlice(0, length).toArray(JAVA_LONG);
  }

  /** The bytes of pages that are there, whatever their protection. */
  void read(long address, long length, MemorySegment into) {
    long read = calls.pread(memory, into, length, address);
    if (read != length) {
      throw new IllegalStateException(
          "%d bytes at 0x%x of process %d: %d".formatted(length, address, pid, read));
    }
  }

  void closeFiles() {
    calls.close(maps);
    calls.close(smaps);
    calls.close(pagemap);
    calls.close(memory);
  }
}
