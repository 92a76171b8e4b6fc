package dev.faultline.kernel;

import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.machine.MachineConfiguration;

/**
 * What a kernel is started with: its machine and the choices that Linux makes at build time.
 *
 * @param swapSlots how many pages the swap area holds; 0 switches swapping off
 * @param reclaim which page leaves memory when frames run out
 * @param thp when anonymous memory gets superpages
 */
public record KernelConfiguration(
    MachineConfiguration machine,
    PrivateFileStrategy privateFile,
    Prefetch prefetch,
    int swapSlots,
    ReclaimPolicy reclaim,
    Overcommit overcommit,
    Thp thp) {
  /** The same on another machine. */
  public KernelConfiguration withMachine(MachineConfiguration other) {
    return new KernelConfiguration(
        other, privateFile, prefetch, swapSlots, reclaim, overcommit, thp);
  }

  /** Without swap. */
  public KernelConfiguration(
      MachineConfiguration machine, PrivateFileStrategy privateFile, Prefetch prefetch) {
    this(machine, privateFile, prefetch, 0, ReclaimPolicy.LRU);
  }

  /** Promises as Linux makes them when nobody says otherwise. */
  public KernelConfiguration(
      MachineConfiguration machine,
      PrivateFileStrategy privateFile,
      Prefetch prefetch,
      int swapSlots,
      ReclaimPolicy reclaim) {
    this(machine, privateFile, prefetch, swapSlots, reclaim, Overcommit.GUESS);
  }

  /** Superpages where they are asked for. */
  public KernelConfiguration(
      MachineConfiguration machine,
      PrivateFileStrategy privateFile,
      Prefetch prefetch,
      int swapSlots,
      ReclaimPolicy reclaim,
      Overcommit overcommit) {
    this(machine, privateFile, prefetch, swapSlots, reclaim, overcommit, Thp.MADVISE);
  }

  /** Nothing comes in that was not asked for, and nothing is swapped out. */
  public KernelConfiguration(MachineConfiguration machine, PrivateFileStrategy privateFile) {
    this(machine, privateFile, Prefetch.NONE);
  }
}
