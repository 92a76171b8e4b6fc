package dev.faultline.kernel;

import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.machine.MachineConfiguration;

/** What a kernel is started with: its machine and the choices that Linux makes at build time. */
public record KernelConfiguration(
    MachineConfiguration machine,
    PrivateFileStrategy privateFile,
    Prefetch prefetch,
    Overcommit overcommit) {
  /** Promises as Linux makes them when nobody says otherwise. */
  public KernelConfiguration(
      MachineConfiguration machine, PrivateFileStrategy privateFile, Prefetch prefetch) {
    this(machine, privateFile, prefetch, Overcommit.GUESS);
  }

  /** Nothing comes in that was not asked for. */
  public KernelConfiguration(MachineConfiguration machine, PrivateFileStrategy privateFile) {
    this(machine, privateFile, Prefetch.NONE);
  }
}
