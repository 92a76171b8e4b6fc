package dev.faultline.web;

import dev.faultline.lesson.Scenario;
import dev.faultline.lesson.Scenarios;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Scenarios, to be played by whoever reads them. */
@RestController
@RequestMapping(path = "/api/v1/scenarios", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Scenarios")
class ScenariosController {
  private final Scenarios scenarios;

  ScenariosController(Scenarios scenarios) {
    this.scenarios = scenarios;
  }

  @GetMapping
  @Operation(summary = "List the scenarios in the order in which they are to be taken")
  List<Map<String, @Nullable Object>> list() {
    return scenarios.all().stream().map(ScenariosController::summary).toList();
  }

  @GetMapping("/{id}")
  @Operation(summary = "A scenario with its steps; its texts are Markdown")
  Map<String, @Nullable Object> get(@PathVariable String id) {
    Scenario scenario =
        scenarios
            .find(id)
            .orElseThrow(
                () -> new NotFoundException(Rule.UNKNOWN_SCENARIO, "there is no scenario " + id));
    Map<String, @Nullable Object> json = summary(scenario);
    json.put("watch", scenario.watch());
    json.put("steps", scenario.steps().stream().map(ScenariosController::step).toList());
    Scenario.Beside beside = scenario.beside();
    json.put("beside", beside == null ? null : beside(beside));
    return json;
  }

  private static Map<String, @Nullable Object> summary(Scenario scenario) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", scenario.id());
    json.put("title", scenario.title());
    json.put("group", scenario.group());
    json.put("teaches", scenario.teaches());
    return json;
  }

  private static Map<String, @Nullable Object> step(Scenario.Step step) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("title", step.title());
    json.put("say", step.say());
    json.put("command", step.json());
    Scenario.Look look = step.look();
    json.put(
        "look",
        look == null ? null : Map.of("pid", look.pid(), "address", Numbers.hex(look.address())));
    json.put("tab", step.tab());
    json.put("moment", step.moment() == null ? null : step.moment().name());
    return json;
  }

  private static Map<String, @Nullable Object> beside(Scenario.Beside beside) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("title", beside.title());
    json.put("here", beside.here());
    json.put("commands", beside.commands());
    return json;
  }
}
