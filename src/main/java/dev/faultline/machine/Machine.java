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
import dev.faultline.machine.mmu.Trap;

/** Memory, MMU and one hart, wired together. */
public final class Machine {
  private final MachineConfiguration configuration;
  private final PhysicalMemory memory;
  private final Tlb tlb;
  private final PageTableMemory pageTableMemory;
  private final Hart hart;
  private final Probe probe;

  public Machine(MachineConfiguration configuration, Environment environment, ChangeLog log) {
    this.configuration = configuration;
    memory = new PhysicalMemory(configuration.frames());
    tlb = new Tlb(configuration.tlbEntries(), configuration.tlbWays(), log);
    pageTableMemory = new PageTableMemory(memory, tlb, log);
    var trap = new Trap();
    var mmu =
        new Mmu(
            memory,
            configuration.paging(),
            configuration.adBits(),
            tlb,
            pageTableMemory,
            trap,
            log);
    hart = new Hart(0, memory, mmu, configuration.paging(), trap, environment, log);
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
