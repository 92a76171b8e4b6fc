package dev.faultline.log;

/**
 * The records after the wanted moment have left the log; {@link #oldest} is the first that can
 * still be had, there or in a recording.
 */
public final class SequenceGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final long oldest;

  public SequenceGoneException(long wanted, long oldest) {
    super("the log begins after sequence number " + oldest + "; " + wanted + " is gone");
    this.oldest = oldest;
  }

  public long oldest() {
    return oldest;
  }
}
