package dev.faultline.kernel.mm;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How private mappings of files get their pages. */
public enum PrivateFileStrategy {
  /** As Linux does: the cached page is mapped without W, and copied when it is first written. */
  LAZY,
  /** As a first kernel might: every page is copied at the time of the {@code mmap}. */
  EAGER;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<PrivateFileStrategy> labelled(String label) {
    return Stream.of(values()).filter(strategy -> strategy.label().equals(label)).findFirst();
  }
}
