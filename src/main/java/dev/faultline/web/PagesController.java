package dev.faultline.web;

import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.Recordings;
import dev.faultline.lab.Settings;
import dev.faultline.lesson.Scenario;
import dev.faultline.lesson.Scenarios;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.RecordingHeader.Parent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The pages that people open. */
@Controller
class PagesController {
  private static final String SAMPLE_PATH = "/data/letters";
  private static final int SAMPLE_MODE = 0644;
  private static final int PAGE = 4096;
  private static final int LONGEST_NAME = 60;

  private final Laboratories laboratories;
  private final Scenarios scenarios;
  private final CommandForms forms;
  private final Access access;
  private final Recordings recordings;
  private final Embedding embedding;

  PagesController(
      Laboratories laboratories,
      Recordings recordings,
      Scenarios scenarios,
      CommandForms forms,
      Access access,
      Embedding embedding) {
    this.embedding = embedding;
    this.laboratories = laboratories;
    this.recordings = recordings;
    this.scenarios = scenarios;
    this.forms = forms;
    this.access = access;
  }

  /** What a page says of a laboratory. */
  record Summary(String id, String name, String privateFile, int frames, long head) {
    static Summary of(Laboratory lab) {
      Settings settings = lab.settings();
      return new Summary(
          lab.id(),
          settings.name(),
          settings.kernel().privateFile().label(),
          settings.kernel().machine().frames(),
          lab.log().head());
    }

    static Summary of(Recordings.Kept kept) {
      RecordingHeader header = kept.recording().header();
      Map<String, Object> configuration = header.configuration();
      return new Summary(
          kept.id(),
          header.name(),
          String.valueOf(configuration.get("privateFile")),
          configuration.get("frames") instanceof Number frames ? frames.intValue() : 0,
          kept.recording().lastMoment());
    }
  }

  @GetMapping("/api")
  ModelAndView calls() {
    return new ModelAndView("api");
  }

  @GetMapping("/")
  ModelAndView start(HttpServletRequest request) {
    Map<String, List<Scenario>> groups =
        scenarios.all().stream().collect(groupingBy(Scenario::group, LinkedHashMap::new, toList()));
    return new ModelAndView("index")
        .addObject("groups", groups)
        .addObject("labs", seen(request).reversed())
        .addObject(
            "recordings",
            recordings.all().stream()
                .filter(kept -> access.level(request, kept.id()) != Access.Level.NONE)
                .sorted(comparing(PagesController::created, reverseOrder()))
                .map(Summary::of)
                .toList());
  }

  private static String created(Recordings.Kept kept) {
    return kept.recording().header().created();
  }

  private List<Summary> seen(HttpServletRequest request) {
    return laboratories.all().stream()
        .filter(lab -> access.level(request, lab.id()) != Access.Level.NONE)
        .map(Summary::of)
        .toList();
  }

  /** Opens a laboratory in which a process has a file open, ready to be mapped. */
  @PostMapping("/labs")
  String open(
      @RequestParam(defaultValue = "") String name,
      @RequestParam(defaultValue = "lazy") String privateFile,
      @RequestParam(defaultValue = "1") int harts,
      HttpServletRequest request,
      HttpServletResponse response) {
    String wanted = name.strip();
    Laboratory lab =
        laboratories.open(
            Settings.of(
                    wanted.isEmpty()
                        ? "laboratory"
                        : wanted.substring(0, Math.min(wanted.length(), LONGEST_NAME)),
                    PrivateFileStrategy.labelled(privateFile).orElse(PrivateFileStrategy.LAZY))
                .withHarts(Math.clamp(harts, 1, MachineConfiguration.MOST_HARTS)));
    lab.execute(new Command.PutFile(SAMPLE_PATH, SAMPLE_MODE, letters()));
    lab.execute(new Command.Spawn("demo"));
    lab.execute(new Command.Open(1, SAMPLE_PATH, OpenFlag.RDWR.bit(), 0));
    access.keepOwners(lab.id(), request, response);
    return "redirect:/labs/" + lab.id();
  }

  /** Opens a scenario's laboratory; the page then goes through its steps. */
  @PostMapping("/scenarios/{id}")
  String openScenario(
      @PathVariable String id, HttpServletRequest request, HttpServletResponse response) {
    Laboratory lab = Scenarios.open(laboratories, scenario(id));
    access.keepOwners(lab.id(), request, response);
    return "redirect:/labs/%s?scenario=%s".formatted(lab.id(), id);
  }

  private Scenario scenario(String id) {
    return scenarios
        .find(id)
        .orElseThrow(
            () -> new NotFoundException(Rule.UNKNOWN_SCENARIO, "there is no scenario " + id));
  }

  /** Four and a half pages, each filled with a letter of its own. */
  private static byte[] letters() {
    byte[] bytes = new byte[4 * PAGE + PAGE / 2];
    for (int from = 0; from < bytes.length; from += PAGE) {
      Arrays.fill(bytes, from, Math.min(bytes.length, from + PAGE), (byte) ('A' + from / PAGE));
    }
    return bytes;
  }

  @GetMapping("/labs/{lab}")
  ModelAndView lab(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String scenario,
      @RequestParam(required = false) @Nullable String view,
      @RequestParam(required = false) @Nullable String embed,
      @RequestParam(required = false) @Nullable String panels,
      HttpServletRequest request,
      HttpServletResponse response) {
    Laboratory shown = laboratories.get(lab);
    boolean mayAct =
        view == null && embed == null && access.level(request, lab) == Access.Level.ACT;
    ModelAndView page = new ModelAndView("lab");
    if (embed != null) {
      embedding.open(page, panels, response);
    }
    return page.addObject("scenario", scenario == null || !mayAct ? null : scenario(scenario))
        .addObject("lab", Summary.of(shown))
        .addObject("parent", parent(shown))
        .addObject("mayAct", mayAct)
        .addObject("viewToken", mayAct ? access.viewToken(lab) : null)
        .addObject("tabs", forms.tabs())
        .addObject("others", forms.others());
  }

  /**
   * Where a branch comes from, the page that shows that moment, and the one that shows both while
   * the parent is alive.
   */
  record Origin(String name, long sequence, @Nullable String page, @Nullable String compare) {}

  private @Nullable Origin parent(Laboratory lab) {
    Parent parent = lab.parent();
    if (parent == null) {
      return null;
    }
    String id = parent.lab();
    boolean isRecording = recordings.all().stream().anyMatch(kept -> kept.id().equals(id));
    boolean isAlive = laboratories.all().stream().anyMatch(each -> each.id().equals(id));
    String kind = isRecording ? "recordings" : "labs";
    return new Origin(
        id,
        parent.sequence(),
        isRecording || isAlive ? "/%s/%s?at=%d".formatted(kind, id, parent.sequence()) : null,
        isAlive ? "/compare?left=%s&right=%s".formatted(id, lab.id()) : null);
  }

  /** Goes on from a moment in a laboratory of one's own; who may only look may do that too. */
  @PostMapping("/labs/{lab}/branch")
  String branch(
      @PathVariable String lab,
      @RequestParam long seq,
      HttpServletRequest request,
      HttpServletResponse response) {
    Laboratory branch = laboratories.branch(laboratories.get(lab), seq, null);
    access.keepOwners(branch.id(), request, response);
    return "redirect:/labs/" + branch.id();
  }

  /** Two laboratories side by side; without both, the choice of what to compare. */
  @GetMapping("/compare")
  ModelAndView compare(
      @RequestParam(required = false) @Nullable String left,
      @RequestParam(required = false) @Nullable String right,
      @RequestParam(required = false) @Nullable String scenario,
      HttpServletRequest request) {
    if (left == null || right == null) {
      return new ModelAndView("compare-start")
          .addObject("scenarios", scenarios.all().stream().filter(s -> s.beside() != null).toList())
          .addObject("chosen", scenario)
          .addObject("labs", seen(request));
    }
    access.check(request, left, Access.Level.LOOK);
    access.check(request, right, Access.Level.LOOK);
    Summary one = Summary.of(laboratories.get(left));
    Summary other = Summary.of(laboratories.get(right));
    Scenario taught = scenario == null ? null : scenario(scenario);
    Scenario.Beside beside = taught == null ? null : taught.beside();
    return new ModelAndView("compare")
        .addObject("left", one)
        .addObject("right", other)
        .addObject("leftTitle", beside == null ? one.name() : beside.here())
        .addObject("rightTitle", beside == null ? other.name() : beside.title())
        .addObject("scenario", taught)
        .addObject("tabs", forms.tabs())
        .addObject("others", forms.others());
  }

  /** Opens a scenario's laboratory, and the one that is to stand beside it. */
  @PostMapping("/compare")
  String openBoth(
      @RequestParam String scenario, HttpServletRequest request, HttpServletResponse response) {
    Scenario taught = scenario(scenario);
    Scenario.Beside beside = taught.beside();
    if (beside == null) {
      throw new NotFoundException(
          Rule.UNKNOWN_SCENARIO, "the scenario " + scenario + " has nothing to stand beside it");
    }
    Laboratory left = Scenarios.open(laboratories, taught);
    Laboratory right = Scenarios.open(laboratories, beside);
    access.keepOwners(left.id(), request, response);
    access.keepOwners(right.id(), request, response);
    return "redirect:/compare?left=%s&right=%s&scenario=%s"
        .formatted(left.id(), right.id(), scenario);
  }

  @ExceptionHandler
  ModelAndView noSuchLaboratory(NoSuchLaboratoryException exception) {
    return page(Rule.UNKNOWN_LAB, Rule.UNKNOWN_LAB.status(), exception.getMessage());
  }

  @ExceptionHandler
  ModelAndView limit(LimitException exception) {
    return page(Rule.LIMIT_LABS, Rule.LIMIT_LABS.status(), exception.getMessage());
  }

  @ExceptionHandler
  ModelAndView notFound(NotFoundException exception) {
    return page(exception.rule(), exception.rule().status(), exception.getMessage());
  }

  private static ModelAndView page(Rule rule, HttpStatus status, @Nullable String detail) {
    var page =
        new ModelAndView("problem")
            .addObject("rule", rule.label())
            .addObject("title", rule.title())
            .addObject("meaning", rule.explanation());
    page.setStatus(status);
    if (detail != null) {
      page.addObject("detail", detail);
    }
    return page;
  }
}
