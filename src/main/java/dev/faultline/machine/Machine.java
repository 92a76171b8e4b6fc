package dev.faultline.machine;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.machine.hart.Environment;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.hart.Probe;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.PageTableMemory;
import dev.faultline.machine.mmu.Tlb;
import org.jspecify.annotations.Nullable;

/** Memory and the harts on it, wired together. */
public final class Machine {
  private final MachineConfiguration configuration;
  private final PhysicalMemory memory;
  private final PageTableMemory pageTableMemory;
  private final Harts harts;

  /**
   * @param environment the kernel outside the machine; null for a bare-metal machine
   */
  public Machine(
      MachineConfiguration configuration, @Nullable Environment environment, ChangeLog log) {
    this.configuration = configuration;
    memory = new PhysicalMemory(configuration.base(), configuration.frames());
    pageTableMemory = new PageTableMemory(memory, environment != null, log);
    harts = new Harts(configuration, memory, pageTableMemory, environment, log);
  }

  public MachineConfiguration configuration() {
    return configuration;
  }

  public PhysicalMemory memory() {
    return memory;
  }

  public PageTableMemory pageTableMemory() {
    return pageTableMemory;
  }

  public Harts harts() {
    return harts;
  }

  // Of the hart that executes.

  public Tlb tlb() {
    return harts.tlb();
  }

  public Mmu mmu() {
    return harts.mmu();
  }

  public Hart hart() {
    return harts.current();
  }

  public Probe probe() {
    return harts.probe();
  }

  /** Gives every row of the machine's tables to {@code reader}. */
  public void forEachRow(RowReader reader) {
    harts.forEachRow(reader);
  }
}
