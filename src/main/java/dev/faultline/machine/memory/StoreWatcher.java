package dev.faultline.machine.memory;

/** Hears of stores to frames that are marked for it. */
@FunctionalInterface
public interface StoreWatcher {
  /** Some bytes of one frame were stored to, just now. */
  void stored(long address, int length);
}
