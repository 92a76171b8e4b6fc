package dev.faultline.web;

import dev.faultline.kernel.Kernel;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.NoSuchRecordingException;
import dev.faultline.lab.Recordings;
import dev.faultline.lab.Replicas;
import dev.faultline.log.Column;
import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.TableShape;
import dev.faultline.recording.Diff;
import dev.faultline.recording.Player;
import dev.faultline.recording.Recording;
import dev.faultline.recording.Why;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Questions about moments: why is it so, what differs, what bytes were there. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Time")
class WhyController {
  private static final int FRAME_BYTES = 4096;
  private static final String MOMENT = "X-At";

  private final Laboratories laboratories;
  private final Recordings recordings;
  private final Replicas replicas;
  private final Access access;

  WhyController(
      Laboratories laboratories, Recordings recordings, Replicas replicas, Access access) {
    this.laboratories = laboratories;
    this.recordings = recordings;
    this.replicas = replicas;
    this.access = access;
  }

  @GetMapping("/labs/{lab}/why")
  @Operation(summary = "The change that last set a cell, its story, and the causes behind it")
  Map<String, @Nullable Object> whyInLab(
      @PathVariable String lab,
      @RequestParam String table,
      @RequestParam String key,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(required = false) @Nullable String at) {
    return why(History.of(laboratories.get(lab)), table, key, column, at);
  }

  @GetMapping("/recordings/{recording}/why")
  @Operation(summary = "The change that last set a cell, its story, and the causes behind it")
  Map<String, @Nullable Object> whyInRecording(
      @PathVariable String recording,
      @RequestParam String table,
      @RequestParam String key,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(required = false) @Nullable String at) {
    return why(History.of(recordings.get(recording).recording()), table, key, column, at);
  }

  private static Map<String, @Nullable Object> why(
      History history, String label, String key, @Nullable String named, @Nullable String at) {
    TableShape table = HistoryJson.table(history, label);
    Column column = column(table, named);
    long row = Numbers.parameter("key", key);
    Recording recording = history.recording();
    long moment = HistoryJson.moment(history, "at", at);
    List<Why.Link> links = Why.of(recording, table, row, column, moment);
    if (links.isEmpty()) {
      throw new NotFoundException(
          Rule.UNKNOWN_ROW, "%s has no row %s up to %d".formatted(label, key, moment));
    }
    Map<String, @Nullable Object> json = link(recording, links.getFirst());
    json.put("at", moment);
    json.put("causes", links.stream().skip(1).map(link -> link(recording, link)).toList());
    return json;
  }

  private static Column column(TableShape table, @Nullable String label) {
    if (label == null) {
      return table.columns().getLast();
    }
    return table.columns().stream()
        .filter(column -> column.label().equals(label))
        .findFirst()
        .orElseThrow(
            () -> BadRequestException.parameter("column", table.label() + " has no " + label));
  }

  private static Map<String, @Nullable Object> link(Recording recording, Why.Link link) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    if (!link.because().isEmpty()) {
      json.put("because", link.because());
    }
    json.put("table", link.table().label());
    json.put("key", RecordJson.key(link.table(), link.key()));
    json.put("column", link.column().label());
    Player player =
        recording.player(link.sequence() > 0 ? link.sequence() : recording.firstMoment());
    FoldedState state = player.state();
    boolean exists = state.rows(link.table()).contains(link.key());
    json.put(
        "row",
        exists
            ? RecordJson.row(link.table(), state.rows(link.table()), link.key(), state.strings())
            : null);
    LogRecord change = link.sequence() > 0 ? player.current() : null;
    json.put("seq", link.sequence());
    json.put("change", change == null ? null : RecordJson.of(change));
    json.put("step", link.step());
    json.put("firstSeq", link.firstSequence());
    json.put("lastSeq", link.lastSequence());
    json.put("story", link.story());
    return json;
  }

  @GetMapping("/diff")
  @Operation(summary = "What differs between two moments of laboratories or recordings")
  Map<String, @Nullable Object> diff(
      @RequestParam String left,
      @RequestParam String right,
      @RequestParam(required = false) @Nullable String leftAt,
      @RequestParam(required = false) @Nullable String rightAt,
      HttpServletRequest request) {
    History one = history("left", left, request);
    History other = history("right", right, request);
    Recording leftRecording = one.recording();
    Recording rightRecording = other.recording();
    Diff diff =
        Diff.of(
            leftRecording,
            HistoryJson.moment(one, "leftAt", leftAt),
            rightRecording,
            HistoryJson.moment(other, "rightAt", rightAt));
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("left", side(left, diff.left()));
    json.put("right", side(right, diff.right()));
    json.put("same", diff.tables().isEmpty());
    long first = diff.firstDifferent();
    json.put("firstDifferent", first == 0 ? null : first);
    json.put("leftRecord", first == 0 ? null : record(leftRecording, first));
    json.put("rightRecord", first == 0 ? null : record(rightRecording, first));
    Map<String, Object> tables = new LinkedHashMap<>();
    diff.tables().forEach(rest -> tables.put(rest.table().label(), rest(diff, rest)));
    json.put("tables", tables);
    return json;
  }

  /** {@code labs/ID} or {@code recordings/ID}. */
  private History history(String parameter, String name, HttpServletRequest request) {
    int slash = name.indexOf('/');
    String id = name.substring(slash + 1);
    access.check(request, id, Access.Level.LOOK);
    try {
      return switch (name.substring(0, Math.max(0, slash))) {
        case "labs" -> History.of(laboratories.get(id));
        case "recordings" -> History.of(recordings.get(id).recording());
        default ->
            throw BadRequestException.parameter(
                parameter, parameter + " must be labs/ID or recordings/ID, not " + name);
      };
    } catch (NoSuchLaboratoryException missing) {
      throw new NotFoundException(
          Rule.UNKNOWN_LAB, parameter, Objects.requireNonNull(missing.getMessage()));
    } catch (NoSuchRecordingException missing) {
      throw new NotFoundException(
          Rule.UNKNOWN_RECORDING, parameter, Objects.requireNonNull(missing.getMessage()));
    }
  }

  private static Map<String, Object> side(String name, Player player) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("of", name);
    json.put("at", player.sequence());
    json.put("hash", player.hash());
    return json;
  }

  private static Map<String, Object> record(Recording recording, long sequence) {
    LogRecord record = recording.player(sequence).current();
    return record == null ? Map.of() : RecordJson.of(record);
  }

  private static Map<String, Object> rest(Diff diff, Diff.Rest rest) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Diff.RowDiff row : rest.rows()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("key", RecordJson.key(rest.table(), row.key()));
      json.put("columns", row.columns().stream().map(Column::label).toList());
      putRow(json, "left", row.inLeft(), diff.left(), rest.table().label(), row.key());
      putRow(json, "right", row.inRight(), diff.right(), rest.table().label(), row.key());
      rows.add(json);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rows", rows);
    json.put("more", rest.more());
    return json;
  }

  private static void putRow(
      Map<String, Object> json,
      String side,
      boolean isThere,
      Player player,
      String label,
      long key) {
    TableShape table = player.state().schema().table(label).orElse(null);
    if (isThere && table != null) {
      FoldedState state = player.state();
      json.put(side, RecordJson.row(table, state.rows(table), key, state.strings()));
    }
  }

  @GetMapping("/labs/{lab}/frames/{ppn}/bytes")
  @Operation(summary = "The bytes of a frame, now or as they were at the end of a command")
  ResponseEntity<byte[]> bytes(
      @PathVariable String lab,
      @PathVariable String ppn,
      @RequestParam(required = false) @Nullable String at) {
    Laboratory laboratory = laboratories.get(lab);
    long number = ppn(ppn, laboratory.settings().kernel().machine().frames());
    long moment = HistoryJson.moment(History.of(laboratory), "at", at);
    return bytes(
        moment,
        at == null
            ? laboratory.ask(kernel -> bytes(kernel, number))
            : replicas.ask(laboratory, moment, then -> then.ask(kernel -> bytes(kernel, number))));
  }

  @GetMapping("/recordings/{recording}/frames/{ppn}/bytes")
  @Operation(summary = "The bytes of a frame, as they were at the end of a command")
  ResponseEntity<byte[]> bytesInRecording(
      @PathVariable String recording,
      @PathVariable String ppn,
      @RequestParam(required = false) @Nullable String at) {
    Recordings.Kept kept = recordings.get(recording);
    long moment = HistoryJson.moment(History.of(kept.recording()), "at", at);
    return bytes(
        moment,
        replicas.ask(
            kept,
            moment,
            then -> {
              long number = ppn(ppn, then.settings().kernel().machine().frames());
              return then.ask(kernel -> bytes(kernel, number));
            }));
  }

  private static long ppn(String text, int frames) {
    long number = Numbers.parameter("ppn", text);
    if (number < 0 || number >= frames) {
      throw BadRequestException.parameter("ppn", "frames go from 0 to " + (frames - 1));
    }
    return number;
  }

  private static ResponseEntity<byte[]> bytes(long moment, byte[] bytes) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .header(MOMENT, Long.toString(moment))
        .body(bytes);
  }

  private static byte[] bytes(Kernel kernel, long ppn) {
    byte[] bytes = new byte[FRAME_BYTES];
    kernel.machine().memory().get(ppn * FRAME_BYTES, bytes, 0, FRAME_BYTES);
    return bytes;
  }
}
