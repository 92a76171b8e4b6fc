package dev.faultline.kernel.host;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A side that writes down what it is asked and what it answers. */
final class RecordedSide implements Side {
  private final Side side;
  private final FileSystem fileSystem;
  private final List<Recording.Step> steps = new ArrayList<>();

  RecordedSide(Side side, FileSystem fileSystem) {
    this.side = side;
    this.fileSystem = fileSystem;
  }

  Recording.Program program() {
    return new Recording.Program(fileSystem, List.copyOf(steps));
  }

  @Override
  public Answer perform(Operation operation) {
    Answer answer = side.perform(operation);
    steps.add(new Recording.Step(operation, Recording.kept(operation, answer, fileSystem), 0));
    return answer;
  }

  @Override
  public Snapshot snapshot(int process) {
    Snapshot snapshot = side.snapshot(process);
    Recording.Step last = steps.removeLast();
    int memory = Recording.kept(last.memory(), snapshot, fileSystem);
    steps.add(new Recording.Step(last.operation(), last.answer(), memory));
    return snapshot;
  }

  @Override
  public byte @Nullable [] file(int number) {
    return side.file(number);
  }
}
