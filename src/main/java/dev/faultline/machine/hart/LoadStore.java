package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.machine.memory.Device;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.Trap;
import org.jspecify.annotations.Nullable;

/**
 * Loads and stores the long way: translated and checked in full. It puts pages on the fast path
 * when it may. A misaligned access is done by hardware, as bytes when it crosses a page, once both
 * pages are found to allow it.
 */
final class LoadStore {
  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final Trap trap;
  private final @Nullable Device device;

  /** Physical address of the reserved doubleword, or -1. */
  private long reserved = -1;

  LoadStore(PhysicalMemory memory, Mmu mmu, Trap trap, @Nullable Device device) {
    this.memory = memory;
    this.mmu = mmu;
    this.trap = trap;
    this.device = device;
  }

  /** The hart's trap, for {@code throw}. */
  Trap trap(int cause, long value) {
    return trap.with(cause, value);
  }

  /** A load of 1, 2, 4 or 8 bytes, zero-extended. */
  long load(long va, int size) {
    int inFirst = bytesInPage(va);
    if (inFirst < size) {
      long low = mmu.translate(va, Access.LOAD, inFirst);
      require(va, low, inFirst, Access.LOAD);
      long next = va + inFirst;
      long high = mmu.translate(next, Access.LOAD, size - inFirst);
      require(next, high, size - inFirst, Access.LOAD);
      return loadBytes(low, inFirst) | loadBytes(high, size - inFirst) << 8 * inFirst;
    }
    long physical = mmu.translate(va, Access.LOAD, size);
    if (memory.holds(physical, size)) {
      mmu.remember(va, Access.LOAD);
      return memory.load(physical, size);
    }
    if (device != null && device.answers(physical, size)) {
      return device.load(physical, size);
    }
    throw trap.with(Cause.LOAD_ACCESS_FAULT, va);
  }

  /** A store of the low 1, 2, 4 or 8 bytes of {@code value}. */
  void store(long va, int size, long value) {
    int inFirst = bytesInPage(va);
    if (inFirst < size) {
      long low = mmu.translate(va, Access.STORE, inFirst);
      require(va, low, inFirst, Access.STORE);
      long next = va + inFirst;
      long high = mmu.translate(next, Access.STORE, size - inFirst);
      require(next, high, size - inFirst, Access.STORE);
      storeBytes(low, inFirst, value);
      storeBytes(high, size - inFirst, value >>> 8 * inFirst);
      return;
    }
    long physical = mmu.translate(va, Access.STORE, size);
    if (memory.holds(physical, size)) {
      memory.store(physical, size, value);
      mmu.remember(va, Access.STORE);
    } else if (device != null && device.answers(physical, size)) {
      device.store(physical, size, value);
    } else {
      throw trap.with(Cause.STORE_ACCESS_FAULT, va);
    }
  }

  private static int bytesInPage(long va) {
    return PhysicalMemory.FRAME_SIZE - ((int) va & PhysicalMemory.FRAME_SIZE - 1);
  }

  private void require(long va, long physical, int size, Access access) {
    if (!memory.holds(physical, size)) {
      throw trap.with(access.accessFault(), va);
    }
  }

  private long loadBytes(long physical, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | memory.load(physical + i, 1);
    }
    return value;
  }

  private void storeBytes(long physical, int count, long value) {
    for (int i = 0; i < count; i++) {
      memory.store(physical + i, 1, value >>> 8 * i);
    }
  }

  // LR, SC and AMO: always naturally aligned, and to memory alone.

  private long translateAtomic(long va, int size, Access access) {
    if ((va & size - 1) != 0) {
      int cause = access == Access.LOAD ? Cause.LOAD_MISALIGNED : Cause.STORE_MISALIGNED;
      throw trap.with(cause, va);
    }
    long physical = mmu.translate(va, access, size);
    require(va, physical, size, access);
    return physical;
  }

  /** Loads, zero-extended, and reserves the doubleword around the address. */
  long loadReserved(long va, int size) {
    long physical = translateAtomic(va, size, Access.LOAD);
    reserved = physical & -8;
    return memory.load(physical, size);
  }

  /**
   * Stores if the reservation still holds, and ends it either way; 0 for success, 1 for failure.
   */
  long storeConditional(long va, int size, long value) {
    long physical = translateAtomic(va, size, Access.STORE);
    boolean holds = reserved == (physical & -8);
    reserved = -1;
    if (holds) {
      memory.store(physical, size, value);
    }
    return holds ? 0 : 1;
  }

  void endReservation() {
    reserved = -1;
  }

  /** The place of an AMO, which must allow a store. */
  long amoAddress(long va, int size) {
    return translateAtomic(va, size, Access.STORE);
  }

  long loadPhysical(long physical, int size) {
    return memory.load(physical, size);
  }

  void storePhysical(long physical, int size, long value) {
    memory.store(physical, size, value);
  }
}
