package dev.faultline.kernel;

import dev.faultline.kernel.process.Process;
import dev.faultline.machine.isa.Decoder;
import dev.faultline.machine.isa.Disassembler;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.WalkObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process's instructions as text, read through its tables without any side effect. */
public final class Disassembly {
  /**
   * One instruction.
   *
   * @param bytes as they lie in memory, 2 or 4 of them; none where no entry maps the page
   * @param assembly null where no entry maps the page
   */
  public record Line(long address, byte[] bytes, @Nullable String assembly) {}

  private final Kernel kernel;
  private final Process process;

  private Disassembly(Kernel kernel, Process process) {
    this.kernel = kernel;
    this.process = process;
  }

  /** At most {@code count} instructions; a page that no entry maps is the last line. */
  public static List<Line> of(Kernel kernel, Process process, long address, int count) {
    var reader = new Disassembly(kernel, process);
    List<Line> lines = new ArrayList<>();
    long at = address;
    while (lines.size() < count) {
      Line line = reader.line(at);
      lines.add(line);
      if (line.assembly() == null) {
        break;
      }
      at += line.bytes().length;
    }
    return lines;
  }

  /** The instruction at an address; null when no entry maps it. */
  public static @Nullable String at(Kernel kernel, Process process, long address) {
    return new Disassembly(kernel, process).line(address).assembly();
  }

  private Line line(long address) {
    int low = halfword(address);
    if (low < 0) {
      return new Line(address, new byte[0], null);
    }
    if (!Decoder.isLong(low)) {
      return new Line(
          address, new byte[] {(byte) low, (byte) (low >> 8)}, Disassembler.text(low, address));
    }
    int high = halfword(address + 2);
    if (high < 0) {
      return new Line(address, new byte[0], null);
    }
    int all = high << 16 | low;
    byte[] bytes = {(byte) low, (byte) (low >> 8), (byte) high, (byte) (high >> 8)};
    return new Line(address, bytes, Disassembler.text(all, address));
  }

  /** Instructions begin at even addresses, so that a halfword never crosses a page; -1 for none. */
  private int halfword(long address) {
    long physical = kernel.walk(process, address, Access.FETCH, WalkObserver.NOBODY);
    if (physical < 0) {
      physical = kernel.walk(process, address, Access.LOAD, WalkObserver.NOBODY);
    }
    return physical < 0 ? -1 : (int) kernel.machine().memory().load(physical, 2);
  }
}
