package dev.faultline.log;

/** Who acts in a step of a story. */
public enum Actor {
  CPU,
  MMU,
  KERNEL,
  DISK
}
