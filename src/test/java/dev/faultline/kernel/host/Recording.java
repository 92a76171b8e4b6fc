package dev.faultline.kernel.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Programs with what Linux answered, for machines that have no Linux to ask: compressed text, a
 * line for each operation, its answer and the checksum of what all processes had in memory after
 * it; before each program a line with the file system.
 */
final class Recording {
  /** One operation and what Linux made of it. */
  record Step(Operation operation, String answer, int memory) {}

  /** One program. */
  record Program(FileSystem fileSystem, List<Step> steps) {}

  private Recording() {}

  static List<Program> read(InputStream compressed) throws IOException {
    List<Program> programs = new ArrayList<>();
    try (var lines =
        new BufferedReader(new InputStreamReader(new GZIPInputStream(compressed), US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split("\t");
        if (fields.length == 1) {
          programs.add(new Program(FileSystem.valueOf(line), new ArrayList<>()));
        } else {
          Step step =
              new Step(Operation.parse(fields[0]), fields[1], HexFormat.fromHexDigits(fields[2]));
          programs.getLast().steps().add(step);
        }
      }
    }
    return programs;
  }

  static void write(Path file, List<Program> programs) throws IOException {
    try (var text =
        new PrintWriter(new GZIPOutputStream(Files.newOutputStream(file)), false, US_ASCII)) {
      for (Program program : programs) {
        text.println(program.fileSystem());
        for (Step step : program.steps()) {
          text.println(
              step.operation()
                  + "\t"
                  + step.answer()
                  + "\t"
                  + HexFormat.of().toHexDigits(step.memory()));
        }
      }
    }
  }

  /** What is kept of an answer: which pages of files are in memory only where that is compared. */
  static String kept(Operation operation, Answer answer, FileSystem fileSystem) {
    boolean isResidency = operation.call() == Call.MINCORE && !fileSystem.isExact();
    return (isResidency ? Answer.of(answer.result()) : answer).toString();
  }

  /** What is kept of a process's memory, after what is kept of the others'. */
  static int kept(int others, Snapshot snapshot, FileSystem fileSystem) {
    return others * 31 + snapshot.checksum(fileSystem.isExact());
  }
}
