package dev.faultline.lab;

import dev.faultline.recording.Recording;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

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

  /** The commands of something, from one after as many as are passed over. */
  @FunctionalInterface
  private interface Entries {
    void give(long after, CommandLog.Reader reader) throws IOException;
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
    return question.apply(
        at(
            "lab " + laboratory.id(),
            moment,
            Again.Origin.HERE,
            () -> laboratories.replica(laboratory),
            laboratory.commands()::read));
  }

  /**
   * Tries something in a copy of the laboratory as it stood at a moment; the copy is thrown away.
   *
   * @throws NoBoundaryException when the moment is not the end of a command
   */
  public <T> T tryOut(Laboratory laboratory, long moment, Function<Laboratory, T> trial) {
    return trial.apply(takeOut(laboratory, moment));
  }

  private synchronized Laboratory takeOut(Laboratory laboratory, long moment) {
    Laboratory copy = ask(laboratory, moment, there -> there);
    replicas.remove("lab " + laboratory.id());
    return copy;
  }

  /**
   * Asks the laboratory of a recording.
   *
   * @throws NoBoundaryException when the moment is not the end of a command
   * @throws CannotBranchException when its commands cannot be done again
   */
  public synchronized <T> T ask(
      Recordings.Kept kept, long moment, Function<Laboratory, T> question) {
    Recording recording = kept.recording();
    Laboratory then =
        at(
            "recording " + kept.id(),
            moment,
            Again.Origin.ELSEWHERE,
            () -> laboratories.replica(recording, kept.id()),
            (after, reader) ->
                recording.commands(
                    after, command -> reader.entry(command.sequence(), command.bytes())));
    laboratories.prove(recording, then);
    return question.apply(then);
  }

  private Laboratory at(
      String name, long moment, Again.Origin origin, Supplier<Laboratory> anew, Entries entries) {
    Replica replica = replicas.remove(name);
    if (replica == null || replica.laboratory.log().head() > moment) {
      replica = new Replica(anew.get());
    }
    Replica moved = replica;
    var repetition = new Repetition(moved.laboratory, moment, false, origin);
    try {
      entries.give(
          moved.entries,
          (number, entry) -> {
            boolean taken = repetition.take(entry);
            moved.entries += taken ? 1 : 0;
            return taken;
          });
    } catch (IOException exception) {
      throw new StorageException("the commands cannot be read", exception);
    }
    repetition.end();
    replicas.put(name, moved);
    return moved.laboratory;
  }
}
