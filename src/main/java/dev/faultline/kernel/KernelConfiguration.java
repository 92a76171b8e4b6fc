package dev.faultline.kernel;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.machine.MachineConfiguration;

/**
 * What a kernel is started with: its machine and the choices that Linux makes at build time.
 *
 * @param swapSlots how many pages the swap area holds; 0 switches swapping off
 * @param reclaim which page leaves memory when frames run out
 */
public record KernelConfiguration(
    MachineConfiguration machine,
    PrivateFileStrategy privateFile,
    int swapSlots,
    ReclaimPolicy reclaim) {
  /** Without swap. */
  public KernelConfiguration(MachineConfiguration machine, PrivateFileStrategy privateFile) {
    this(machine, privateFile, 0, ReclaimPolicy.LRU);
  }
}
