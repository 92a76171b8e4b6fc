package dev.faultline.web;

import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Outcome;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Archives that are unpacked into a laboratory. */
@RestController
@RequestMapping(path = "/api/v1/labs/{lab}/archives", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Files")
class ArchivesController {
  private final Laboratories laboratories;
  private final Bodies bodies;

  ArchivesController(Laboratories laboratories, Bodies bodies) {
    this.laboratories = laboratories;
    this.bodies = bodies;
  }

  @PutMapping
  @Operation(summary = "Unpack a tar archive or a Debian package; the body is its bytes")
  ResponseEntity<Map<String, @Nullable Object>> put(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String name,
      @RequestHeader(value = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      HttpServletRequest request)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    if (name == null || name.isBlank() || name.indexOf(0) >= 0) {
      throw BadRequestException.parameter("name", "name is missing: the archive's file name");
    }
    byte[] bytes = bodies.bytes(request.getInputStream());
    Map<String, Object> command = new LinkedHashMap<>();
    command.put("do", "unpack");
    command.put("name", name);
    command.put("length", bytes.length);
    return laboratory.alone(() -> {
      Expectation.check(ifMatch, laboratory);
      Outcome outcome = laboratory.execute(new Command.Unpack(name, bytes));
      return ResponseEntity.ok()
          .eTag(Expectation.tag(outcome.lastSequence()))
          .body(OutcomeJson.of(command, outcome));
    });
  }
}
