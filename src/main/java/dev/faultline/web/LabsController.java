package dev.faultline.web;

import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Recordings;
import dev.faultline.lab.Settings;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.JsonNodeFactory;

/** Laboratories: open, list, look at, end. */
@RestController
// an Accept that cannot be met is refused before anything is done
@RequestMapping(path = "/api/v1", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Laboratories")
class LabsController {
  private static final int MOST_TLB_ENTRIES = 1024;
  private static final int LONGEST_NAME = 100;

  private final Laboratories laboratories;
  private final Recordings recordings;
  private final Bodies bodies;

  LabsController(Laboratories laboratories, Recordings recordings, Bodies bodies) {
    this.laboratories = laboratories;
    this.recordings = recordings;
    this.bodies = bodies;
  }

  @PostMapping("/labs")
  @Operation(summary = "Open a laboratory; every member of the body may be left out")
  ResponseEntity<Map<String, @Nullable Object>> open(HttpServletRequest request)
      throws IOException {
    byte[] body = bodies.bytes(request.getInputStream());
    Members members =
        new Members(
            body.length == 0 ? JsonNodeFactory.instance.objectNode() : bodies.json(body), "");
    Laboratory lab = members.has("from") ? branch(members) : laboratories.open(settings(members));
    return ResponseEntity.created(URI.create("/api/v1/labs/" + lab.id())).body(json(lab));
  }

  /** A branch has its parent's settings; only the name is its own. */
  private Laboratory branch(Members members) throws IOException {
    String name = members.has("name") ? name(members) : null;
    Members from = members.object("from").orElseThrow();
    long sequence = from.number("seq");
    boolean ofLab = from.has("lab");
    boolean ofRecording = from.has("recording");
    from.refuseOthers();
    members.refuseOthers();
    if (ofLab == ofRecording) {
      throw from.bad("lab", "or recording must be given, one of them");
    }
    return ofLab
        ? laboratories.branch(laboratories.get(from.text("lab")), sequence, name)
        : branch(recordings.get(from.text("recording")), sequence, name);
  }

  private Laboratory branch(Recordings.Kept kept, long sequence, @Nullable String name)
      throws IOException {
    return laboratories.branch(kept.recording(), kept.id(), sequence, name);
  }

  private static String name(Members members) {
    String name = members.text("name", "laboratory");
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw members.bad("name", "must have 1 to " + LONGEST_NAME + " characters");
    }
    return name;
  }

  private Settings settings(Members members) {
    String name = name(members);
    long seed = members.number("seed", 0L);
    int frames =
        members.number("frames", Limits.LEAST_FRAMES, Integer.MAX_VALUE, Settings.DEFAULT_FRAMES);
    PagingMode paging =
        choice(members, "paging", PagingMode.labelled(members.text("paging", "sv39")));
    PrivateFileStrategy privateFile =
        choice(
            members,
            "privateFile",
            PrivateFileStrategy.labelled(members.text("privateFile", "lazy")));
    int defaultSwap = Math.min(Settings.swapFor(frames), laboratories.limits().swap());
    int swap = members.number("swap", 0, Integer.MAX_VALUE, defaultSwap);
    ReclaimPolicy reclaim =
        choice(members, "reclaim", ReclaimPolicy.labelled(members.text("reclaim", "lru")));
    AdBits adBits =
        switch (members.text("adBits", "hardware")) {
          case "hardware" -> AdBits.HARDWARE;
          case "fault" -> AdBits.FAULT;
          default -> throw members.bad("adBits", "must be hardware or fault");
        };
    int readahead = members.number("readahead", 0, Prefetch.MOST_READAHEAD, 0);
    int faultAround = members.number("faultAround", 0, Prefetch.MOST_FAULT_AROUND, 0);
    if (Integer.bitCount(faultAround) > 1) {
      throw members.bad("faultAround", "must be 0 or a power of two");
    }
    Overcommit overcommit =
        choice(members, "overcommit", Overcommit.labelled(members.text("overcommit", "guess")));
    Thp thp = choice(members, "thp", Thp.labelled(members.text("thp", "madvise")));
    Optional<Members> tlb = members.object("tlb");
    int entries =
        tlb.map(t -> powerOfTwo(t, "entries", MOST_TLB_ENTRIES, Settings.DEFAULT_TLB_ENTRIES))
            .orElse(Settings.DEFAULT_TLB_ENTRIES);
    int ways =
        tlb.map(t -> powerOfTwo(t, "ways", entries, Math.min(entries, Settings.DEFAULT_TLB_WAYS)))
            .orElse(Settings.DEFAULT_TLB_WAYS);
    Replacement policy =
        tlb.map(t -> choice(t, "policy", Replacement.labelled(t.text("policy", "roundRobin"))))
            .orElse(Replacement.ROUND_ROBIN);
    tlb.ifPresent(Members::refuseOthers);
    members.refuseOthers();
    var machine = new MachineConfiguration(0, frames, paging, entries, ways, policy, seed, adBits);
    var prefetch = new Prefetch(readahead, faultAround);
    var kernel =
        new KernelConfiguration(machine, privateFile, prefetch, swap, reclaim, overcommit, thp);
    return new Settings(name, seed, kernel);
  }

  private static <T> T choice(Members members, String member, Optional<T> found) {
    return found.orElseThrow(() -> members.bad(member, "has no such choice"));
  }

  private static int powerOfTwo(Members members, String member, int most, int otherwise) {
    int value = members.number(member, 1, most, otherwise);
    if (Integer.bitCount(value) != 1) {
      throw members.bad(member, "must be a power of two");
    }
    return value;
  }

  @GetMapping("/labs")
  @Operation(summary = "List the laboratories that are alive")
  List<Map<String, @Nullable Object>> list() {
    return laboratories.all().stream().map(this::json).toList();
  }

  @GetMapping("/labs/{lab}")
  @Operation(summary = "Look at one laboratory: its settings, its head and its limits")
  Map<String, @Nullable Object> get(@PathVariable String lab) {
    return json(laboratories.get(lab));
  }

  @DeleteMapping("/labs/{lab}")
  @Operation(summary = "End a laboratory")
  ResponseEntity<Void> end(@PathVariable String lab) {
    laboratories.end(lab);
    return ResponseEntity.noContent().build();
  }

  @GetMapping("/limits")
  @Operation(summary = "Every limit with its value")
  Limits limits() {
    return laboratories.limits();
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
    json.put("recorded", lab.isRecorded());
    json.put("tornBytes", lab.torn());
    json.put("limits", laboratories.limits());
    return json;
  }
}
