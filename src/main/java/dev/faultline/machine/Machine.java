package dev.faultline.machine;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.machine.hart.Environment;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.hart.Probe;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.PageTableMemory;
import dev.faultline.machine.mmu.Pmp;
import dev.faultline.machine.mmu.Tlb;
import dev.faultline.machine.mmu.Trap;
import org.jspecify.annotations.Nullable;

/** Memory, MMU and one hart, wired together. */
public final class Machine {
  private final MachineConfiguration configuration;
  private final PhysicalMemory memory;
  private final Tlb tlb;
  private final PageTableMemory pageTableMemory;
  private final Mmu mmu;
  private final Hart hart;
  private final Probe probe;

  /**
   * @param environment the kernel outside the machine; null for a bare-metal machine
   */
  public Machine(
      MachineConfiguration configuration, @Nullable Environment environment, ChangeLog log) {
    this.configuration = configuration;
    memory = new PhysicalMemory(configuration.base(), configuration.frames());
    tlb =
        new Tlb(
            configuration.tlbEntries(),
            configuration.tlbWays(),
            configuration.replacement(),
            configuration.seed(),
            memory,
            log);
    pageTableMemory = new PageTableMemory(memory, environment != null, log);
    var trap = new Trap();
    mmu = new Mmu(memory, new Pmp(), configuration.adBits(), tlb, pageTableMemory, trap, log);
    hart = new Hart(0, memory, mmu, tlb, configuration.paging(), trap, environment, log);
    probe = new Probe(hart, mmu, log);
  }

  public MachineConfiguration configuration() {
    return configuration;
  }

  public PhysicalMemory memory() {
    return memory;
  }

  public Tlb tlb() {
    return tlb;
  }

  public PageTableMemory pageTableMemory() {
    return pageTableMemory;
  }

  public Mmu mmu() {
    return mmu;
  }

  public Hart hart() {
    return hart;
  }

  public Probe probe() {
    return probe;
  }

  /** Gives every row of the machine's tables to {@code reader}. */
  public void forEachRow(RowReader reader) {
    tlb.forEachRow(reader);
    hart.forEachRow(reader);
  }
}
