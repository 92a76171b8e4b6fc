package dev.faultline.lab;

import dev.faultline.kernel.Disassembly;
import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Registers;
import dev.faultline.machine.isa.Disassembler;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a process stands: what it executes next, and registers by their ABI names.
 *
 * @param instruction null where no entry maps it yet
 * @param registers integer registers, floating-point registers and {@code fcsr}
 */
public record Standing(long pc, @Nullable String instruction, Map<String, Long> registers) {
  /** All of it. */
  public static Standing of(Kernel kernel, Process process) {
    Registers live = kernel.registers(process);
    Map<String, Long> all = new LinkedHashMap<>();
    for (int i = 1; i < Registers.COUNT; i++) {
      all.put(Disassembler.registerName(i), live.integer(i));
    }
    for (int i = 0; i < Registers.COUNT; i++) {
      all.put(Disassembler.floatRegisterName(i), live.floating(i));
    }
    all.put("fcsr", (long) live.fcsr());
    return new Standing(live.pc(), Disassembly.at(kernel, process, live.pc()), all);
  }

  /** This, with only those registers that have another value than before. */
  Standing since(Standing before) {
    Map<String, Long> changed = new LinkedHashMap<>(registers);
    changed.entrySet().removeAll(before.registers.entrySet());
    return new Standing(pc, instruction, changed);
  }
}
