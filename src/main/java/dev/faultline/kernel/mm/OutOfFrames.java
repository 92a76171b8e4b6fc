package dev.faultline.kernel.mm;

/** No frame is free and none can be given back. Whoever asked must leave everything as it was. */
public final class OutOfFrames extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OutOfFrames() {
    super(null, null, false, false);
  }
}
