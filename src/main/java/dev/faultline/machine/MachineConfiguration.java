package dev.faultline.machine;

import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;

/**
 * What a machine is built with.
 *
 * @param frames frames of 4 KiB
 * @param tlbEntries rows of the TLB, a power of two
 * @param tlbWays rows in each set of the TLB, a power of two
 */
public record MachineConfiguration(
    int frames, PagingMode paging, int tlbEntries, int tlbWays, AdBits adBits) {}
