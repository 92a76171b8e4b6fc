package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Recordings;
import dev.faultline.recording.NdJson;
import dev.faultline.recording.Recording;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.SegmentInfo;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Recordings: those that were uploaded, and the one that every laboratory has of itself. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Recordings")
class RecordingsController {
  private final Laboratories laboratories;
  private final Recordings recordings;
  private final Bodies bodies;
  private final Access access;

  RecordingsController(
      Laboratories laboratories, Recordings recordings, Bodies bodies, Access access) {
    this.laboratories = laboratories;
    this.recordings = recordings;
    this.bodies = bodies;
    this.access = access;
  }

  @GetMapping("/labs/{lab}/recording")
  @Operation(summary = "A laboratory's recording so far, as a file or as lines of JSON")
  void ofLab(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String format,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    if (wantsLines(format)) {
      writeLines(laboratory.recording(), lab, response);
    } else {
      String version = lab + "-" + laboratory.log().head();
      RangeBody.name(response, lab + ".faultline");
      RangeBody.write(laboratory.recordingSource(), version, request, response);
    }
  }

  @PostMapping(path = "/recordings", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Upload a recording, as a file or as lines of JSON")
  ResponseEntity<Map<String, @Nullable Object>> upload(HttpServletRequest request)
      throws IOException {
    Recordings.Kept kept = recordings.add(bodies.bytes(request.getInputStream()));
    Map<String, @Nullable Object> json = json(kept);
    json.putAll(access.tokens(kept.id()));
    return ResponseEntity.created(URI.create("/api/v1/recordings/" + kept.id())).body(json);
  }

  @GetMapping("/recordings")
  @Operation(summary = "List the recordings that were uploaded")
  ResponseEntity<List<Object>> list(
      @RequestParam(required = false) @Nullable String limit,
      @RequestParam(required = false) @Nullable String cursor,
      HttpServletRequest request) {
    List<Recordings.Kept> seen =
        recordings.all().stream()
            .filter(kept -> access.level(request, kept.id()) != Access.Level.NONE)
            .sorted(Comparator.comparing(Recordings.Kept::id))
            .toList();
    return Slice.of(seen, Recordings.Kept::id, this::json, limit, cursor, request);
  }

  @GetMapping("/recordings/{recording}")
  @Operation(summary = "Look at one recording")
  Map<String, @Nullable Object> get(@PathVariable String recording) {
    return json(recordings.get(recording));
  }

  @DeleteMapping("/recordings/{recording}")
  @Operation(summary = "Delete a recording")
  ResponseEntity<Void> delete(@PathVariable String recording) throws IOException {
    recordings.delete(recording);
    return ResponseEntity.noContent().build();
  }

  @GetMapping("/recordings/{recording}/file")
  @Operation(summary = "The recording, as a file or as lines of JSON")
  void file(
      @PathVariable String recording,
      @RequestParam(required = false) @Nullable String format,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Recordings.Kept kept = recordings.get(recording);
    if (wantsLines(format)) {
      writeLines(kept.recording(), recording, response);
    } else {
      RangeBody.name(response, recording + ".faultline");
      RangeBody.write(kept.source(), recording, request, response);
    }
  }

  @GetMapping("/recordings/{recording}/schema")
  @Operation(summary = "What the numbers of a recording mean")
  Map<String, Object> schema(@PathVariable String recording) {
    return recordings.get(recording).recording().header().schema().describe();
  }

  @GetMapping("/recordings/{recording}/tables/{table}")
  @Operation(
      summary = "The rows of a table, at the end or as they stood at a moment",
      description =
          "Any other parameter is a filter: a column's name and the value that it must have.")
  Map<String, Object> table(
      @PathVariable String recording,
      @PathVariable String table,
      @RequestParam(required = false) @Nullable String at,
      @Parameter(hidden = true) @RequestParam Map<String, String> parameters) {
    return HistoryJson.rows(history(recording), table, at, parameters);
  }

  @GetMapping(
      value = "/recordings/{recording}/changes",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Changes and story records after a moment")
  ResponseEntity<Changes> changes(
      @PathVariable String recording,
      @RequestParam(defaultValue = "0") String after,
      @RequestParam(required = false) @Nullable String limit,
      HttpServletRequest request) {
    return HistoryJson.changes(history(recording), after, limit, request);
  }

  @GetMapping(
      value = "/recordings/{recording}/changes",
      produces = MediaType.APPLICATION_NDJSON_VALUE)
  @Operation(hidden = true)
  dev.faultline.web.NdJson changeLines(
      @PathVariable String recording,
      @RequestParam(defaultValue = "0") String after,
      @RequestParam(required = false) @Nullable String limit) {
    return HistoryJson.lines(history(recording), after, limit);
  }

  private History history(String id) {
    return History.of(recordings.get(id).recording());
  }

  private static boolean wantsLines(@Nullable String format) {
    if (format == null || format.equals("binary")) {
      return false;
    }
    if (format.equals("ndjson")) {
      return true;
    }
    throw BadRequestException.parameter("format", "format must be binary or ndjson, not " + format);
  }

  private static void writeLines(Recording recording, String name, HttpServletResponse response)
      throws IOException {
    response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
    RangeBody.name(response, name + ".ndjson");
    NdJson.write(recording, response.getOutputStream());
  }

  private Map<String, @Nullable Object> json(Recordings.Kept kept) {
    Recording recording = kept.recording();
    RecordingHeader header = recording.header();
    List<SegmentInfo> segments = recording.segments();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", kept.id());
    json.put("name", header.name());
    json.put("created", header.created());
    json.put("engine", header.engine());
    json.put("canBranch", header.engine().equals(laboratories.engine()) && header.hasCommands());
    json.put("seed", header.seed());
    json.put("configuration", header.configuration());
    json.put("firstSeq", recording.firstMoment());
    json.put("lastSeq", recording.lastMoment());
    json.put("operations", segments.stream().mapToLong(SegmentInfo::operations).sum());
    json.put("faults", segments.stream().mapToLong(SegmentInfo::faults).sum());
    json.put("bytes", RangeBody.size(kept.source()));
    json.put("whole", recording.isWhole());
    json.put("parent", ParentJson.of(header.parent()));
    return json;
  }
}
