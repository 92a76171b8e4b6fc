package dev.faultline.web;

import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Outcome;
import dev.faultline.log.Errno;
import dev.faultline.recording.Source;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The files of a laboratory. Putting and deleting are commands too, and stand in the log. */
@RestController
@RequestMapping("/api/v1/labs/{lab}/files")
@Tag(name = "Files")
class FilesController {
  private static final int TAG_BYTES = 16;

  private final Laboratories laboratories;
  private final Bodies bodies;

  FilesController(Laboratories laboratories, Bodies bodies) {
    this.laboratories = laboratories;
    this.bodies = bodies;
  }

  @GetMapping
  @Operation(summary = "List the files")
  ResponseEntity<List<Object>> list(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String limit,
      @RequestParam(required = false) @Nullable String cursor,
      HttpServletRequest request) {
    return laboratories
        .get(lab)
        .ask(kernel ->
            Slice.of(
                kernel.files().byPath().entrySet(),
                Map.Entry::getKey,
                entry -> json(entry.getKey(), entry.getValue()),
                limit,
                cursor,
                request));
  }

  private static Map<String, Object> json(String path, RegularFile file) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", path);
    json.put("size", file.size());
    json.put("mode", "%04o".formatted(file.mode()));
    json.put("inode", file.number());
    json.put("links", file.links());
    return json;
  }

  @GetMapping("/{*path}")
  @Operation(summary = "The bytes of a file, as a read would see them")
  void get(
      @PathVariable String lab,
      @PathVariable String path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    byte[] bytes =
        laboratories
            .get(lab)
            .ask(kernel -> {
              RegularFile file = kernel.files().find(path);
              if (file == null) {
                throw new NotFoundException(Rule.UNKNOWN_FILE, "there is no file " + path);
              }
              return kernel.cache().contents(file);
            });
    RangeBody.write(Source.of(bytes), hash(bytes), request, response);
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(hash, 0, TAG_BYTES);
    } catch (NoSuchAlgorithmException exception) {
      throw new IllegalStateException(exception);
    }
  }

  @PutMapping(path = "/{*path}", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Put a file, with the directories above it; the body is its bytes")
  ResponseEntity<Map<String, @Nullable Object>> put(
      @PathVariable String lab,
      @PathVariable String path,
      @RequestParam(defaultValue = "0644") String mode,
      @RequestHeader(value = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      HttpServletRequest request)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    if (path.indexOf(0) >= 0) {
      throw BadRequestException.parameter("path", "a path has no zero character");
    }
    byte[] bytes = bodies.bytes(request.getInputStream());
    int bits = mode(mode);
    Map<String, Object> command = new LinkedHashMap<>();
    command.put("do", "put");
    command.put("path", path);
    command.put("length", bytes.length);
    return laboratory.alone(() -> {
      Expectation.check(ifMatch, laboratory);
      boolean existed = laboratory.ask(kernel -> kernel.files().find(path) != null);
      Outcome outcome = laboratory.execute(new Command.PutFile(path, bits, bytes));
      return answer(command, outcome, existed ? HttpStatus.OK : HttpStatus.CREATED);
    });
  }

  @DeleteMapping(path = "/{*path}", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Unlink a file; who has it open or mapped keeps it")
  ResponseEntity<Map<String, @Nullable Object>> delete(
      @PathVariable String lab,
      @PathVariable String path,
      @RequestHeader(value = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch) {
    Laboratory laboratory = laboratories.get(lab);
    return laboratory.alone(() -> {
      Expectation.check(ifMatch, laboratory);
      Outcome outcome = laboratory.execute(new Command.DeleteFile(path));
      if (outcome.errno() == Errno.ENOENT) {
        throw new NotFoundException(Rule.UNKNOWN_FILE, "there is no file " + path);
      }
      return answer(Map.of("do", "delete", "path", path), outcome, HttpStatus.OK);
    });
  }

  /** A path that cannot be a file's is the request's fault; everything else was done. */
  private static ResponseEntity<Map<String, @Nullable Object>> answer(
      Map<String, Object> command, Outcome outcome, HttpStatus success) {
    if (outcome.errno() != null) {
      throw BadRequestException.parameter("path", outcome.errno() + ": " + outcome.why());
    }
    return ResponseEntity.status(success)
        .eTag(Expectation.tag(outcome.lastSequence()))
        .body(OutcomeJson.of(command, outcome));
  }

  private static int mode(String text) {
    try {
      int mode = Integer.parseInt(text, 8);
      if (mode >= 0 && mode <= 07777) {
        return mode;
      }
    } catch (NumberFormatException exception) {
      // Falls through to the same refusal.
    }
    throw BadRequestException.parameter("mode", "mode must be octal, 0 to 7777: " + text);
  }
}
