package dev.faultline.kernel;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.machine.MachineConfiguration;

/** What a kernel is started with: its machine and the choices that Linux makes at build time. */
public record KernelConfiguration(MachineConfiguration machine, PrivateFileStrategy privateFile) {}
