package dev.faultline.lab;

/** A laboratory can be continued or looked into only where a command ends. */
public final class NoBoundaryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoBoundaryException(long wanted, long before, long head) {
    super(
        head > wanted
            ? "%d lies within a command; commands end at %d and %d".formatted(wanted, before, head)
            : "the commands end at %d, before %d".formatted(head, wanted));
  }
}
