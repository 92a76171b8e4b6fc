package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Trap;
import org.jspecify.annotations.Nullable;

/** Executes compiled regions, one after another as long as the next block begins one too. */
final class CompiledExecutor implements BlockExecutor {
  private static final long PAGE_MASK = -PhysicalMemory.FRAME_SIZE;

  private final Hart hart;
  private final PhysicalMemory memory;
  private final Interpreter interpreter;
  private final Ports ports;
  private final long[] x;
  private final long[] f;

  CompiledExecutor(
      Hart hart, PhysicalMemory memory, Interpreter interpreter, Ports ports, long[] x, long[] f) {
    this.hart = hart;
    this.memory = memory;
    this.interpreter = interpreter;
    this.ports = ports;
    this.x = x;
    this.f = f;
  }

  @Override
  public int run(Block first, long startPc, int budget) {
    ports.begin();
    Block block = first;
    long pc = startPc;
    int left = budget;
    try {
      for (; ; ) {
        CompiledRegion.Code code = block.compiled();
        if (code == null || left < block.code.length) {
          break;
        }
        ports.enter(block.region(), pc & PAGE_MASK, budget);
        code.run(ports, x, f, pc & PAGE_MASK, left);
        left = ports.left();
        pc = ports.pc();
        Block following = interpreter.decoded(pc);
        if (following == null) {
          break;
        }
        block = following;
      }
    } catch (Trap trap) {
      int at = ports.at();
      if (trap.cause() == Cause.ILLEGAL_INSTRUCTION) {
        trap.with(Cause.ILLEGAL_INSTRUCTION, ports.region().bits(at, memory));
      }
      hart.setPc((pc & PAGE_MASK) + ports.region().offset(at));
      hart.setTrapped(trap);
      return ports.executing();
    } catch (Ports.Leave leave) {
      int at = ports.at();
      if (ports.isLoadPending()) {
        ports.region().finishLoad(at, ports.loaded(), x, f);
      }
      hart.setPc((pc & PAGE_MASK) + ports.region().offsetAfter(at));
      return ports.executing() + 1;
    }
    hart.setPc(pc);
    return budget - left;
  }

  static boolean runs(@Nullable Block block, int budget) {
    return block != null && block.compiled() != null && budget >= block.code.length;
  }
}
