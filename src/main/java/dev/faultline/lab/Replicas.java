package dev.faultline.lab;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Moments of laboratories, machine and all: throw-away laboratories in which the commands up to the
 * moment are done again. A few are kept, and one that stands before the moment goes on to it.
 */
public final class Replicas {
  private static final int KEPT = 4;

  private static final class Replica {
    final Laboratory laboratory;
    long entries;

    Replica(Laboratory laboratory) {
      this.laboratory = laboratory;
    }
  }

  private final Laboratories laboratories;
  private final Map<String, Replica> replicas =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Replica> eldest) {
          return size() > KEPT;
        }
      };

  public Replicas(Laboratories laboratories) {
    this.laboratories = laboratories;
  }

  /**
   * Asks the laboratory as it stood at a moment.
   *
   * @throws NoBoundaryException when the moment is not the end of a command
   */
  public synchronized <T> T ask(
      Laboratory laboratory, long moment, Function<Laboratory, T> question) {
    Replica replica = replicas.remove(laboratory.id());
    if (replica == null || replica.laboratory.log().head() > moment) {
      replica = new Replica(laboratories.replica(laboratory));
    }
    Replica moved = replica;
    var repetition = new Repetition(moved.laboratory, moment, false);
    laboratory
        .commands()
        .read(
            moved.entries,
            (number, entry) -> {
              boolean taken = repetition.take(entry);
              moved.entries += taken ? 1 : 0;
              return taken;
            });
    repetition.end();
    replicas.put(laboratory.id(), moved);
    return question.apply(moved.laboratory);
  }
}
