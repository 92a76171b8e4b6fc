package dev.faultline.kernel.process;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last system calls of a process as {@code strace} would tell them. */
public final class SystemCallTrace {
  private static final int MOST_LINES = 10_000;

  private final Deque<String> lines = new ArrayDeque<>();
  private long forgotten;

  public void add(String line) {
    if (lines.size() == MOST_LINES) {
      lines.removeFirst();
      forgotten++;
    }
    lines.add(line);
  }

  /** All lines that are kept, each with its end. */
  public String text() {
    var text = new StringBuilder();
    if (forgotten > 0) {
      text.append("... ").append(forgotten).append(" calls before\n");
    }
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
