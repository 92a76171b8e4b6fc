package dev.faultline.kernel.mm;

/** Flags of a VMA ({@code vm_flags}), with the values that Linux gives them. */
final class VmFlag {
  static final int READ = 0x1;
  static final int WRITE = 0x2;
  static final int EXEC = 0x4;

  /** The bits that are the protection, as {@code mprotect(2)} has them. */
  static final int ACCESS = READ | WRITE | EXEC;

  static final int SHARED = 0x8;
  static final int GROWSDOWN = 0x100;
  static final int LOCKED = 0x2000;
  static final int SEQ_READ = 0x8000;
  static final int RAND_READ = 0x1_0000;
  static final int DONTCOPY = 0x2_0000;

  /** Counted against overcommit: private memory that is or once was writable. */
  static final int ACCOUNT = 0x10_0000;

  static final int NORESERVE = 0x20_0000;
  static final int WIPEONFORK = 0x200_0000;

  /** What {@code MAP_STACK} stands for. */
  static final int NOHUGEPAGE = 0x4000_0000;

  private VmFlag() {}
}
