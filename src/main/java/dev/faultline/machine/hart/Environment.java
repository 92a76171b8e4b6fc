package dev.faultline.machine.hart;

/** What lies behind a trap from U-mode: the kernel. */
@FunctionalInterface
public interface Environment {
  /**
   * Handles the trap that {@code scause}, {@code stval} and {@code sepc} of the hart describe.
   *
   * @return true to go on at {@code sepc}, false when the process cannot go on
   */
  boolean handle(Hart hart);
}
