package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.UserAccess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a signal handler finds on its stack ({@code struct rt_sigframe} of riscv): {@code
 * siginfo_t}, then {@code ucontext_t} with all registers as they were.
 */
public final class SignalFrame {
  /**
   * Where a handler returns to: the first address after user space. Nothing can be there, so the
   * fetch faults, and the kernel knows what is meant; Linux has a page of code for this.
   */
  public static final long RETURN_ADDRESS = 0x40_0000_0000L;

  private static final int CONTEXT = 128;
  private static final int STACK = CONTEXT + 16;
  private static final int MASK = CONTEXT + 40;
  private static final int REGISTERS = CONTEXT + 176;
  private static final int FLOATS = REGISTERS + 256;
  private static final int STATUS = FLOATS + 256;
  private static final int SIZE = FLOATS + 528;

  private static final int SS_ONSTACK = 1;

  private final UserAccess user;

  public SignalFrame(UserAccess user) {
    this.user = user;
  }

  /** Saves the thread's registers below {@code top}, and makes it call its handler. */
  public void push(Task task, long top, Siginfo info, long handler) {
    Registers registers = task.registers();
    SignalState state = task.signals();
    ByteBuffer frame = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    frame.put(0, info.bytes(CONTEXT));
    frame
        .putLong(STACK, state.alternateStack())
        .putInt(STACK + 8, state.alternateFlags(registers.integer(Registers.SP)))
        .putLong(STACK + 16, state.alternateSize());
    frame.putLong(MASK, state.blockedAfterHandler());
    frame.putLong(REGISTERS, registers.pc());
    for (int i = 1; i < Registers.COUNT; i++) {
      frame.putLong(REGISTERS + 8 * i, registers.integer(i));
    }
    for (int i = 0; i < Registers.COUNT; i++) {
      frame.putLong(FLOATS + 8 * i, registers.floating(i));
    }
    frame.putInt(STATUS, registers.fcsr());
    long at = top - SIZE & -16L;
    user.write(task.space(), at, frame.array());
    registers.setInteger(Registers.SP, at);
    registers.setInteger(Registers.RA, RETURN_ADDRESS);
    registers.setInteger(Registers.A0, info.number());
    registers.setInteger(Registers.A0 + 1, at);
    registers.setInteger(Registers.A0 + 2, at + CONTEXT);
    registers.setPc(handler);
  }

  /** Takes everything back from the stack. */
  public void pop(Task task) {
    Registers registers = task.registers();
    byte[] bytes = user.read(task.space(), registers.integer(Registers.SP), SIZE);
    ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    task.signals().setBlocked(frame.getLong(MASK));
    task.signals()
        .setAlternate(
            frame.getLong(STACK), frame.getLong(STACK + 16), frame.getInt(STACK + 8) & ~SS_ONSTACK);
    registers.setPc(frame.getLong(REGISTERS));
    for (int i = 1; i < Registers.COUNT; i++) {
      registers.setInteger(i, frame.getLong(REGISTERS + 8 * i));
    }
    for (int i = 0; i < Registers.COUNT; i++) {
      registers.setFloating(i, frame.getLong(FLOATS + 8 * i));
    }
    registers.setFcsr(frame.getInt(STATUS));
  }
}
