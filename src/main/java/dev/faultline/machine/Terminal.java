package dev.faultline.machine;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where the runner's own lines and the bytes of a program's console meet: a line always begins at
 * the left, wherever the program has left off.
 */
final class Terminal {
  private final PrintStream out;
  private boolean isMidLine;

  Terminal(PrintStream out) {
    this.out = out;
  }

  /** A byte of a program's console, in the low eight bits. */
  void console(int character) {
    out.write(character & 0xff);
    isMidLine = (character & 0xff) != '\n';
  }

  void line(String text) {
    byte[] bytes = ((isMidLine ? "\n" : "") + text + "\n").getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    isMidLine = false;
  }
}
