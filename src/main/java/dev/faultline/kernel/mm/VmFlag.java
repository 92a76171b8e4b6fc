package dev.faultline.kernel.mm;

/** Flags of a VMA ({@code vm_flags}), with the values that Linux gives them. */
final class VmFlag {
  static final long READ = 0x1;
  static final long WRITE = 0x2;
  static final long EXEC = 0x4;

  /** The bits that are the protection, as {@code mprotect(2)} has them. */
  static final long ACCESS = READ | WRITE | EXEC;

  static final long SHARED = 0x8;
  static final long GROWSDOWN = 0x100;

  /** Some of its pages may be guards. */
  static final long MAYBE_GUARD = 0x800;

  /** What does not keep neighbours apart, and stays with whoever is merged ({@code VM_STICKY}). */
  static final long STICKY = MAYBE_GUARD;

  static final long LOCKED = 0x2000;
  static final long SEQ_READ = 0x8000;
  static final long RAND_READ = 0x1_0000;
  static final long DONTCOPY = 0x2_0000;

  /** Locked pages are not brought in before somebody touches them. */
  static final long LOCKONFAULT = 0x8_0000;

  /** What {@code munlock} takes away ({@code VM_LOCKED_MASK}). */
  static final long ANY_LOCK = LOCKED | LOCKONFAULT;

  /** Counted against overcommit: private memory that is or once was writable. */
  static final long ACCOUNT = 0x10_0000;

  static final long NORESERVE = 0x20_0000;
  static final long SYNC = 0x80_0000;
  static final long WIPEONFORK = 0x200_0000;
  static final long DONTDUMP = 0x400_0000;
  static final long HUGEPAGE = 0x2000_0000;

  /** What {@code MAP_STACK} stands for too. */
  static final long NOHUGEPAGE = 0x4000_0000;

  static final long MERGEABLE = 0x8000_0000L;

  /** Pages may vanish under pressure, and read as zero again. */
  static final long DROPPABLE = 1L << 40;

  /** Shared memory of a sealed file, which stays read-only: Linux takes VM_MAYWRITE away. */
  static final long NEVER_WRITE = 1L << 41;

  /** Nobody changes it or takes it away any more ({@code mseal(2)}). */
  static final long SEALED = 1L << 42;

  private VmFlag() {}
}
