package dev.faultline.lab;

import static dev.faultline.lab.TestLab.PAGE;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.log.Signal;
import java.util.List;
import java.util.Random;

/**
 * Random commands that a laboratory is given without a look at what becomes of them, save which
 * process is alive. Addresses lie close together, so that most of them meet something.
 */
final class BlindCommands {
  private static final String PATH = "/f";

  /** What a laboratory is given first: a file, and then a process. */
  static final Command FILE = new Command.PutFile(PATH, 0644, TestLab.pattern(20 * PAGE));

  static final Command PROCESS = new Command.Spawn("blind");
  private static final long TOP = 0x3f_f800_0000L;
  private static final long ALL = 64L << 20;
  private static final MapFlag[] EXTRA = {
    MapFlag.FIXED, MapFlag.FIXED, MapFlag.POPULATE, MapFlag.LOCKED, MapFlag.NORESERVE
  };
  private static final Rlimit[] LIMITS = {Rlimit.AS, Rlimit.DATA, Rlimit.MEMLOCK};
  private static final int[] MODES = {
    0,
    Fallocate.KEEP_SIZE,
    Fallocate.ZERO_RANGE,
    Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE,
    Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE
  };

  private final Random random;
  private final int unit;
  private int pid = 1;
  private int fd = 3;

  /**
   * @param unit pages that ranges are multiples of: many, and superpages fit in them
   */
  BlindCommands(Random random, int unit) {
    this.random = random;
    this.unit = unit;
  }

  /** The next command, after the outcome of the one before. */
  Command next(Command last, Outcome outcome) {
    if (last instanceof Command.Fork fork && outcome.result() instanceof Result.Pid child) {
      // Of parent and child one goes on.
      pid = random.nextBoolean() ? fork.pid() : child.pid();
      return new Command.Exit(pid == child.pid() ? fork.pid() : child.pid(), 0);
    }
    if (outcome.signal() != null && outcome.signal().signal() == Signal.SIGKILL) {
      return PROCESS;
    }
    if (last instanceof Command.Spawn && outcome.result() instanceof Result.Pid spawned) {
      pid = spawned.pid();
    }
    if (outcome.result() instanceof Result.Descriptor opened) {
      fd = opened.fd();
    }
    return next();
  }

  private Command next() {
    return switch (random.nextInt(24)) {
      case 0, 1, 2 -> map();
      case 3 -> new Command.Munmap(pid, somewhere(), pages(30));
      case 4, 5 -> new Command.Read(pid, somewhere(), 1 + random.nextInt(8 * PAGE));
      case 6, 7, 8, 9 -> {
        byte[] data = TestLab.filled(1 + random.nextInt(8 * PAGE), random.nextInt());
        yield new Command.Write(pid, somewhere(), data);
      }
      case 10 -> new Command.Fork(pid);
      case 11 -> new Command.Execute(pid, somewhere());
      case 12 -> new Command.Mprotect(pid, somewhere(), pages(12), random.nextInt(8));
      case 13, 14 -> move();
      case 15, 16 -> advise();
      case 17 -> random.nextBoolean() ? new Command.Munlock(pid, TOP - ALL, ALL) : lock();
      case 18 -> new Command.Brk(pid, MemoryModel.HEAP + random.nextInt(20 * PAGE));
      case 19 -> aside();
      default -> change(file());
    };
  }

  private Command map() {
    int sharing = random.nextBoolean() ? TestLab.SHARED : TestLab.PRIVATE;
    int kind = random.nextBoolean() ? TestLab.ANONYMOUS : 0;
    int extra = random.nextInt(3) == 0 ? EXTRA[random.nextInt(EXTRA.length)].bit() : 0;
    return new Command.Mmap(
        pid,
        random.nextInt(3) == 0 ? 0 : somewhere(),
        pages(24),
        random.nextBoolean() ? TestLab.RW : random.nextInt(8),
        sharing | kind | extra,
        fd,
        random.nextInt(20) * (long) PAGE);
  }

  /** Half of them of one length, which may be that of several VMAs. */
  private Command move() {
    long length = pages(random.nextBoolean() ? 6 : 30);
    long newLength = random.nextBoolean() ? length : pages(9);
    int flags = random.nextInt(8);
    return new Command.Mremap(pid, somewhere(), length, newLength, flags, somewhere());
  }

  private Command advise() {
    Advice[] all = Advice.values();
    int advice = all[random.nextInt(all.length)].number();
    return new Command.Madvise(pid, somewhere(), pages(30), advice);
  }

  private Command lock() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> new Command.Mlock(pid, somewhere(), pages(4));
      case 2 -> new Command.Mlock2(pid, somewhere(), pages(8), random.nextInt(2));
      case 3 -> new Command.Mlockall(pid, random.nextInt(8));
      default -> new Command.Munlockall(pid);
    };
  }

  /** What changes no memory of the process itself, or none at all. */
  private Command aside() {
    return switch (random.nextInt(7)) {
      case 0 -> new Command.Mincore(pid, somewhere(), pages(4));
      case 1 -> new Command.Msync(pid, somewhere(), pages(30), random.nextInt(8));
      case 2 -> new Command.ProcessVmReadv(pid, pid, piece(), piece());
      case 3 -> new Command.ProcessVmWritev(pid, pid, piece(), piece());
      case 4 -> new Command.Close(pid, fd);
      case 5 -> new Command.Unlink(pid, PATH);
      default -> {
        long soft = random.nextInt(3) == 0 ? pages(40) : Rlimit.INFINITY;
        Rlimit resource = LIMITS[random.nextInt(LIMITS.length)];
        yield new Command.Prlimit(pid, resource, new Rlimits.Pair(soft, Rlimit.INFINITY));
      }
    };
  }

  private List<IoVector> piece() {
    return List.of(new IoVector(somewhere(), 1 + random.nextInt(6 * PAGE)));
  }

  private Command.FileName file() {
    return random.nextInt(8) == 0 ? new Command.ByPath(PATH) : new Command.ByDescriptor(fd);
  }

  private Command change(Command.FileName file) {
    int offset = random.nextInt(20 * PAGE);
    return switch (random.nextInt(7)) {
      case 0 -> random.nextInt(3) == 0 ? FILE : new Command.Open(pid, PATH, TestLab.RDWR, 0);
      case 1 -> new Command.MemfdCreate(pid, "blind", 0);
      case 2 -> new Command.Ftruncate(pid, file, offset);
      case 3 -> {
        int mode = MODES[random.nextInt(MODES.length)];
        yield new Command.Fallocate(pid, file, mode, offset, 1 + random.nextInt(12 * PAGE));
      }
      case 4 -> new Command.Pread(pid, file, 1 + random.nextInt(6 * PAGE), offset);
      default ->
          new Command.Pwrite(pid, file, TestLab.pattern(1 + random.nextInt(3 * PAGE)), offset);
    };
  }

  private long somewhere() {
    return TOP - pages(40);
  }

  /** One to so many times the unit, in bytes. */
  private long pages(int most) {
    return (1 + random.nextInt(most)) * (long) unit * PAGE;
  }
}
