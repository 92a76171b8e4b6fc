package dev.faultline.machine.memory;

/** Registers at physical addresses that are not memory. */
public interface Device {
  /** True when an aligned access of {@code size} bytes is one that the device answers. */
  boolean answers(long address, int size);

  /** Loads a register, zero-extended. */
  long load(long address, int size);

  void store(long address, int size, long value);
}
