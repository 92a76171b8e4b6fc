package dev.faultline.web;

import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.NoSuchProcessException;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Replicas;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Commands: the one way to act in a laboratory. */
@RestController
// an Accept that cannot be met is refused before anything is done
@RequestMapping(path = "/api/v1/labs/{lab}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Commands")
class CommandsController {
  private final Laboratories laboratories;
  private final CommandReader reader;
  private final Bodies bodies;

  private final Replicas replicas;

  CommandsController(
      Laboratories laboratories, CommandReader reader, Bodies bodies, Replicas replicas) {
    this.laboratories = laboratories;
    this.reader = reader;
    this.bodies = bodies;
    this.replicas = replicas;
  }

  @PostMapping("/commands")
  @Operation(summary = "Run one command, or an array of them with nobody else's between them")
  ResponseEntity<Object> run(
      @PathVariable String lab,
      @RequestParam(defaultValue = "false") boolean stopOnError,
      @RequestParam(defaultValue = "false") boolean dryRun,
      @RequestHeader(value = "If-Match", required = false) @Nullable String ifMatch,
      HttpServletRequest request)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    JsonNode body = bodies.json(request.getInputStream());
    List<Command> commands = reader.readAll(body);
    if (dryRun) {
      Expectation.check(ifMatch, laboratory);
      long head = laboratory.log().head();
      return ResponseEntity.ok(
          replicas.tryOut(laboratory, head, copy -> run(copy, body, commands, stopOnError)));
    }
    return laboratory.alone(() -> {
      Expectation.check(ifMatch, laboratory);
      Object answer = run(laboratory, body, commands, stopOnError);
      return ResponseEntity.ok().eTag(Expectation.tag(laboratory.log().head())).body(answer);
    });
  }

  @PostMapping("/stop")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Stop the run that goes on")
  void stop(@PathVariable String lab) {
    laboratories.get(lab).stopRun();
  }

  private static Object run(
      Laboratory laboratory, JsonNode body, List<Command> commands, boolean stopOnError) {
    if (!body.isArray()) {
      return OutcomeJson.of(body, laboratory.execute(commands.getFirst()));
    }
    List<Map<String, @Nullable Object>> outcomes = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      try {
        Outcome outcome = laboratory.execute(commands.get(i));
        outcomes.add(OutcomeJson.of(body.get(i), outcome));
        if (stopOnError && (outcome.errno() != null || outcome.signal() != null)) {
          break;
        }
      } catch (NoSuchProcessException | LimitException | NoSuchLaboratoryException exception) {
        throw new UnfinishedException(i, outcomes, exception);
      }
    }
    return outcomes;
  }
}
