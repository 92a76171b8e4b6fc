package dev.faultline.kernel.process;

import dev.faultline.machine.hart.Hart;
import java.util.Arrays;

/**
 * What a process keeps while it is not on the hart ({@code struct pt_regs} and {@code struct
 * __riscv_d_ext_state}): integer registers, floating-point registers, {@code fcsr} and where it
 * goes on.
 */
public final class Registers {
  /** Integer registers, {@code x0} among them, and as many of the other kind. */
  public static final int COUNT = 32;

  /** The ABI's numbers of registers. */
  public static final int RA = 1;

  public static final int SP = 2;
  public static final int TP = 4;
  public static final int A0 = 10;
  public static final int A7 = 17;

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

  /** Gives everything to a hart in a trap: it returns to where this goes on. */
  public void restoreForReturn(Hart hart) {
    long trapped = hart.pc();
    restore(hart);
    hart.setSepc(pc);
    hart.setPc(trapped);
  }

  /** A child begins with what its parent has. */
  void copy(Registers parent) {
    System.arraycopy(parent.x, 0, x, 0, COUNT);
    System.arraycopy(parent.f, 0, f, 0, COUNT);
    fcsr = parent.fcsr;
    pc = parent.pc;
  }

  /** A new program begins ({@code start_thread}). */
  void begin(long entry, long stackPointer) {
    Arrays.fill(x, 0);
    Arrays.fill(f, 0);
    fcsr = 0;
    pc = entry;
    x[SP] = stackPointer;
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
