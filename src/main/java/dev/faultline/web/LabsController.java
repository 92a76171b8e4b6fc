package dev.faultline.web;

import static dev.faultline.web.SettingsMembers.NAME;

import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.NoSuchRecordingException;
import dev.faultline.lab.Recordings;
import dev.faultline.lesson.Scenario;
import dev.faultline.lesson.Scenarios;
import dev.faultline.machine.MachineConfiguration;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
import tools.jackson.databind.node.JsonNodeFactory;

/** Laboratories: open, list, look at, end. */
@RestController
// an Accept that cannot be met is refused before anything is done
@RequestMapping(path = "/api/v1", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Laboratories")
class LabsController {
  private final Laboratories laboratories;
  private final Recordings recordings;
  private final Scenarios scenarios;
  private final SettingsReader settings;
  private final Bodies bodies;
  private final Access access;
  private final DataDirectory data;

  LabsController(
      Laboratories laboratories,
      Recordings recordings,
      Scenarios scenarios,
      SettingsReader settings,
      Bodies bodies,
      Access access,
      DataDirectory data) {
    this.laboratories = laboratories;
    this.recordings = recordings;
    this.scenarios = scenarios;
    this.settings = settings;
    this.bodies = bodies;
    this.access = access;
    this.data = data;
  }

  @PostMapping("/labs")
  @Operation(summary = "Open a laboratory; every member of the body may be left out")
  ResponseEntity<Map<String, @Nullable Object>> open(HttpServletRequest request)
      throws IOException {
    byte[] body = bodies.bytes(request.getInputStream());
    Members members =
        new Members(
            body.length == 0 ? JsonNodeFactory.instance.objectNode() : bodies.json(body), "");
    Laboratory lab = open(members, request);
    Map<String, @Nullable Object> json = json(lab);
    json.putAll(access.tokens(lab.id()));
    return ResponseEntity.created(URI.create("/api/v1/labs/" + lab.id())).body(json);
  }

  private Laboratory open(Members members, HttpServletRequest request) throws IOException {
    if (members.has("from")) {
      return branch(members, request);
    }
    return members.has("scenario") ? scenario(members) : laboratories.open(settings.read(members));
  }

  /** A scenario has its own settings, and its title for a name. */
  private Laboratory scenario(Members members) {
    String id = members.text("scenario");
    members.refuseOthers();
    Scenario scenario =
        scenarios.find(id).orElseThrow(() -> members.bad("scenario", "names none: " + id));
    return Scenarios.open(laboratories, scenario);
  }

  /** A branch has its parent's settings; only the name is its own. */
  private Laboratory branch(Members members, HttpServletRequest request) throws IOException {
    String name = members.has(NAME) ? members.get(NAME) : null;
    Members from = members.object("from").orElseThrow();
    long sequence = from.number("seq");
    boolean ofLab = from.has("lab");
    boolean ofRecording = from.has("recording");
    from.refuseOthers();
    members.refuseOthers();
    if (ofLab == ofRecording) {
      throw from.bad("lab", "or recording must be given, one of them");
    }
    access.check(request, from.text(ofLab ? "lab" : "recording"), Access.Level.LOOK);
    try {
      return ofLab
          ? laboratories.branch(laboratories.get(from.text("lab")), sequence, name)
          : branch(recordings.get(from.text("recording")), sequence, name);
    } catch (NoSuchLaboratoryException missing) {
      throw new NotFoundException(
          Rule.UNKNOWN_LAB, "from.lab", Objects.requireNonNull(missing.getMessage()));
    } catch (NoSuchRecordingException missing) {
      throw new NotFoundException(
          Rule.UNKNOWN_RECORDING, "from.recording", Objects.requireNonNull(missing.getMessage()));
    }
  }

  private Laboratory branch(Recordings.Kept kept, long sequence, @Nullable String name)
      throws IOException {
    return laboratories.branch(kept.recording(), kept.id(), sequence, name);
  }

  @GetMapping("/labs")
  @Operation(summary = "List the laboratories that are alive")
  ResponseEntity<List<Object>> list(
      @RequestParam(required = false) @Nullable String limit,
      @RequestParam(required = false) @Nullable String cursor,
      HttpServletRequest request) {
    List<Laboratory> seen =
        laboratories.all().stream()
            .filter(lab -> access.level(request, lab.id()) != Access.Level.NONE)
            .toList();
    return Slice.of(seen, LabsController::place, this::json, limit, cursor, request);
  }

  /** Sorts as {@link Laboratories#all} does. */
  private static String place(Laboratory lab) {
    Instant created = lab.created();
    return "%019d.%09d %s".formatted(created.getEpochSecond(), created.getNano(), lab.id());
  }

  @GetMapping("/labs/{lab}")
  @Operation(summary = "Look at one laboratory: its settings, its head and its limits")
  ResponseEntity<Map<String, @Nullable Object>> get(@PathVariable String lab) {
    Laboratory laboratory = laboratories.get(lab);
    String tag = Expectation.tag(laboratory.log().head());
    return ResponseEntity.ok().eTag(tag).body(json(laboratory));
  }

  @DeleteMapping("/labs/{lab}")
  @Operation(summary = "End a laboratory")
  ResponseEntity<Void> end(@PathVariable String lab) {
    laboratories.end(lab);
    return ResponseEntity.noContent().build();
  }

  @GetMapping("/limits")
  @Operation(summary = "Every limit with its value, and how much is in use of those of the server")
  ServerLimits limits() {
    return new ServerLimits(
        laboratories.limits(),
        new ServerLimits.Used(laboratories.all().size(), recordings.all().size(), data.bytes()));
  }

  private Map<String, @Nullable Object> json(Laboratory lab) {
    MachineConfiguration machine = lab.settings().kernel().machine();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", lab.id());
    json.put("name", lab.settings().name());
    json.put("created", lab.created().toString());
    json.put("seed", lab.settings().seed());
    json.put("head", lab.log().head());
    json.put("lastOperation", lab.lastOperation());
    json.put("frames", machine.frames());
    json.put("freeFrames", lab.ask(kernel -> kernel.frames().free()));
    json.put("paging", machine.paging().label());
    Map<String, @Nullable Object> tlb = new LinkedHashMap<>();
    tlb.put("entries", machine.tlbEntries());
    tlb.put("ways", machine.tlbWays());
    tlb.put("policy", machine.replacement().label());
    json.put("tlb", tlb);
    json.put("harts", machine.harts());
    json.put("privateFile", lab.settings().kernel().privateFile().label());
    json.put("swap", lab.settings().kernel().swapSlots());
    json.put("freeSwap", lab.ask(kernel -> kernel.swap().free()));
    json.put("reclaim", lab.settings().kernel().reclaim().label());
    json.put("adBits", machine.adBits().name().toLowerCase(Locale.ROOT));
    json.put("overcommit", lab.settings().kernel().overcommit().label());
    json.put("readahead", lab.settings().kernel().prefetch().readahead());
    json.put("faultAround", lab.settings().kernel().prefetch().faultAround());
    json.put("parent", ParentJson.of(lab.parent()));
    json.put("thp", lab.settings().kernel().thp().label());
    json.put("firstMoment", lab.firstMoment());
    String unrecorded = lab.unrecorded();
    json.put("recorded", unrecorded == null);
    json.put("unrecorded", unrecorded);
    json.put("tornBytes", lab.torn());
    json.put("limits", laboratories.limits());
    return json;
  }
}
