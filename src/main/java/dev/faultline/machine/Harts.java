package dev.faultline.machine;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.machine.hart.CodeCache;
import dev.faultline.machine.hart.Environment;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.hart.Probe;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.PageTableMemory;
import dev.faultline.machine.mmu.Pmp;
import dev.faultline.machine.mmu.Tlb;
import dev.faultline.machine.mmu.TlbSources;
import dev.faultline.machine.mmu.Trap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The harts of a machine, each with registers, a TLB and an MMU of its own, on one memory. One of
 * them executes at a time, and the others stand between two instructions: so the order of all loads
 * and stores is the order in which harts were given their turns, and every hart sees it.
 *
 * <p>Whoever stands has its fast tables empty (the end of {@link Hart#run} clears them), and its
 * reservation is over: stores of the one that executes can neither go past what another relies on
 * nor come between its LR and its SC.
 */
public final class Harts {
  private record Unit(Hart hart, Tlb tlb, Mmu mmu, Probe probe) {}

  private final List<Unit> units = new ArrayList<>();
  private Unit current;

  Harts(
      MachineConfiguration configuration,
      PhysicalMemory memory,
      PageTableMemory tables,
      @Nullable Environment environment,
      ChangeLog log) {
    var codes = new CodeCache(memory);
    var sources = new TlbSources();
    for (int number = 0; number < configuration.harts(); number++) {
      var tlb =
          new Tlb(
              number,
              configuration.tlbEntries(),
              configuration.tlbWays(),
              configuration.replacement(),
              configuration.seed() + number,
              memory,
              sources,
              log);
      var trap = new Trap();
      var mmu = new Mmu(memory, new Pmp(), configuration.adBits(), tlb, tables, trap, log);
      var hart =
          new Hart(number, memory, mmu, tlb, codes, configuration.paging(), trap, environment, log);
      units.add(new Unit(hart, tlb, mmu, new Probe(hart, mmu, log)));
    }
    current = units.getFirst();
  }

  public int count() {
    return units.size();
  }

  /** The one that executes, or was the last to. */
  public Hart current() {
    return current.hart;
  }

  /** Gives the turn to a hart. */
  public void turnTo(int number) {
    if (number != current.hart.number()) {
      current.hart.endReservation();
      current = units.get(number);
    }
  }

  public Hart hart(int number) {
    return units.get(number).hart;
  }

  public Tlb tlb(int number) {
    return units.get(number).tlb;
  }

  /** The TLB of the hart that executes. */
  public Tlb tlb() {
    return current.tlb;
  }

  Mmu mmu() {
    return current.mmu;
  }

  Probe probe() {
    return current.probe;
  }

  /** How many instructions all of them have retired: the time of the laboratory. */
  public long instret() {
    long sum = 0;
    for (Unit unit : units) {
      sum += unit.hart.instret();
    }
    return sum;
  }

  /** Every hart stops before the instruction at an address; null for none. */
  public void setBreakpoint(@Nullable Long address) {
    for (Unit unit : units) {
      unit.hart.setBreakpoint(address);
    }
  }

  /** Takes every hart out of the address space of a process that is to be no more. */
  public void leave(int pid) {
    for (Unit unit : units) {
      unit.hart.leave(pid);
    }
  }

  /** Tells the log what it does not know yet of any of them. */
  public void settle() {
    for (Unit unit : units) {
      unit.hart.settle();
    }
  }

  void forEachRow(RowReader reader) {
    for (Unit unit : units) {
      unit.tlb.forEachRow(reader);
      unit.hart.forEachRow(reader);
    }
  }
}
