package dev.faultline.bench;

import dev.faultline.log.ChangeLog;
import dev.faultline.machine.Machine;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/**
 * Guest instructions a second in Sv39 with pages of 4 KiB, beside {@code qemu-system-riscv64}
 * running the same files: {@code scripts/bench-hart}. Each program runs twice in one JVM; the first
 * run includes what HotSpot compiles meanwhile.
 */
@NullMarked
final class GuestSpeed {
  private static final long BASE = 0x8000_0000L;
  private static final int FRAMES = 16_384;
  private static final int TLB_ROWS = 1024;
  private static final int TLB_WAYS = 4;

  /** The name ".host", with the zero after it. */
  private static final long DOT_HOST = 0x0074_736f_682eL;

  private static final long NO_END = Long.MAX_VALUE / 2;

  private GuestSpeed() {}

  public static void main(String[] files) throws IOException, InterruptedException {
    System.out.printf("%-12s %10s %8s %8s %8s%n", "program", "million", "first", "second", "qemu");
    double[] logs = new double[3];
    for (String file : files) {
      long[] instructions = new long[1];
      double[] speeds = {
        speed(file, instructions), speed(file, instructions), qemuSpeed(file, instructions[0])
      };
      String name = Path.of(file).getFileName().toString().replace(".elf", "");
      System.out.printf(
          "%-12s %10d %8.0f %8.0f %8.0f%n",
          name, instructions[0] / 1_000_000, speeds[0], speeds[1], speeds[2]);
      for (int i = 0; i < logs.length; i++) {
        logs[i] += Math.log(speeds[i]) / files.length;
      }
    }
    System.out.printf(
        "%-12s %10s %8.0f %8.0f %8.0f%n",
        "geometric", "", Math.exp(logs[0]), Math.exp(logs[1]), Math.exp(logs[2]));
  }

  private static double speed(String file, long[] instructions) throws IOException {
    var configuration =
        new MachineConfiguration(
            BASE,
            FRAMES,
            PagingMode.SV39,
            TLB_ROWS,
            TLB_WAYS,
            Replacement.ROUND_ROBIN,
            0,
            AdBits.FAULT);
    var machine = new Machine(configuration, null, new ChangeLog(1 << 20));
    ByteBuffer elf =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).order(ByteOrder.LITTLE_ENDIAN);
    long tohost = load(elf, machine);
    machine.hart().await(tohost);
    long begin = System.nanoTime();
    Hart.Stop stop = machine.hart().run(NO_END);
    double micros = (System.nanoTime() - begin) / 1e3;
    if (stop != Hart.Stop.AWAITED || machine.memory().load(tohost, 8) != 1) {
      throw new IllegalStateException(file + ": " + stop);
    }
    instructions[0] = machine.hart().instret();
    return instructions[0] / micros;
  }

  /** Loads a file of ours; the address of {@code tohost}, which stands first in its page. */
  private static long load(ByteBuffer elf, Machine machine) {
    int headers = elf.getShort(56);
    long host = 0;
    for (int at = 64; at < 64 + 56 * headers; at += 56) {
      if (elf.getInt(at) == 1) {
        long address = elf.getLong(at + 24);
        int offset = (int) elf.getLong(at + 8);
        for (int i = 0; i < elf.getLong(at + 32); i++) {
          machine.memory().store(address + i, 1, elf.get(offset + i));
        }
      }
    }
    int sections = (int) elf.getLong(40);
    int count = elf.getShort(60);
    int names = (int) elf.getLong(sections + elf.getShort(62) * 64 + 24);
    for (int at = sections; at < sections + 64 * count; at += 64) {
      int name = names + elf.getInt(at);
      if ((elf.getLong(name) & 0xffff_ffff_ffffL) == DOT_HOST) {
        host = elf.getLong(at + 16);
      }
    }
    machine.hart().setPc(elf.getLong(24));
    return host;
  }

  /** Million instructions a second by wall time, less what an empty program takes. */
  private static double qemuSpeed(String file, long instructions)
      throws IOException, InterruptedException {
    long empty = qemuMicros("src/test/resources/baremetal/traps.elf");
    return (double) instructions / Math.max(1, qemuMicros(file) - empty);
  }

  private static long qemuMicros(String file) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    var process =
        new ProcessBuilder(
                "qemu-system-riscv64", "-M", "spike", "-m", "64M", "-nographic", "-bios", file)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return (System.nanoTime() - begin) / 1_000;
  }
}
