package dev.faultline.kernel.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Runs programs here and on the host's Linux, each from empty memory and without files. */
final class Programs implements AutoCloseable {
  static final int OPERATIONS = 250;

  private final HostServers servers;
  private final FileSystem fileSystem;
  private final Path files;
  private final @Nullable List<Recording.Program> recording;
  private int unrepeated;

  /**
   * Starts the real processes.
   *
   * @param directory an empty one
   * @param recording where random programs that agree are added, if anywhere
   */
  Programs(Path directory, FileSystem fileSystem, @Nullable List<Recording.Program> recording)
      throws IOException {
    this.fileSystem = fileSystem;
    this.recording = recording;
    servers = HostServers.start(directory);
    files = fileSystem.newDirectory(directory);
  }

  /**
   * Differences of random programs that were not there when the program ran again: what Linux does
   * by time.
   */
  int unrepeated() {
    return unrepeated;
  }

  /** Runs a random program; tells how the kernels differ, as a program to replay, or null. */
  @Nullable String runRandom(long seed) {
    List<Operation> program = new ArrayList<>();
    String difference = null;
    try (HostSide host = new HostSide(servers, files, fileSystem)) {
      var recorded = recording == null ? null : new RecordedSide(host, fileSystem);
      var comparison = comparison(recorded == null ? host : recorded);
      var generator = new ProgramGenerator(new Random(seed), comparison);
      while (difference == null && program.size() < OPERATIONS) {
        Operation operation = generator.next();
        if (comparison.isPossible(operation)) {
          program.add(operation);
          difference = perform(comparison, operation);
        }
      }
      difference = difference == null ? comparison.differenceOfFiles() : difference;
      if (difference == null) {
        if (recording != null && recorded != null) {
          recording.add(recorded.program());
        }
        return null;
      }
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
    String first = program.getLast() + ": " + difference.replace("\n", "\n# ");
    if (run(program) == null) {
      unrepeated++;
      System.out.println("# did not repeat: " + fileSystem + ", seed " + seed + ": " + first);
      return null;
    }
    List<Operation> small = Shrinker.shrink(program, shorter -> run(shorter) != null);
    var lines = new StringBuilder("# " + fileSystem + ", seed " + seed + ": " + first + "\n");
    lines.append("# ").append(run(small)).append('\n');
    small.forEach(operation -> lines.append(operation).append('\n'));
    return lines.toString();
  }

  /** Runs a program; tells where and how the kernels differ, or null. */
  @Nullable String run(List<Operation> program) {
    try (HostSide linux = new HostSide(servers, files, fileSystem)) {
      var comparison = comparison(linux);
      for (Operation operation : program) {
        String difference =
            comparison.isPossible(operation) ? perform(comparison, operation) : null;
        if (difference != null) {
          return operation + ": " + difference.replace("\n", "\n# ");
        }
      }
      return comparison.differenceOfFiles();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  private Comparison comparison(Side linux) {
    return new Comparison(new LabSide(fileSystem), linux, fileSystem);
  }

  /** A laboratory that fails by itself differs too. */
  private static @Nullable String perform(Comparison comparison, Operation operation) {
    try {
      return comparison.perform(operation);
    } catch (AssertionError | IllegalStateException failure) {
      return failure.toString();
    }
  }

  @Override
  public void close() throws IOException {
    servers.close();
    Files.delete(files);
  }
}
