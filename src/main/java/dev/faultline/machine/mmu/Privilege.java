package dev.faultline.machine.mmu;

/**
 * Privilege modes, numbered as in the manual and as the log's {@code PRIVILEGE} format has them.
 */
public final class Privilege {
  public static final int U = 0;
  public static final int S = 1;
  public static final int M = 3;

  private Privilege() {}
}
