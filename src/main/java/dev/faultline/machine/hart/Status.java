package dev.faultline.machine.hart;

/** Fields of {@code mstatus} ("Machine Status Register"). */
final class Status {
  static final long SIE = 1L << 1;
  static final long MIE = 1L << 3;
  static final long SPIE = 1L << 5;
  static final long MPIE = 1L << 7;
  static final long SPP = 1L << 8;
  static final int MPP_SHIFT = 11;
  static final long MPP = 3L << MPP_SHIFT;
  static final int FS_SHIFT = 13;
  static final long FS = 3L << FS_SHIFT;
  static final long MPRV = 1L << 17;
  static final long SUM = 1L << 18;
  static final long MXR = 1L << 19;
  static final long TVM = 1L << 20;
  static final long TW = 1L << 21;
  static final long TSR = 1L << 22;

  /** UXL and SXL, both fixed at 64 bits. */
  static final long XL = 2L << 32 | 2L << 34;

  static final long UXL = 2L << 32;
  static final long SD = 1L << 63;

  static final long WRITABLE =
      SIE | MIE | SPIE | MPIE | SPP | MPP | FS | MPRV | SUM | MXR | TVM | TW | TSR;
  static final long SUPERVISOR_WRITABLE = SIE | SPIE | SPP | FS | SUM | MXR;
  static final long SUPERVISOR_READABLE = SUPERVISOR_WRITABLE | UXL | SD;

  /** Values of FS. */
  static final int FS_OFF = 0;

  static final int FS_INITIAL = 1;
  static final int FS_DIRTY = 3;

  private Status() {}
}
