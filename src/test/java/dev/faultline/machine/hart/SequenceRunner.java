package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.log.ChangeLog;
import dev.faultline.machine.Machine;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs sequences on the hart of a machine whose memory lies where the oracle's does. */
final class SequenceRunner {
  static final int RESULT = Sequence.REGISTERS + Sequence.DATA;

  private static final int ECALL = 0x0000_0073;
  private static final int BUDGET = 1000;

  private final Machine machine =
      new Machine(
          new MachineConfiguration(
              Sequence.CODE_ADDRESS,
              4,
              PagingMode.SV39,
              16,
              4,
              Replacement.ROUND_ROBIN,
              0,
              AdBits.HARDWARE),
          hart -> false,
          new ChangeLog(1 << 16));

  SequenceRunner(int compileAfter) {
    machine.hart().compileAfter(compileAfter);
  }

  long retired() {
    return machine.hart().instret();
  }

  /** Registers, fcsr and data as they are in the end. */
  byte[] run(Sequence sequence) {
    Hart hart = machine.hart();
    PhysicalMemory memory = machine.memory();
    for (int i = 0; i < 32; i++) {
      hart.setRegister(i, sequence.word(8 * i));
      hart.setFloatRegister(i, sequence.word(256 + 8 * i));
    }
    hart.setFcsr((int) sequence.word(512));
    memory.put(Sequence.DATA_ADDRESS, sequence.data(), 0, Sequence.DATA);
    memory.put(Sequence.CODE_ADDRESS, sequence.code(), 0, Sequence.CODE);
    memory.store(Sequence.END_ADDRESS, 4, ECALL);
    hart.setPc(Sequence.CODE_ADDRESS);
    Hart.Stop stop = hart.run(BUDGET);
    if (stop != Hart.Stop.KERNEL
        || hart.scause() != Cause.ECALL_FROM_U
        || hart.sepc() != Sequence.END_ADDRESS) {
      throw new AssertionError(
          "%s, scause %d, stval 0x%x, sepc 0x%x"
              .formatted(stop, hart.scause(), hart.stval(), hart.sepc()));
    }
    ByteBuffer result = ByteBuffer.allocate(RESULT).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 32; i++) {
      result.putLong(hart.register(i));
    }
    for (int i = 0; i < 32; i++) {
      result.putLong(hart.floatRegister(i));
    }
    result.putLong(hart.fcsr());
    byte[] data = new byte[Sequence.DATA];
    memory.get(Sequence.DATA_ADDRESS, data, 0, data.length);
    return result.put(data).array();
  }
}
