package dev.faultline.kernel.mm;

import java.util.Locale;

/** How much memory may be promised ({@code vm.overcommit_memory}), in the order of its numbers. */
public enum Overcommit {
  /** Nothing at once that is more than the whole machine. */
  GUESS,
  /** Anything. */
  ALWAYS,
  /** All promises together stay below half of the frames and the swap area. */
  NEVER;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
