package dev.faultline.kernel.host;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.Mlock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;

/**
 * Writes programs, an operation after the other, with an eye on what the processes have in memory
 * by then: most operations meet an area, its borders or its neighbourhood.
 *
 * <p>Two rules of x86-64 that riscv64 does not have are kept out of sight: there, memory that may
 * be executed can be read, so EXEC always comes with READ; and executing what is there needs an
 * instruction that both know nothing about, see {@link Bytes}.
 */
final class ProgramGenerator {
  private static final int PAGE = 4096;

  /** Fixed mappings lie so close below Sv39's mmap base. */
  private static final int WINDOW_PAGES = 64;

  private static final int MOST_PROCESSES = 5;
  private static final int FIRST_DESCRIPTOR = 3;
  private static final int DESCRIPTORS = 8;
  private static final int MOST_AREA_PAGES = 400;
  private static final int[] ADVICE = {
    0, 1, 2, 3, 4, 4, 4, 4, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 21, 22, 23,
    24, 99, 102, 102, 103
  };

  private final Random random;
  private final Comparison comparison;
  private final Queue<Operation> prelude = new ArrayDeque<>();
  private int process = Comparison.FIRST_PROCESS;
  private List<Snapshot.Area> areas = List.of();

  /** Bytes from the address chosen last to the end of its area, 0 where it is in none. */
  private int leftInArea;

  ProgramGenerator(Random random, Comparison comparison) {
    this.random = random;
    this.comparison = comparison;
    for (int file = 0; file < Comparison.FILES; file++) {
      prelude.add(
          operation(
              Call.OPEN, file, OpenFlag.RDWR.bit() | OpenFlag.CREAT.bit() | OpenFlag.TRUNC.bit()));
      prelude.add(
          operation(Call.PWRITE, FIRST_DESCRIPTOR + file, random.nextInt(6 * PAGE), 0, seed()));
    }
    prelude.add(operation(Call.OPEN, 0, OpenFlag.RDONLY.bit()));
    prelude.add(operation(Call.OPEN, 1, OpenFlag.WRONLY.bit()));
  }

  Operation next() {
    if (!prelude.isEmpty()) {
      return prelude.remove();
    }
    List<Integer> living = List.copyOf(comparison.living());
    process = living.get(random.nextInt(living.size()));
    areas = comparison.snapshot(process).areas();
    if (areas.stream().mapToInt(area -> area.pages().length).sum() > MOST_AREA_PAGES) {
      return inRange(Call.MUNMAP, page(), (10 + random.nextInt(30)) * (long) PAGE);
    }
    return switch (random.nextInt(53)) {
      case 0, 1, 2, 3 -> mmap();
      case 4, 5 -> inRange(Call.MUNMAP, address(20), length(20));
      case 6, 7, 8 -> inRange(Call.MPROTECT, address(30), length(20), prot());
      case 9, 10, 11 -> mremap();
      case 12, 13, 14 ->
          inRange(Call.MADVISE, address(30), length(20), ADVICE[random.nextInt(ADVICE.length)]);
      case 15 -> inRange(Call.MSYNC, address(20), length(20), rarely(3) ? random.nextInt(8) : 4);
      case 16 -> inRange(Call.MLOCK, address(20), length(20) / 3);
      case 43 ->
          inRange(Call.MLOCK2, address(20), length(20) / 3, rarely(10) ? 2 : random.nextInt(2));
      case 44 -> lockAll();
      case 45, 46 -> limit();
      case 47 -> operation(Call.MEMFD_CREATE, random.nextInt(Comparison.FILES), memfdFlags());
      case 48, 49, 50 -> fallocate();
      case 51 -> operation(Call.ADD_SEALS, descriptor(), 1 << random.nextInt(6));
      case 52 -> operation(Call.GET_SEALS, descriptor());
      case 17 -> inRange(Call.MUNLOCK, address(20), length(20) * 2);
      case 18 -> inRange(Call.MINCORE, address(20), length(20));
      case 19 -> brk();
      case 40 -> operation(Call.SMAPS);
      case 41, 42 -> processVm(living);
      case 20 -> operation(Call.PREAD, descriptor(), accessLength(), offset());
      case 21, 22 -> operation(Call.PWRITE, descriptor(), accessLength(), offset(), seed());
      case 23 ->
          operation(Call.FTRUNCATE, descriptor(), rarely(20) ? -1 : random.nextInt(10 * PAGE));
      case 24 -> descriptors();
      case 25, 26, 27, 28 -> inRange(Call.LOAD, inArea(), accessLength());
      case 29, 30, 31, 32, 33, 34 -> inRange(Call.STORE, inArea(), accessLength(), seed());
      case 35 -> operation(Call.FETCH, inArea() & -PAGE | Bytes.RETURN_OFFSET);
      case 36, 37 -> fork(living);
      case 38 -> living.size() > 1 ? operation(Call.EXIT, random.nextInt(3)) : mmap();
      default -> inRange(Call.STORE, inArea(), 1 + random.nextInt(8), seed());
    };
  }

  private Operation operation(Call call, long... arguments) {
    return new Operation(process, call, arguments);
  }

  /** One whose first arguments are a range of addresses, which ends where the window does. */
  private Operation inRange(Call call, long address, long length, long... others) {
    long[] arguments = new long[2 + others.length];
    arguments[0] = address;
    arguments[1] = fitting(address, length);
    System.arraycopy(others, 0, arguments, 2, others.length);
    return operation(call, arguments);
  }

  private static long fitting(long address, long length) {
    return Math.min(length, Snapshot.MMAP_BASE - address);
  }

  private boolean rarely(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private long seed() {
    return random.nextInt(1 << 16);
  }

  private Operation mmap() {
    int flags =
        switch (random.nextInt(8)) {
          case 0 -> random.nextInt(4);
          case 1, 2 -> MapFlag.SHARED.bit();
          default -> MapFlag.PRIVATE.bit();
        };
    flags |= random.nextBoolean() ? MapFlag.ANONYMOUS.bit() : 0;
    flags |= rarely(8) ? MapFlag.POPULATE.bit() : 0;
    flags |= rarely(12) ? MapFlag.NORESERVE.bit() : 0;
    flags |= rarely(20) ? MapFlag.LOCKED.bit() : 0;
    flags |= rarely(10) ? MapFlag.GROWSDOWN.bit() : 0;
    flags |= rarely(30) ? MapFlag.STACK.bit() | MapFlag.DENYWRITE.bit() : 0;
    flags |=
        switch (random.nextInt(6)) {
          case 0, 1, 2 -> MapFlag.FIXED.bit();
          case 3 -> MapFlag.FIXED_NOREPLACE.bit();
          default -> 0;
        };
    long offset = random.nextInt(6) * (long) PAGE + (rarely(30) ? 7 : 0);
    boolean isFixed = (flags & (MapFlag.FIXED.bit() | MapFlag.FIXED_NOREPLACE.bit())) != 0;
    long address = rarely(2) && !isFixed ? 0 : address(30);
    return inRange(Call.MMAP, address, length(30), prot(), flags, descriptor(), offset);
  }

  private Operation mremap() {
    long address = address(30);
    long oldLength = rarely(6) ? 0 : length(30);
    long newLength =
        switch (random.nextInt(10)) {
          case 0 -> 0;
          case 1, 2, 3, 4 -> oldLength;
          default -> length(30);
        };
    // MAYMOVE 1, FIXED 2, DONTUNMAP 4
    int flags =
        switch (random.nextInt(8)) {
          case 0 -> random.nextInt(16);
          case 1, 2 -> 0;
          case 3, 4 -> 1;
          case 5 -> 3;
          case 6 -> 7;
          default -> 5;
        };
    long newAddress = address(30);
    long farther = (flags & 6) == 0 ? address : newAddress;
    return operation(
        Call.MREMAP,
        address,
        fitting(address, oldLength),
        fitting(farther, fitting(address, newLength)),
        flags,
        newAddress);
  }

  private Operation brk() {
    long end = Snapshot.HEAP;
    for (Snapshot.Area area : areas) {
      end = area.name().equals("[heap]") ? Math.max(end, area.end()) : end;
    }
    return operation(
        Call.BRK,
        rarely(8)
            ? 0
            : Math.min(end + random.nextInt(7 * PAGE), Snapshot.HEAP + 24 * PAGE)
                - random.nextInt(4 * PAGE));
  }

  private Operation descriptors() {
    return switch (random.nextInt(6)) {
      case 0 -> operation(Call.CLOSE, descriptor());
      case 1 -> operation(Call.UNLINK, random.nextInt(Comparison.FILES));
      default -> {
        int flags = random.nextInt(3);
        flags |= rarely(3) ? OpenFlag.CREAT.bit() : 0;
        flags |= rarely(8) ? OpenFlag.TRUNC.bit() : 0;
        flags |= rarely(12) ? OpenFlag.EXCL.bit() | OpenFlag.CREAT.bit() : 0;
        flags |= rarely(12) ? OpenFlag.APPEND.bit() : 0;
        yield operation(Call.OPEN, random.nextInt(Comparison.FILES), flags);
      }
    };
  }

  /**
   * What will come alone: the server's own areas, of many terabytes, would count as what is there.
   */
  private Operation lockAll() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> operation(Call.MLOCKALL, Mlock.ALL_FUTURE);
      case 2 -> operation(Call.MLOCKALL, Mlock.ALL_FUTURE | Mlock.ALL_ONFAULT);
      case 3 -> operation(Call.MLOCKALL, rarely(2) ? Mlock.ALL_ONFAULT : rarely(2) ? 0 : 8);
      default -> operation(Call.MUNLOCKALL);
    };
  }

  /** A limit around what the process has, or none worth the name. */
  private Operation limit() {
    Rlimit[] bound = {Rlimit.AS, Rlimit.DATA, Rlimit.STACK, Rlimit.MEMLOCK};
    Rlimit resource = bound[random.nextInt(bound.length)];
    int pages = areas.stream().mapToInt(area -> area.pages().length).sum();
    int around =
        switch (resource) {
          case AS -> pages;
          case DATA -> pages / 2;
          default -> pages / 8;
        };
    long soft =
        rarely(2)
            ? resource.firstSoft()
            : (around + random.nextInt(32)) * (long) PAGE + random.nextInt(PAGE / 2);
    return operation(Call.PRLIMIT, resource.ordinal(), rarely(30) ? 0 : soft);
  }

  private int memfdFlags() {
    // CLOEXEC 1, ALLOW_SEALING 2, NOEXEC_SEAL 8, EXEC 16
    return rarely(20) ? random.nextInt(64) & ~4 : rarely(3) ? 2 : random.nextInt(2);
  }

  private Operation fallocate() {
    int mode =
        switch (random.nextInt(8)) {
          case 0 -> random.nextInt(4);
          case 1 -> 0;
          case 2 -> Fallocate.ZERO_RANGE;
          case 3 -> Fallocate.ZERO_RANGE | Fallocate.KEEP_SIZE;
          default -> Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;
        };
    long offset = rarely(3) ? offset() : random.nextInt(8) * (long) PAGE;
    return operation(Call.FALLOCATE, descriptor(), mode, offset, length(20));
  }

  /** Most often with another process that is alive. */
  private Operation processVm(List<Integer> living) {
    Call call = random.nextBoolean() ? Call.PROCESS_VM_READV : Call.PROCESS_VM_WRITEV;
    int other = rarely(20) ? MOST_PROCESSES + 1 : living.get(random.nextInt(living.size()));
    long here = inArea();
    areas = comparison.snapshot(living.contains(other) ? other : process).areas();
    return inBoth(call, other, here, inArea(), accessLength());
  }

  private Operation inBoth(Call call, int other, long here, long there, int length) {
    return operation(call, other, here, there, fitting(here, fitting(there, length)));
  }

  private Operation fork(List<Integer> living) {
    if (living.size() >= MOST_PROCESSES) {
      return operation(Call.EXIT, 0);
    }
    int child = Comparison.FIRST_PROCESS;
    while (living.contains(child)) {
      child++;
    }
    return operation(Call.FORK, child);
  }

  private int prot() {
    return switch (random.nextInt(11)) {
      case 0, 1, 2 -> Prot.READ;
      case 3 -> Prot.NONE;
      case 4 -> Prot.READ | Prot.EXEC;
      case 5 -> Prot.READ | Prot.WRITE | Prot.EXEC;
      case 6 -> Prot.WRITE;
      default -> Prot.READ | Prot.WRITE;
    };
  }

  private long descriptor() {
    return rarely(60) ? -1 : FIRST_DESCRIPTOR + random.nextInt(DESCRIPTORS);
  }

  private long offset() {
    return rarely(30) ? -1 : random.nextInt(10 * PAGE);
  }

  private int accessLength() {
    return 1 + random.nextInt(random.nextBoolean() ? 16 : 3 * PAGE);
  }

  /**
   * A length in bytes, sometimes none at all; half of them end within the area that the address
   * before was chosen from.
   */
  private long length(int unusual) {
    if (rarely(unusual)) {
      return 0;
    }
    int most = random.nextBoolean() ? 10 * PAGE : 3 * PAGE;
    boolean within = leftInArea > 0 && random.nextBoolean();
    return 1 + random.nextInt(within ? leftInArea : most);
  }

  /** The address of a page, sometimes one inside a page. */
  private long address(int unusual) {
    return rarely(unusual) ? page() + random.nextInt(PAGE) : page();
  }

  private long page() {
    leftInArea = 0;
    if (areas.isEmpty() || rarely(3)) {
      return Snapshot.MMAP_BASE - (1 + random.nextInt(WINDOW_PAGES)) * (long) PAGE;
    }
    Snapshot.Area area = areas.get(random.nextInt(areas.size()));
    long page =
        switch (random.nextInt(4)) {
          case 0 -> area.start();
          case 1 -> area.end();
          case 2 -> area.start() - (1 + random.nextInt(3)) * (long) PAGE;
          default -> area.start() + random.nextInt(area.pages().length) * (long) PAGE;
        };
    if (page >= area.start() && page < area.end()) {
      leftInArea = (int) (area.end() - page);
    }
    return Math.clamp(page, Snapshot.HEAP, Snapshot.MMAP_BASE - PAGE);
  }

  /** An address that is most often inside an area, and sometimes where a stack may grow to. */
  private long inArea() {
    if (areas.isEmpty() || rarely(12)) {
      return page() + random.nextInt(PAGE);
    }
    Snapshot.Area area = areas.get(random.nextInt(areas.size()));
    if (rarely(16)) {
      return Math.max(area.start() - 1 - random.nextInt(6 * PAGE), Snapshot.HEAP);
    }
    return Math.min(
        area.start() + random.nextInt(area.pages().length * PAGE), Snapshot.MMAP_BASE - 1);
  }
}
