package dev.faultline.recording;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.NoSuchProcessException;
import dev.faultline.lab.Settings;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Schema;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** Laboratories in which something has happened, and their recordings. */
public final class RecordedRuns {
  private static final int PAGE = 4096;
  private static final int MOST_PROCESSES = 200;

  private RecordedRuns() {}

  /** Every kind of fault, from one seed; few frames and few TLB rows, so that both run out. */
  public static Laboratory randomRun(long seed, int commands) {
    Laboratory lab = open(seed);
    randomCommands(seed, commands, lab::execute);
    return lab;
  }

  private static Laboratory open(long seed) {
    return open(seed, 120);
  }

  private static Laboratory open(long seed, int frames) {
    var machine = new MachineConfiguration(frames, PagingMode.SV39, 8, 2, AdBits.HARDWARE);
    var settings =
        new Settings("random", seed, new KernelConfiguration(machine, PrivateFileStrategy.LAZY));
    return new Laboratories(Limits.DEFAULT).open(settings);
  }

  /**
   * So many rounds of a mapping that is replaced and then written, page after page, and then random
   * commands, of which there may be few until the last process has ended.
   */
  static Laboratory longRun(long seed, int rounds, int commands) {
    Laboratory lab = open(seed);
    lab.execute(new Command.Spawn("faults"));
    long address = 0x1000_0000L;
    int flags = MapFlag.PRIVATE.bit() | MapFlag.ANONYMOUS.bit() | MapFlag.FIXED.bit();
    for (int i = 0; i < rounds; i++) {
      lab.execute(new Command.Mmap(1, address, 8 * PAGE, 3, flags, -1, 0));
      lab.execute(new Command.Write(1, address, new byte[8 * PAGE]));
    }
    randomCommands(seed, commands, lab::execute);
    return lab;
  }

  /** A state that grows to so many pages, and then so few changes that most of it stays. */
  static Laboratory largeRun(long seed, int pages, int changes) {
    Laboratory lab = open(seed, pages + pages / 8);
    lab.execute(new Command.Spawn("large"));
    long address = 0x1000_0000L;
    int flags = MapFlag.PRIVATE.bit() | MapFlag.ANONYMOUS.bit() | MapFlag.FIXED.bit();
    lab.execute(new Command.Mmap(1, address, pages * (long) PAGE, 3, flags, -1, 0));
    byte[] some = new byte[50 * PAGE];
    for (int page = 0; page < pages; page += 50) {
      lab.execute(new Command.Write(1, address + page * (long) PAGE, some));
    }
    var random = new Random(seed);
    for (int i = 0; i < changes; i++) {
      long page = address + random.nextInt(pages) * (long) PAGE;
      lab.execute(new Command.Madvise(1, page, PAGE, 4));
      lab.execute(new Command.Write(1, page, new byte[] {1}));
    }
    return lab;
  }

  /** The same commands for the same seed; those that name a process that has ended are refused. */
  public static void randomCommands(long seed, int commands, Consumer<Command> run) {
    var random = new Random(seed);
    run.accept(new Command.PutFile("/données/f", 0644, new byte[20 * PAGE]));
    run.accept(new Command.Spawn("first"));
    run.accept(new Command.Open(1, "/données/f", 2, 0));
    int processes = 1;
    for (int i = 0; i < commands; i++) {
      Command command = randomCommand(random, 1 + random.nextInt(processes));
      if (command instanceof Command.Fork && processes >= MOST_PROCESSES) {
        continue;
      }
      try {
        run.accept(command);
        processes += command instanceof Command.Fork || command instanceof Command.Spawn ? 1 : 0;
      } catch (NoSuchProcessException exception) {
        if (processes < MOST_PROCESSES) {
          run.accept(new Command.Spawn("process" + ++processes));
        }
      }
    }
  }

  private static Command randomCommand(Random random, int pid) {
    long address = 0x3ff8000000L - (1 + random.nextInt(60)) * (long) PAGE;
    int flags =
        (random.nextBoolean() ? MapFlag.SHARED : MapFlag.PRIVATE).bit()
            | (random.nextInt(3) == 0 ? MapFlag.ANONYMOUS.bit() : 0)
            | (random.nextInt(4) == 0 ? MapFlag.FIXED.bit() : 0);
    long length = (1 + random.nextInt(16)) * (long) PAGE;
    return switch (random.nextInt(24)) {
      case 0 -> new Command.Open(pid, "/données/f", 2, 0);
      case 1, 2, 3, 4 -> new Command.Mmap(pid, address, length, 3, flags, 3, 0);
      case 5, 6 -> new Command.Munmap(pid, address, length);
      case 7 -> new Command.Mprotect(pid, address, length, random.nextInt(4));
      case 8 -> new Command.Fork(pid);
      case 9 -> new Command.Exit(pid, 0);
      case 10 -> new Command.Open(pid, "/f" + random.nextInt(20), 0102, 0644);
      case 11, 12, 13 -> new Command.Read(pid, address, 1 + random.nextInt(2 * PAGE));
      case 14 -> new Command.Execute(pid, address);
      default -> new Command.Write(pid, address, new byte[1 + random.nextInt(2 * PAGE)]);
    };
  }

  public static RecordingHeader header() {
    Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("frames", 120);
    return new RecordingHeader(
        "test",
        "a run",
        -7,
        "2026-11-22T00:00:00Z",
        configuration,
        new byte[] {1, 2},
        null,
        Schema.CURRENT);
  }

  /** The recording of a log, as its bytes. */
  public static byte[] record(ChangeLog log) {
    var bytes = new ByteArrayOutputStream();
    try {
      FoldedState state = log.oldestState();
      Cursor cursor = log.cursor(state.sequence());
      RecordingWriter writer = RecordingWriter.begin(bytes::writeBytes, header(), state);
      while (cursor.next()) {
        writer.record(cursor);
      }
      writer.finish();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
    return bytes.toByteArray();
  }
}
