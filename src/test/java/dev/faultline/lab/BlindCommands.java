package dev.faultline.lab;

import static dev.faultline.lab.TestLab.PAGE;

import dev.faultline.log.Signal;
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
  private static final int[] ADVICE = {0, 1, 2, 3, 4, 4, 8, 10, 11, 18, 19, 20, 21, 21, 22, 23};

  private final Random random;
  private int pid = 1;
  private int fd = 3;

  BlindCommands(Random random) {
    this.random = random;
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
    long address = TOP - pages(40);
    long length = pages(30);
    var file = new Command.ByDescriptor(fd);
    return switch (random.nextInt(20)) {
      case 0 -> new Command.Open(pid, PATH, TestLab.RDWR, 0);
      case 1, 2 ->
          new Command.Mmap(
              pid,
              random.nextBoolean() ? address : 0,
              pages(24),
              random.nextInt(8),
              (random.nextBoolean() ? TestLab.SHARED : TestLab.PRIVATE)
                  | (random.nextBoolean() ? TestLab.ANONYMOUS : 0)
                  | (random.nextInt(4) == 0 ? TestLab.FIXED : 0),
              fd,
              pages(20) - PAGE);
      case 3 -> new Command.Munmap(pid, address, length);
      case 4, 5 -> new Command.Read(pid, address, 1 + random.nextInt(8 * PAGE));
      case 6, 7, 8 -> {
        byte[] data = TestLab.filled(1 + random.nextInt(8 * PAGE), random.nextInt());
        yield new Command.Write(pid, address, data);
      }
      case 9 -> new Command.Fork(pid);
      case 10 -> new Command.Execute(pid, address);
      case 11 -> new Command.Mprotect(pid, address, pages(12), random.nextInt(8));
      case 12 ->
          new Command.Mremap(pid, address, pages(6), pages(9), random.nextInt(2), TOP - pages(40));
      case 13 -> new Command.Madvise(pid, address, length, ADVICE[random.nextInt(ADVICE.length)]);
      case 14 -> new Command.Msync(pid, address, length, 4);
      case 16 -> new Command.Mlock(pid, address, pages(4));
      case 17 -> new Command.Munlock(pid, TOP - 60 * PAGE, 60 * PAGE);
      case 18 -> new Command.Brk(pid, MemoryModel.HEAP + random.nextInt(20 * PAGE));
      case 15 -> new Command.Ftruncate(pid, file, random.nextInt(20 * PAGE));
      default ->
          new Command.Pwrite(
              pid, file, TestLab.pattern(1 + random.nextInt(PAGE)), random.nextInt(20 * PAGE));
    };
  }

  /** One to so many pages, in bytes. */
  private long pages(int most) {
    return (1 + random.nextInt(most)) * (long) PAGE;
  }
}
