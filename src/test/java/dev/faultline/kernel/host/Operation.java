package dev.faultline.kernel.host;

import java.util.Arrays;
import java.util.List;

/**
 * One step of a program: a call that a process makes. Processes have the program's own names, small
 * numbers; a line of text has process, call and arguments.
 */
record Operation(int process, Call call, long... arguments) {
  long argument(int index) {
    return arguments[index];
  }

  int length(int index) {
    return (int) arguments[index];
  }

  static Operation parse(String line) {
    String[] words = line.strip().split("\\s+");
    return new Operation(
        Integer.parseInt(words[0]),
        Call.named(words[1]),
        Arrays.stream(words).skip(2).mapToLong(Long::decode).toArray());
  }

  /** The operations that lines of text stand for; {@code #} begins a comment. */
  static List<Operation> parseAll(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceFirst("#.*", ""))
        .filter(line -> !line.isBlank())
        .map(Operation::parse)
        .toList();
  }

  @Override
  public String toString() {
    var text = new StringBuilder().append(process).append(' ').append(call.label());
    for (long argument : arguments) {
      text.append(argument > 0xffff ? " 0x" + Long.toHexString(argument) : " " + argument);
    }
    return text.toString();
  }
}
