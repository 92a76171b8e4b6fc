package dev.faultline.web;

import dev.faultline.kernel.Audit;
import dev.faultline.kernel.fs.Content;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.kernel.process.MapsText;
import dev.faultline.kernel.process.PagemapText;
import dev.faultline.kernel.process.SmapsText;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Standing;
import dev.faultline.log.Schema;
import dev.faultline.machine.mmu.Access;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Everything that can be read of a laboratory without changing it. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "Reading")
class ReadingController {
  private static final int DEFAULT_INSTRUCTIONS = 16;
  private static final int MOST_INSTRUCTIONS = 1_000;

  private final Laboratories laboratories;

  ReadingController(Laboratories laboratories) {
    this.laboratories = laboratories;
  }

  @GetMapping("/schema")
  @Operation(
      summary = "Tables with their columns, kinds of steps and operations with their templates")
  Map<String, Object> schema() {
    return Schema.CURRENT.describe();
  }

  @GetMapping("/labs/{lab}/tables/{table}")
  @Operation(
      summary = "The rows of a table, now or as they stood at a moment",
      description =
          "Any other parameter is a filter: a column's name and the value that it must have.")
  Map<String, Object> table(
      @PathVariable String lab,
      @PathVariable String table,
      @RequestParam(required = false) @Nullable String at,
      @Parameter(hidden = true) @RequestParam Map<String, String> parameters) {
    return HistoryJson.rows(History.of(laboratories.get(lab)), table, at, parameters);
  }

  @GetMapping(value = "/labs/{lab}/changes", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(summary = "Changes and story records after a moment")
  ResponseEntity<Changes> changes(
      @PathVariable String lab,
      @RequestParam(defaultValue = "0") String after,
      @RequestParam(required = false) @Nullable String limit,
      HttpServletRequest request) {
    return HistoryJson.changes(History.of(laboratories.get(lab)), after, limit, request);
  }

  @GetMapping(value = "/labs/{lab}/changes", produces = MediaType.APPLICATION_NDJSON_VALUE)
  @Operation(hidden = true)
  NdJson changeLines(
      @PathVariable String lab,
      @RequestParam(defaultValue = "0") String after,
      @RequestParam(required = false) @Nullable String limit) {
    return HistoryJson.lines(History.of(laboratories.get(lab)), after, limit);
  }

  @GetMapping(
      value = "/labs/{lab}/processes/{pid}/maps",
      produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
  @Operation(summary = "/proc/pid/maps as Linux prints it")
  String maps(@PathVariable String lab, @PathVariable int pid) {
    return laboratories.get(lab).ask(pid, (kernel, process) -> MapsText.of(process));
  }

  @GetMapping(
      value = "/labs/{lab}/processes/{pid}/strace",
      produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
  @Operation(summary = "The last system calls of a process, as strace tells them")
  String strace(@PathVariable String lab, @PathVariable int pid) {
    return laboratories.get(lab).askOfAny(pid, process -> process.trace().text());
  }

  @GetMapping(
      value = "/labs/{lab}/processes/{pid}/smaps",
      produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
  @Operation(summary = "/proc/pid/smaps as Linux prints it")
  String smaps(@PathVariable String lab, @PathVariable int pid) {
    Laboratory laboratory = laboratories.get(lab);
    Thp thp = laboratory.settings().kernel().thp();
    return laboratory.ask(
        pid,
        (kernel, process) ->
            SmapsText.of(process, kernel.frames(), kernel.cache(), kernel.swap(), thp));
  }

  @GetMapping(
      value = "/labs/{lab}/processes/{pid}/smaps_rollup",
      produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
  @Operation(summary = "/proc/pid/smaps_rollup as Linux prints it: sums over all VMAs")
  String smapsRollup(@PathVariable String lab, @PathVariable int pid) {
    return laboratories
        .get(lab)
        .ask(
            pid,
            (kernel, process) ->
                SmapsText.rollup(process, kernel.frames(), kernel.cache(), kernel.swap()));
  }

  @GetMapping(
      value = "/labs/{lab}/processes/{pid}/status",
      produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
  @Operation(summary = "/proc/pid/status as Linux prints it")
  String status(@PathVariable String lab, @PathVariable int pid) {
    return laboratories
        .get(lab)
        .ask(
            pid,
            (kernel, process) -> {
              Content status = kernel.files().generated("/proc/" + pid + "/status");
              return status == null ? "" : text(status);
            });
  }

  private static String text(Content content) {
    return new String(content.read(0, Math.toIntExact(content.size())), StandardCharsets.UTF_8);
  }

  @GetMapping(
      value = "/labs/{lab}/processes/{pid}/pagemap",
      produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
  @Operation(
      summary = "/proc/pid/pagemap in words",
      description =
          "A line for each page that is present or swapped out: its address, the 64 bits of Linux's"
              + " pagemap, `present pfn 0x12` or `swapped slot 3`, then `anon`, `file` or `zero`"
              + " (the shared zero page), and `exclusive` when no other entry maps the frame.")
  String pagemap(@PathVariable String lab, @PathVariable int pid) {
    return laboratories
        .get(lab)
        .ask(pid, (kernel, process) -> PagemapText.of(process, kernel.frames()));
  }

  @GetMapping("/labs/{lab}/processes/{pid}/translate")
  @Operation(summary = "Each step of the walk for an address, without side effects")
  Map<String, @Nullable Object> translate(
      @PathVariable String lab,
      @PathVariable int pid,
      @RequestParam(required = false) @Nullable String address,
      @RequestParam(defaultValue = "load") String access) {
    if (address == null) {
      throw BadRequestException.parameter("address", "address is missing");
    }
    long va = Numbers.parameter("address", address);
    Access wanted =
        switch (access.toLowerCase(Locale.ROOT)) {
          case "load", "read" -> Access.LOAD;
          case "store", "write" -> Access.STORE;
          case "fetch", "execute", "exec" -> Access.FETCH;
          default ->
              throw BadRequestException.parameter(
                  "access", "access must be load, store or fetch, not " + access);
        };
    return laboratories
        .get(lab)
        .ask(pid, (kernel, process) -> TranslationJson.of(kernel, process, va, wanted));
  }

  @GetMapping("/labs/{lab}/processes/{pid}/registers")
  @Operation(summary = "Where a process stands, with all its registers")
  Map<String, @Nullable Object> registers(@PathVariable String lab, @PathVariable int pid) {
    return OutcomeJson.standing(laboratories.get(lab).ask(pid, Standing::of));
  }

  @GetMapping("/labs/{lab}/processes/{pid}/code")
  @Operation(summary = "Instructions in assembly, read through the tables without side effects")
  Map<String, Object> code(
      @PathVariable String lab,
      @PathVariable int pid,
      @RequestParam(required = false) @Nullable String address,
      @RequestParam(required = false) @Nullable String count) {
    long most = count == null ? DEFAULT_INSTRUCTIONS : Numbers.parameter("count", count);
    if (most < 1 || most > MOST_INSTRUCTIONS) {
      throw BadRequestException.parameter(
          "count", "count must lie between 1 and " + MOST_INSTRUCTIONS);
    }
    Long from = address == null ? null : Numbers.parameter("address", address);
    if (from != null && (from & 1) != 0) {
      throw BadRequestException.parameter("address", "instructions begin at even addresses");
    }
    return laboratories
        .get(lab)
        .ask(pid, (kernel, process) -> CodeJson.of(kernel, process, from, (int) most));
  }

  @GetMapping("/labs/{lab}/frames/{ppn}")
  @Operation(summary = "A frame: its references, every mapping, its file page, its history")
  Map<String, @Nullable Object> frame(@PathVariable String lab, @PathVariable String ppn) {
    return FrameJson.of(laboratories.get(lab), Numbers.parameter("ppn", ppn));
  }

  @GetMapping("/labs/{lab}/audit")
  @Operation(summary = "Recount every reference and compare every row with the machine")
  Map<String, Object> audit(@PathVariable String lab) {
    Audit audit = laboratories.get(lab).audit();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("holds", audit.holds());
    json.put("checked", audit.checked());
    json.put("violations", audit.violations());
    return json;
  }
}
