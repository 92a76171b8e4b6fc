package dev.faultline.kernel.fs;

import java.util.Locale;

/** The devices that there are, with their numbers ({@code admin-guide/devices.txt}). */
public enum Device {
  NULL(1, 3),
  ZERO(1, 5),
  FULL(1, 7),
  RANDOM(1, 8),
  URANDOM(1, 9),
  TTY(5, 0);

  private final int number;

  Device(int major, int minor) {
    number = major << 8 | minor;
  }

  /** {@code major << 8 | minor}. */
  int number() {
    return number;
  }

  /** Whether it can be waited for; the others are always ready and cannot. */
  boolean isPollable() {
    return this == RANDOM || this == URANDOM;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
