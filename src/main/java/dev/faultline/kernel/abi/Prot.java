package dev.faultline.kernel.abi;

/** Protection bits of {@code mmap(2)}. */
public final class Prot {
  public static final int NONE = 0;
  public static final int READ = 1;
  public static final int WRITE = 2;
  public static final int EXEC = 4;

  /** For semaphores; has no effect. */
  public static final int SEM = 8;

  private Prot() {}
}
