package dev.faultline.kernel.process;

import dev.faultline.machine.hart.Hart;

/**
 * What a process keeps while it is not on the hart ({@code struct pt_regs} and {@code struct
 * __riscv_d_ext_state}): integer registers, floating-point registers, {@code fcsr} and where it
 * goes on.
 */
public final class Registers {
  /** Integer registers, {@code x0} among them, and as many of the other kind. */
  public static final int COUNT = 32;

  private final long[] x = new long[COUNT];
  private final long[] f = new long[COUNT];
  private int fcsr;
  private long pc;

  /** Takes everything from the hart, which is in U-mode. */
  public void save(Hart hart) {
    for (int i = 0; i < COUNT; i++) {
      x[i] = hart.register(i);
      f[i] = hart.floatRegister(i);
    }
    fcsr = hart.fcsr();
    pc = hart.pc();
  }

  /** Gives everything to the hart. */
  public void restore(Hart hart) {
    for (int i = 0; i < COUNT; i++) {
      hart.setRegister(i, x[i]);
      hart.setFloatRegister(i, f[i]);
    }
    hart.setFcsr(fcsr);
    hart.setPc(pc);
  }

  /** A child begins with what its parent has. */
  void copy(Registers parent) {
    System.arraycopy(parent.x, 0, x, 0, COUNT);
    System.arraycopy(parent.f, 0, f, 0, COUNT);
    fcsr = parent.fcsr;
    pc = parent.pc;
  }

  public long pc() {
    return pc;
  }

  public void setPc(long address) {
    pc = address;
  }

  public long integer(int number) {
    return x[number];
  }

  public void setInteger(int number, long value) {
    if (number != 0) {
      x[number] = value;
    }
  }

  /** The bits of a floating-point register. */
  public long floating(int number) {
    return f[number];
  }

  public void setFloating(int number, long bits) {
    f[number] = bits;
  }

  public int fcsr() {
    return fcsr;
  }

  public void setFcsr(int value) {
    fcsr = value;
  }
}
