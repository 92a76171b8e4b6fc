package dev.faultline.lab;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;

/**
 * What a laboratory is made with. Same settings and same commands give the same log.
 *
 * @param name for people
 * @param seed of all that is random in the laboratory
 */
public record Settings(String name, long seed, KernelConfiguration kernel) {
  public static final int DEFAULT_FRAMES = 4_096;
  public static final int DEFAULT_TLB_ENTRIES = 32;
  public static final int DEFAULT_TLB_WAYS = 4;

  /** The same with another name, of which nothing in the laboratory depends. */
  public Settings named(String other) {
    return new Settings(other, seed, kernel);
  }

  /** The same with so many harts. */
  public Settings withHarts(int harts) {
    return new Settings(name, seed, kernel.withMachine(kernel.machine().withHarts(harts)));
  }

  /** How many swap slots a laboratory has unless asked for: half as many as frames. */
  public static int swapFor(int frames) {
    return frames / 2;
  }

  /** The defaults, with a choice of strategy. */
  public static Settings of(String name, PrivateFileStrategy privateFile) {
    var machine =
        new MachineConfiguration(
            DEFAULT_FRAMES,
            PagingMode.SV39,
            DEFAULT_TLB_ENTRIES,
            DEFAULT_TLB_WAYS,
            AdBits.HARDWARE);
    return new Settings(
        name,
        0,
        new KernelConfiguration(
            machine, privateFile, Prefetch.NONE, swapFor(DEFAULT_FRAMES), ReclaimPolicy.LRU));
  }
}
