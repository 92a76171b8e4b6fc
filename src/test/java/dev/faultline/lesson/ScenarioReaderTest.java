package dev.faultline.lesson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Settings;
import dev.faultline.log.StepKind;
import java.io.StringReader;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ScenarioReaderTest {
  private static final String WHOLE =
      """
      title: Mapping
      group: Memory
      teaches: Something.
      watch: The frames.
      lab: {frames: 64}
      files:
        - {path: /letters, pages: AB.}
      prepare:
        - {do: spawn, name: MAP_SHARED}
      steps:
        - title: One more
          say: |
            A **word**.
          command: {do: spawn, name: second, at: 0x3ff0}
          look: {pid: 2, address: 0x1000}
          tab: changes
          moment: SPAWNS
          expect: {result: 2, tells: [SPAWNS]}
      beside:
        here: shared
        title: private
        lab: {frames: 32}
        replace: {MAP_SHARED: MAP_PRIVATE, second: other}
      """;

  /** Knows the names of processes and nothing else. */
  private static final class OnlySpawn implements CommandLanguage {
    @Override
    public Command command(JsonNode json) {
      if (!json.path("do").asString("").equals("spawn")) {
        throw new IllegalArgumentException("do names no command");
      }
      return new Command.Spawn(json.get("name").asString());
    }

    @Override
    public Settings settings(ObjectNode json) {
      if (!json.has("frames")) {
        throw new IllegalArgumentException("frames is missing");
      }
      String name = json.get("name").asString() + " in " + json.get("frames").asInt();
      return Settings.of(name, PrivateFileStrategy.LAZY);
    }
  }

  private static Scenario read(String yaml) {
    return new ScenarioReader(new OnlySpawn()).read("mapping", "m.yaml", new StringReader(yaml));
  }

  private static void assertRefused(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(BadScenarioException.class)
        .hasMessage(message);
  }

  @Test
  void whole_isReadMemberByMember() {
    Scenario scenario = read(WHOLE);
    assertThat(scenario.title()).isEqualTo("Mapping");
    assertThat(scenario.settings().name()).isEqualTo("Mapping in 64");
    assertThat(scenario.prepared()).hasSize(2);
    var file = (Command.PutFile) scenario.prepared().getFirst();
    assertThat(file.bytes()).hasSize(4096 + 2048).startsWith('A').endsWith('B');
    Scenario.Step step = scenario.steps().getFirst();
    assertThat(step.say()).isEqualTo("A **word**.");
    assertThat(step.command()).isEqualTo(new Command.Spawn("second"));
    assertThat(step.json().get("at").asString()).isEqualTo("0x3ff0");
    assertThat(step.look()).isEqualTo(new Scenario.Look(2, 0x1000));
    assertThat(step.moment()).isEqualTo(StepKind.SPAWNS);
    assertThat(step.expected().result()).isEqualTo(2);
  }

  @Test
  void beside_hasItsOwnSettingsAndWords() {
    Scenario.Beside beside = Objects.requireNonNull(read(WHOLE).beside());
    assertThat(beside.settings().name()).isEqualTo("Mapping in 32");
    assertThat(beside.prepared()).contains(new Command.Spawn("MAP_PRIVATE"));
    assertThat(beside.commands().getFirst().get("name").asString()).isEqualTo("other");
  }

  @Test
  void mistakes_areToldByFileLineAndMember() {
    assertRefused("", "m.yaml, line 1: is empty");
    assertRefused(
        "a: [", "m.yaml, line 1: is no YAML: expected the node content, but found '<stream end>'");
    assertRefused(
        WHOLE.replace("watch", "whatch"),
        "m.yaml, line 4: whatch is not known; known are title, group, teaches, watch, lab, files,"
            + " prepare, steps, beside");
    assertRefused(WHOLE.replace("title: Mapping\n", ""), "m.yaml, line 1: title is missing");
    assertRefused(
        WHOLE.replace("do: spawn, name: second", "do: jump"),
        "m.yaml, line 14: steps[0].command cannot be read: do names no command");
    assertRefused(
        WHOLE.replace("    say: |\n      A **word**.\n", ""),
        "m.yaml, line 11: steps[0] has no say");
    assertRefused(
        WHOLE.replace("tab: changes", "tab: charges"),
        "m.yaml, line 16: steps[0].tab must be one of step, changes, proc, code, inspector");
    assertRefused(
        WHOLE.replace("moment: SPAWNS", "moment: SPAWN"),
        "m.yaml, line 17: steps[0].moment is no StepKind: SPAWN");
    assertRefused(
        WHOLE.replace("    moment: SPAWNS\n", ""),
        "m.yaml, line 11: steps must have one step with a moment, not 0");
    assertRefused(
        WHOLE.replace("result: 2", "result: two"),
        "m.yaml, line 18: steps[0].expect.result must be a whole number");
    assertRefused(
        WHOLE.replace("result: 2", "result: 2, result: 3"),
        "m.yaml, line 18: steps[0].expect.result is given twice");
    assertRefused(
        WHOLE.replace("lab: {frames: 64}\n", ""),
        "m.yaml, line 1: cannot be read: frames is missing");
    assertRefused(
        WHOLE.replace("pages: AB.", "program: none.so"),
        "m.yaml, line 7: files[0].program is not beside the scenario: none.so");
  }
}
