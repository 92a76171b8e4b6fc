package dev.faultline.kernel.host;

import dev.faultline.kernel.abi.Rlimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A program in real processes, with its files in a directory of its own. */
final class HostSide implements Side, AutoCloseable {
  /** No process's number ({@code PID_MAX_LIMIT}). */
  private static final long NOBODY = 1L << 22;

  private static final int VECTOR_BYTES = 16;
  private static final int MOST_PAGES = 1024;

  /** Words of pagemap ({@code fs/proc/task_mmu.c}). */
  private static final long PRESENT = 1L << 63;

  private static final long SWAPPED = 1L << 62;
  private static final long OF_FILE = 1L << 61;
  private static final long GUARD = 1L << 58;
  private static final long EXCLUSIVE = 1L << 56;

  private final HostServers servers;
  private final Path directory;
  private final FileSystem fileSystem;

  /** What a server has mapped, and the data of its program, before it does anything. */
  private final long ownBytes;

  private final long ownData;
  private final Map<Integer, HostProcess> processes = new HashMap<>();
  private final MemorySegment buffer = Arena.ofAuto().allocate(MOST_PAGES * 4096L);

  /**
   * @param fileSystem what the directory is in
   */
  HostSide(HostServers servers, Path directory, FileSystem fileSystem) {
    this.servers = servers;
    this.directory = directory;
    this.fileSystem = fileSystem;
    HostProcess first = servers.fork(servers.first());
    processes.put(Comparison.FIRST_PROCESS, first);
    ownBytes = first.mappedBytes();
    ownData = first.programData();
  }

  private HostProcess process(int name) {
    return Objects.requireNonNull(processes.get(name));
  }

  @Override
  public Answer perform(Operation operation) {
    HostProcess process = process(operation.process());
    int number = operation.call().number();
    long[] a = operation.arguments();
    return switch (operation.call()) {
      case LOAD -> {
        process.load(a[0], (int) a[1]);
        yield access(process, a[1], process.data((int) a[1]));
      }
      case STORE -> {
        process.setData(Bytes.of(a[2], (int) a[1], a[0]));
        process.store(a[0], (int) a[1]);
        yield access(process, a[1], new byte[0]);
      }
      case FETCH -> {
        process.fetch(a[0]);
        HostProcess.Caught caught = process.caught();
        // Where zeros are fetched, what fails is what they do.
        yield caught != null && caught.address() == a[0] ? signal(caught) : Answer.of(0);
      }
      case FORK -> {
        processes.put((int) a[0], servers.fork(process));
        yield Answer.of(0);
      }
      case EXIT -> {
        processes.remove(operation.process());
        servers.exit(process, (int) a[0]);
        yield Answer.of(0);
      }
      case OPEN, UNLINK -> {
        process.setData((directory + Call.path(a[0]) + "\0").getBytes(StandardCharsets.US_ASCII));
        long flags = a.length > 1 ? a[1] : 0;
        yield Answer.of(process.call(number, process.dataAddress(), flags, 0644));
      }
      case MEMFD_CREATE -> {
        process.setData((Call.memoryName(a[0]) + "\0").getBytes(StandardCharsets.US_ASCII));
        yield Answer.of(process.call(number, process.dataAddress(), a[1]));
      }
      case ADD_SEALS -> Answer.of(process.call(number, a[0], Call.F_ADD_SEALS, a[1]));
      case GET_SEALS -> Answer.of(process.call(number, a[0], Call.F_GET_SEALS));
      case PRLIMIT -> setLimit(process, a[0], a[1]);
      case MINCORE -> {
        long result = process.call(number, a[0], a[1], process.dataAddress());
        int pages = (int) (a[1] + 4095 >>> 12);
        byte[] resident = result < 0 ? new byte[0] : process.data(pages);
        yield new Answer(result, "", resident);
      }
      case PREAD -> {
        long result = process.call(number, a[0], process.dataAddress(), a[1], a[2]);
        yield new Answer(result, "", process.data((int) Math.max(result, 0)));
      }
      case PROCESS_VM_READV, PROCESS_VM_WRITEV -> {
        process.setData(vectors(a[1], a[2], a[3]));
        HostProcess other = processes.get((int) a[0]);
        long pid = other == null ? NOBODY : other.pid();
        long here = process.dataAddress();
        yield Answer.of(process.call(number, pid, here, 1, here + VECTOR_BYTES, 1, 0));
      }
      case SMAPS -> SmapsCounts.of(process.smaps(buffer), fileSystem);
      case PWRITE -> {
        process.setData(Bytes.of(a[3], (int) a[1], a[2]));
        yield Answer.of(process.call(number, a[0], process.dataAddress(), a[1], a[2]));
      }
      default -> Answer.of(process.call(number, a));
    };
  }

  /**
   * Sets a soft limit. What the server itself has counts on top of what the program means, but
   * counts for nobody who asks.
   */
  private Answer setLimit(HostProcess process, long resource, long soft) {
    long own =
        switch (Objects.requireNonNull(Rlimit.of(resource))) {
          case AS -> ownBytes;
          case DATA -> ownData;
          default -> 0;
        };
    int number = Call.PRLIMIT.number();
    long here = process.dataAddress();
    process.call(number, 0, resource, 0, here);
    ByteBuffer limits =
        ByteBuffer.wrap(process.data(2 * Long.BYTES)).order(ByteOrder.nativeOrder());
    long old = limits.getLong(0);
    process.setData(limits.putLong(0, meansItself(soft) ? soft : soft + own).array());
    long result = process.call(number, 0, resource, here, 0);
    return result < 0 ? Answer.of(result) : Answer.ofLimit(meansItself(old) ? old : old - own);
  }

  private static boolean meansItself(long limit) {
    return limit == Rlimit.INFINITY || limit == 0;
  }

  /** Two of {@code struct iovec}. */
  private static byte[] vectors(long here, long there, long length) {
    return ByteBuffer.allocate(2 * VECTOR_BYTES)
        .order(ByteOrder.nativeOrder())
        .putLong(here)
        .putLong(length)
        .putLong(there)
        .putLong(length)
        .array();
  }

  private static Answer access(HostProcess process, long length, byte[] bytes) {
    HostProcess.Caught caught = process.caught();
    return caught == null ? new Answer(length, "", bytes) : signal(caught);
  }

  private static Answer signal(HostProcess.Caught caught) {
    String name =
        switch (caught.signal()) {
          case 7 -> caught.code() == 2 ? "SIGBUS BUS_ADRERR" : "SIGBUS " + caught.code();
          case 11 ->
              switch (caught.code()) {
                case 1 -> "SIGSEGV SEGV_MAPERR";
                case 2 -> "SIGSEGV SEGV_ACCERR";
                default -> "SIGSEGV " + caught.code();
              };
          default -> "signal " + caught.signal() + " " + caught.code();
        };
    return Answer.ofSignal("%s 0x%x".formatted(name, caught.address()));
  }

  @Override
  public Snapshot snapshot(int name) {
    HostProcess process = process(name);
    List<Snapshot.Area> areas = new ArrayList<>();
    for (Snapshot.Area area : Snapshot.parse(process.maps(buffer))) {
      if (Snapshot.isCompared(area)) {
        areas.add(withPages(process, area.belowBase()));
      }
    }
    return new Snapshot(areas);
  }

  private Snapshot.Area withPages(HostProcess process, Snapshot.Area area) {
    int count = (int) (area.end() - area.start() >>> 12);
    if (count > MOST_PAGES) {
      throw new IllegalStateException("more pages than are compared: " + area);
    }
    long[] words = process.pagemap(area.start() >>> 12, count, buffer);
    char[] pages = new char[count];
    int[] contents = new int[count];
    for (int i = 0; i < count; i++) {
      pages[i] = what(words[i]);
    }
    for (int from = 0; from < count; ) {
      int to = from;
      while (to < count && Snapshot.isThere(pages[to])) {
        to++;
      }
      if (to > from) {
        process.read(area.start() + from * 4096L, (to - from) * 4096L, buffer);
      }
      for (int i = from; i < to; i++) {
        contents[i] = checksum(buffer.asSlice((i - from) * 4096L, 4096));
      }
      from = to + 1;
    }
    return area.with(pages, contents);
  }

  private static char what(long word) {
    if ((word & GUARD) != 0) {
      return Snapshot.GUARD;
    }
    if ((word & (PRESENT | SWAPPED)) == 0) {
      return Snapshot.ABSENT;
    }
    boolean mappedOnce = (word & EXCLUSIVE) != 0;
    return (word & OF_FILE) != 0
        ? mappedOnce ? Snapshot.FILE : Snapshot.SHARED_FILE
        : mappedOnce ? Snapshot.OWN : Snapshot.SHARED;
  }

  private static int checksum(MemorySegment page) {
    var sum = new CRC32C();
    sum.update(page.asByteBuffer());
    return (int) sum.getValue();
  }

  @Override
  public byte @Nullable [] file(int number) {
    Path path = Path.of(directory + Call.path(number));
    try {
      return Files.exists(path) ? Files.readAllBytes(path) : null;
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /** Ends the program's processes and removes its files. */
  @Override
  public void close() throws IOException {
    for (HostProcess process : processes.values()) {
      servers.kill(process);
    }
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
