package dev.faultline.kernel.abi;

/** Protection bits of {@code mmap(2)}. */
public final class Prot {
  public static final int NONE = 0;
  public static final int READ = 1;
  public static final int WRITE = 2;
  public static final int EXEC = 4;

  /** For semaphores; has no effect. */
  public static final int SEM = 8;

  /** For mprotect: from the start of a stack on. */
  public static final int GROWSDOWN = 0x100_0000;

  /** For mprotect: to the end of what grows upwards, of which there is nothing. */
  public static final int GROWSUP = 0x200_0000;

  private Prot() {}
}
