package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lesson.Scenario;
import dev.faultline.log.StepKind;
import dev.faultline.recording.InNode;
import dev.faultline.recording.RecordedRuns;
import dev.faultline.recording.Recording;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recording of every scenario, sought in by Java and by the browser's modules. */
class ScenarioRecordingsTest {
  @TempDir private Path directory = Path.of("");

  /** What a scenario's laboratory has recorded when its last step is done. */
  static byte[] record(Path file) {
    return RecordedRuns.record(play(file).log());
  }

  private static Laboratory play(Path file) {
    Scenario scenario = ScenariosTest.read(file);
    Laboratory lab = new Laboratories(Limits.DEFAULT).open(scenario.settings());
    scenario.prepared().forEach(lab::execute);
    scenario.steps().forEach(step -> lab.execute(step.command()));
    return lab;
  }

  @ParameterizedTest
  @MethodSource("dev.faultline.web.ScenariosTest#files")
  void seekAtAnyMoment_isPlayingToIt(Path file) throws IOException, InterruptedException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("ScenarioRecordingsTest: -Dfaultline.seed=" + seed);
    Laboratory lab = play(file);
    byte[] bytes = RecordedRuns.record(lab.log());
    Recording recording = Recording.open(Source.of(bytes));
    assertThat(recording.player(recording.lastMoment()).hash())
        .isEqualTo(Recording.hash(lab.stateAt(lab.log().head())));
    InNode.checkSeeks(bytes, seed, directory);
  }

  @Test
  void everyStep_isAskedAboutAndShownInThePrivilegeOfWhoActs()
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("src/test/js/check-stories.js"));
    for (Path file : ScenariosTest.files()) {
      command.add(Files.write(directory.resolve(file.getFileName()), record(file)).toString());
    }
    assertThat(InNode.output(command).strip()).matches("[1-9]\\d{3,} " + StepKind.values().length);
  }
}
