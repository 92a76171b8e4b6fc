package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ScenariosApiTest extends ApiTest {
  @Test
  void list_isInTheOrderOfTheFiles() {
    JsonNode all = api.get("/scenarios").is(200).json();
    assertThat(all.size()).isGreaterThan(20);
    assertThat(all.get(0).get("id").asString()).isEqualTo("tlb-miss");
    assertThat(all.get(0).propertyNames()).containsExactly("id", "title", "group", "teaches");
  }

  @Test
  void scenario_isPlayedByGivingItsCommands() {
    JsonNode scenario = api.get("/scenarios/private-file-write").is(200).json();
    TestLab lab = api.open("{\"scenario\":\"private-file-write\"}");
    assertThat(lab.get("").json().get("name").asString())
        .isEqualTo("Writing to a private file page");
    for (JsonNode step : scenario.get("steps")) {
      JsonNode outcome = lab.commands(step.get("command").toString()).is(200).json();
      assertThat(outcome.get("result").isNull()).as(outcome.toString()).isFalse();
    }
    assertThat(lab.get("/tables/frame").text()).contains("\"kind\":\"anon\"");
    assertThat(scenario.at("/beside/commands").size()).isEqualTo(scenario.get("steps").size());
  }

  @Test
  void unknownScenario_isAProblem() {
    api.get("/scenarios/none").problem("unknown-scenario");
    JsonNode problem =
        api.post("/labs", "{\"scenario\":\"none\"}").problem("bad-command", "scenario");
    assertThat(problem.get("detail").asString()).isEqualTo("scenario names none: none");
    api.post("/labs", "{\"scenario\":\"tlb-miss\",\"frames\":64}").problem("bad-command", "frames");
  }
}
