package dev.faultline.kernel.abi;

/** Flags of {@code clone(2)}: what a child shares with its parent, and what it is told. */
public enum CloneFlag {
  VM(0x100),
  FS(0x200),
  FILES(0x400),
  SIGHAND(0x800),
  PIDFD(0x1000),
  VFORK(0x4000),
  PARENT(0x8000),
  THREAD(0x1_0000),
  NEWNS(0x2_0000),
  SYSVSEM(0x4_0000),
  SETTLS(0x8_0000),
  PARENT_SETTID(0x10_0000),
  CHILD_CLEARTID(0x20_0000),
  CHILD_SETTID(0x100_0000),
  CLEAR_SIGHAND(0x1_0000_0000L);

  /** The bits that are no flags but the signal which tells the parent of the child's end. */
  public static final long EXIT_SIGNAL = 0xff;

  /** Flags that change nothing: ptrace, System V semaphores, I/O contexts, the old detached. */
  private static final long WITHOUT_EFFECT = 0x2000 | 0x40_0000 | 0x80_0000 | 0x8000_0000L;

  private final long bit;

  CloneFlag(long bit) {
    this.bit = bit;
  }

  public long bit() {
    return bit;
  }

  public boolean in(long flags) {
    return (flags & bit) != 0;
  }

  /** Those flags that mean something which is not modelled: namespaces, pidfds, control groups. */
  public static long notModelled(long flags) {
    long rest = flags & ~EXIT_SIGNAL & ~WITHOUT_EFFECT;
    for (CloneFlag flag : values()) {
      if (flag != PIDFD && flag != NEWNS) {
        rest &= ~flag.bit;
      }
    }
    return rest;
  }
}
