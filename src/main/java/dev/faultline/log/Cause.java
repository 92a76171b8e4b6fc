package dev.faultline.log;

import java.util.List;

/**
 * Exception codes of {@code scause} (RISC-V Privileged Architecture, "Supervisor cause register").
 */
public final class Cause {
  public static final int INSTRUCTION_MISALIGNED = 0;
  public static final int INSTRUCTION_ACCESS_FAULT = 1;
  public static final int ILLEGAL_INSTRUCTION = 2;
  public static final int BREAKPOINT = 3;
  public static final int LOAD_MISALIGNED = 4;
  public static final int LOAD_ACCESS_FAULT = 5;
  public static final int STORE_MISALIGNED = 6;
  public static final int STORE_ACCESS_FAULT = 7;
  public static final int ECALL_FROM_U = 8;
  public static final int INSTRUCTION_PAGE_FAULT = 12;
  public static final int LOAD_PAGE_FAULT = 13;
  public static final int STORE_PAGE_FAULT = 15;

  static final Format FORMAT =
      Format.symbolsOf(
          List.of(
              "instruction address misaligned",
              "instruction access fault",
              "illegal instruction",
              "breakpoint",
              "load address misaligned",
              "load access fault",
              "store address misaligned",
              "store access fault",
              "environment call from U-mode",
              "environment call from S-mode",
              "",
              "environment call from M-mode",
              "instruction page fault",
              "load page fault",
              "",
              "store page fault"));

  private Cause() {}

  public static String name(long cause) {
    return FORMAT.symbols().get((int) cause);
  }
}
