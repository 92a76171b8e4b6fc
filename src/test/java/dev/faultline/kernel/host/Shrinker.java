package dev.faultline.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Takes operations out of a program that fails for as long as what is left fails too. */
final class Shrinker {
  private Shrinker() {}

  /**
   * A program none of whose operations can be left out.
   *
   * @param fails whether a program fails, by running it
   */
  static List<Operation> shrink(List<Operation> program, Predicate<List<Operation>> fails) {
    List<Operation> smallest = program;
    for (int chunk = Math.max(program.size() / 2, 1); chunk > 0; ) {
      int before = smallest.size();
      for (int from = before - chunk; from > -chunk; from -= chunk) {
        var candidate = new ArrayList<>(smallest.subList(0, Math.max(from, 0)));
        candidate.addAll(smallest.subList(from + chunk, smallest.size()));
        if (fails.test(candidate)) {
          smallest = candidate;
        }
      }
      if (chunk > 1 || smallest.size() == before) {
        chunk /= 2;
      }
    }
    return smallest;
  }
}
