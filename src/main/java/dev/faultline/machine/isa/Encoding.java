package dev.faultline.machine.isa;

/**
 * How one instruction is encoded: the bits of {@code mask} must be those of {@code match}; the rest
 * are operands.
 */
record Encoding(int op, String mnemonic, Form form, int match, int mask) {
  boolean matches(int insn) {
    return (insn & mask) == match;
  }
}
