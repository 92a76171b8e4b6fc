package dev.faultline.lab;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.log.Cursor;
import dev.faultline.log.RecordEncoder;
import dev.faultline.log.Schema;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Which engine this is, for recordings to name: the project's version, and what a fixed run leads
 * to. Whoever changes what commands do need not remember to raise a number; where the run does not
 * come by a change, repeating a recording's commands still proves every state that it names.
 */
public final class Engine {
  private static final int PAGE = 4096;
  private static final long FILE = 0x1000_0000L;
  private static final long ANONYMOUS = 0x2000_0000L;
  private static final int DIGITS = 8;

  private Engine() {}

  /** The version, a plus sign, and eight digits that stand for the engine's behaviour. */
  public static String identifier(String version) {
    return version + "+" + HexFormat.of().formatHex(behaviour()).substring(0, DIGITS);
  }

  private static byte[] behaviour() {
    Laboratory lab = new Laboratories(Limits.DEFAULT).open(settings());
    run(lab);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(Schema.CURRENT.describe().toString().getBytes(StandardCharsets.UTF_8));
      var bytes = new RecordEncoder();
      Cursor cursor = lab.log().cursor(0);
      while (cursor.next()) {
        bytes.putRecord(cursor);
      }
      return digest.digest(bytes.toByteArray());
    } catch (NoSuchAlgorithmException exception) {
      throw new IllegalStateException("every Java has SHA-256", exception);
    }
  }

  /** So few frames that some are swapped out, so few TLB rows that some are replaced. */
  private static Settings settings() {
    var machine = new MachineConfiguration(32, PagingMode.SV39, 4, 2, AdBits.HARDWARE);
    return new Settings(
        "engine",
        1,
        new KernelConfiguration(
            machine, PrivateFileStrategy.LAZY, Prefetch.NONE, 32, ReclaimPolicy.LRU));
  }

  private static void run(Laboratory lab) {
    int fixed = MapFlag.PRIVATE.bit() | MapFlag.FIXED.bit();
    byte[] page = new byte[PAGE];
    Arrays.fill(page, (byte) 7);
    // addi a0, a0, 1; j back to it
    byte[] program = {0x13, 0x05, 0x15, 0, 0x6f, (byte) 0xf0, (byte) 0xdf, (byte) 0xff};
    List<Command> commands =
        List.of(
            new Command.PutFile("/lib/a", 0755, new byte[3 * PAGE]),
            new Command.Spawn("engine"),
            new Command.Open(1, "/lib/a", 2, 0),
            new Command.Mmap(1, FILE, 3 * PAGE, 3, fixed, 3, 0),
            new Command.Read(1, FILE, 8),
            new Command.Write(1, FILE + PAGE, page),
            new Command.Mmap(1, ANONYMOUS, 24 * PAGE, 7, fixed | MapFlag.ANONYMOUS.bit(), -1, 0),
            new Command.Write(1, ANONYMOUS, program),
            new Command.Fork(1),
            new Command.Step(2, 3, ANONYMOUS),
            new Command.Write(2, FILE, page),
            new Command.Write(2, ANONYMOUS, new byte[20 * PAGE]),
            new Command.Read(1, ANONYMOUS, 12 * PAGE),
            new Command.Mprotect(1, ANONYMOUS + PAGE, PAGE, 1),
            new Command.Write(1, ANONYMOUS + PAGE, page),
            new Command.Mremap(1, ANONYMOUS, 2 * PAGE, 4 * PAGE, 1, 0),
            new Command.Madvise(1, FILE, PAGE, 4),
            new Command.Pwrite(1, new Command.ByDescriptor(3), page, PAGE),
            new Command.Munmap(1, FILE, 2 * PAGE),
            new Command.Exit(2, 0));
    for (Command command : commands) {
      try {
        lab.execute(command);
      } catch (NoSuchProcessException killed) {
        // A process that a signal has ended: how far it came is behaviour too.
      }
    }
  }
}
