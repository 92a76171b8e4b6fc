package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.Command;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.lesson.Expectation;
import dev.faultline.lesson.Scenario;
import dev.faultline.lesson.ScenarioReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario, from its first step to its last: what it says happens. */
class ScenariosTest {
  private static final Path FOLDER = Path.of("src/main/resources/scenarios");

  private static final ScenarioReader READER =
      new ScenarioReader(
          new ApiLanguage(new CommandReader(Limits.DEFAULT), new SettingsReader(Limits.DEFAULT)));

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  static Scenario read(Path file) {
    try (Reader yaml = Files.newBufferedReader(file)) {
      String name = file.getFileName().toString();
      return READER.read(name.substring(4, name.length() - 5), name, yaml);
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  @Test
  void names_areAllDifferent() throws IOException {
    Set<String> ids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (Path file : files()) {
      assertThat(file.getFileName().toString()).matches("[0-9]{3}-[a-z-]+\\.yaml");
      Scenario scenario = read(file);
      assertThat(ids.add(scenario.id())).as(scenario.id()).isTrue();
      assertThat(titles.add(scenario.title())).as(scenario.title()).isTrue();
    }
    assertThat(ids).hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyStep_comesOutAsExpected(Path file) {
    Scenario scenario = read(file);
    TestLab lab = TestLab.open(scenario.settings());
    scenario.prepared().forEach(command -> prepare(lab, command));
    for (Scenario.Step step : scenario.steps()) {
      int free = lab.freeFrames();
      Outcome outcome = lab.run(step.command());
      String at = file + ", \"" + step.title() + "\": " + outcome.story();
      check(lab, step.expected(), outcome, free, at);
      if (step.moment() != null) {
        assertThat(lab.steps(outcome)).as(at).contains(step.moment());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void besideIt_theSameCommandsCanBeGiven(Path file) {
    Scenario.Beside beside = read(file).beside();
    if (beside != null) {
      TestLab lab = TestLab.open(beside.settings());
      beside.prepared().forEach(command -> prepare(lab, command));
      var language =
          new ApiLanguage(new CommandReader(Limits.DEFAULT), new SettingsReader(Limits.DEFAULT));
      beside.commands().forEach(command -> lab.run(language.command(command)));
    }
  }

  private static void prepare(TestLab lab, Command command) {
    Outcome outcome = lab.run(command);
    assertThat(outcome.result()).as(outcome.story()).isNotNull();
  }

  private static void check(
      TestLab lab, Expectation expected, Outcome outcome, int freeBefore, String at) {
    var signal = outcome.signal();
    assertThat(signal == null ? null : signal.signal() + " " + signal.code())
        .as(at)
        .isEqualTo(expected.signal());
    assertThat(outcome.errno()).as(at).isEqualTo(expected.errno());
    if (expected.result() != null) {
      assertThat(Objects.requireNonNull(outcome.result()).number())
          .as(at)
          .isEqualTo(expected.result());
    }
    if (expected.reads() != null) {
      assertThat(outcome.result()).as(at).isInstanceOf(Result.Bytes.class);
      assertThat(
              new String(
                  ((Result.Bytes) Objects.requireNonNull(outcome.result())).bytes(),
                  StandardCharsets.UTF_8))
          .as(at)
          .startsWith(expected.reads());
    }
    List<StepKind> told = lab.steps(outcome);
    if (!expected.tells().isEmpty()) {
      assertThat(told).as(at).containsSubsequence(expected.tells());
    }
    for (StepKind silent : expected.silent()) {
      assertThat(told).as(at).doesNotContain(silent);
    }
    if (expected.frames() != null) {
      assertThat(freeBefore - lab.freeFrames()).as(at).isEqualTo(expected.frames());
    }
    for (Expectation.Page page : expected.pages()) {
      assertThat(refs(lab, page)).as("%s: refs of %s", at, page).isEqualTo(page.refs());
    }
  }

  private static long refs(TestLab lab, Expectation.Page page) {
    return lab.entry(page.pid(), page.address()) == 0
        ? 0
        : lab.frame(lab.frameOf(page.pid(), page.address()), Table.Frame.REFS);
  }
}
