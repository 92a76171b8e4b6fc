package dev.faultline.machine;

import dev.faultline.log.ChangeLog;
import dev.faultline.machine.ElfImage.MalformedException;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs on a machine without any kernel but their own, as the public conformance suites
 * expect it: memory at 0x80000000, M-mode at the entry, and the host behind two words of memory,
 * {@code tohost} and {@code fromhost} (HTIF). Each file gets a machine of its own and one line of
 * verdict.
 */
public final class BareMetal {
  private static final String USAGE =
      "usage: BareMetal [--paging-steps] [--ad-bits=hardware|fault] [--limit=INSTRUCTIONS] FILE.elf"
          + " ...";
  private static final long BASE = 0x8000_0000L;
  private static final long SIZE = 64 << 20;
  private static final int TLB_ENTRIES = 1024;
  private static final int TLB_WAYS = 4;
  private static final long DEFAULT_LIMIT = 200_000_000;

  /** Instructions between two looks at the log, whose length is bounded. */
  private static final long SLICE_TOLD = 1_000;

  private static final int LOG_WORDS = 1 << 20;
  private static final int CONSOLE = 1;
  private static final long PASSED = 1;

  private final Terminal out;
  private final boolean tellsWalks;
  private final AdBits adBits;
  private final long limit;

  private BareMetal(Terminal out, boolean tellsWalks, AdBits adBits, long limit) {
    this.out = out;
    this.tellsWalks = tellsWalks;
    this.adBits = adBits;
    this.limit = limit;
  }

  /** Runs each file named; the exit code is 0 when all passed, 1 when not, 2 for a wrong call. */
  public static void main(String[] args) {
    System.exit(run(System.out, args));
  }

  static int run(PrintStream out, String... args) {
    boolean tellsWalks = false;
    var adBits = AdBits.FAULT;
    long limit = DEFAULT_LIMIT;
    var files = new ArrayList<String>();
    for (String argument : args) {
      if (argument.equals("--paging-steps")) {
        tellsWalks = true;
      } else if (argument.equals("--ad-bits=hardware")) {
        adBits = AdBits.HARDWARE;
      } else if (argument.equals("--ad-bits=fault")) {
        adBits = AdBits.FAULT;
      } else if (argument.matches("--limit=\\d{1,18}")) {
        limit = Long.parseLong(argument.substring("--limit=".length()));
      } else if (argument.startsWith("--")) {
        out.println("unknown option " + argument + "; " + USAGE);
        return 2;
      } else {
        files.add(argument);
      }
    }
    if (files.isEmpty()) {
      out.println(USAGE);
      return 2;
    }
    var runner = new BareMetal(new Terminal(out), tellsWalks, adBits, limit);
    boolean allPassed = true;
    for (String file : files) {
      allPassed &= runner.run(file);
    }
    out.flush();
    return allPassed ? 0 : 1;
  }

  /** True when the program passed. */
  private boolean run(String file) {
    ElfImage image;
    long tohost;
    try {
      image = ElfImage.read(Path.of(file), BASE, SIZE);
      tohost = wordAt(image, "tohost");
    } catch (MalformedException | InvalidPathException problem) {
      return error(file, problem.getMessage());
    } catch (OutOfMemoryError problem) {
      return error(file, "too large for the memory that Java has");
    }
    var log = new ChangeLog(LOG_WORDS);
    var machine = machine(log);
    load(image, machine.memory());
    machine.hart().setPc(image.entry());
    machine.hart().await(tohost);
    return run(file, machine, tohost, image.symbol("fromhost"), log);
  }

  private boolean error(String file, @Nullable String problem) {
    out.line("ERROR " + file + " " + problem);
    return false;
  }

  private static long wordAt(ElfImage image, String name) throws MalformedException {
    Long address = image.symbol(name);
    if (address == null) {
      throw new MalformedException("no symbol " + name);
    }
    boolean isWord = (address & 7) == 0 && address - BASE >= 0 && address - BASE <= SIZE - 8;
    if (!isWord) {
      throw new MalformedException(
          "the symbol %s, 0x%x, is no doubleword of memory".formatted(name, address));
    }
    return address;
  }

  private Machine machine(ChangeLog log) {
    int frames = (int) (SIZE >> PhysicalMemory.FRAME_SHIFT);
    var configuration =
        new MachineConfiguration(
            BASE,
            frames,
            PagingMode.SV39,
            TLB_ENTRIES,
            TLB_WAYS,
            Replacement.ROUND_ROBIN,
            0,
            adBits);
    var machine = new Machine(configuration, null, log);
    machine.mmu().setTellsWalks(tellsWalks);
    return machine;
  }

  private static void load(ElfImage image, PhysicalMemory memory) {
    for (ElfImage.Segment segment : image.segments()) {
      byte[] bytes = segment.bytes();
      for (int done = 0; done < bytes.length; ) {
        long at = segment.address() + done;
        int inFrame = PhysicalMemory.FRAME_SIZE - (int) (at & PhysicalMemory.FRAME_SIZE - 1);
        int length = Math.min(inFrame, bytes.length - done);
        memory.put(at, bytes, done, length);
        done += length;
      }
    }
  }

  private boolean run(
      String file, Machine machine, long tohost, @Nullable Long fromhost, ChangeLog log) {
    Hart hart = machine.hart();
    PhysicalMemory memory = machine.memory();
    var steps = new PagingSteps(log, out);
    while (hart.instret() < limit) {
      long left = limit - hart.instret();
      Hart.Stop stop = hart.run(tellsWalks ? Math.min(left, SLICE_TOLD) : left);
      if (tellsWalks) {
        steps.print();
      }
      if (stop == Hart.Stop.TRAPS) {
        break;
      }
      long value = memory.load(tohost, 8);
      if (value == 0) {
        continue;
      }
      if (value >>> 56 != CONSOLE) {
        return verdict(file, value);
      }
      out.console((int) value);
      memory.store(tohost, 8, 0);
      if (fromhost != null && memory.holds(fromhost, 8)) {
        memory.store(fromhost, 8, value);
      }
    }
    out.line("TIMEOUT " + file);
    return false;
  }

  private boolean verdict(String file, long value) {
    if (value == PASSED) {
      out.line("PASS " + file);
      return true;
    }
    // The number of the test that failed stands above the lowest bit, which says "exit".
    out.line("FAIL " + file + " " + (value >>> 1));
    return false;
  }
}
