package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Recordings;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.Source;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** Recordings on the page of a laboratory: all panels, and nothing to act with but a branch. */
@Controller
class ReplayController {
  private final Laboratories laboratories;
  private final Recordings recordings;
  private final Bodies bodies;
  private final Access access;
  private final SavedPage saved;
  private final Embedding embedding;

  ReplayController(
      Laboratories laboratories,
      Recordings recordings,
      Bodies bodies,
      Access access,
      SavedPage saved,
      Embedding embedding) {
    this.laboratories = laboratories;
    this.recordings = recordings;
    this.bodies = bodies;
    this.access = access;
    this.saved = saved;
    this.embedding = embedding;
  }

  @PostMapping("/recordings")
  String upload(
      @RequestParam MultipartFile file, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Recordings.Kept kept = recordings.add(bodies.bytes(file.getInputStream()));
    access.keepUploaders(kept.id(), request, response);
    return "redirect:/recordings/" + kept.id();
  }

  @GetMapping("/recordings/{recording}")
  ModelAndView recording(
      @PathVariable String recording,
      @RequestParam(required = false) @Nullable String embed,
      @RequestParam(required = false) @Nullable String panels,
      HttpServletResponse response) {
    Recordings.Kept kept = recordings.get(recording);
    ModelAndView page =
        page(
            PagesController.Summary.of(kept),
            "/api/v1/recordings/" + recording + "/file",
            whyNoBranch(kept.recording().header()));
    if (embed != null) {
      embedding.open(page, panels, response);
    }
    return page;
  }

  /**
   * A recording by its id, or any file of this server by its path; the moment and all else that the
   * address says is for the page.
   */
  @GetMapping("/replay")
  ModelAndView replay(
      @RequestParam(required = false) @Nullable String recording,
      @RequestParam(required = false) @Nullable String url,
      HttpServletRequest request) {
    if (recording != null) {
      String address =
          UriComponentsBuilder.fromPath("/recordings/" + recordings.get(recording).id())
              .query(request.getQueryString())
              .replaceQueryParam("recording")
              .build(true)
              .toUriString();
      return new ModelAndView("redirect:" + address);
    }
    if (url == null || !url.startsWith("/") || url.startsWith("//") || url.contains("\\")) {
      throw BadRequestException.parameter(
          "url", "recording=ID or url=PATH is wanted, the path of a recording on this server");
    }
    return page(
        new PagesController.Summary("", "recording", "", 0, 0),
        url,
        "Only a recording that was uploaded to this server can be branched.");
  }

  /** The page as one file that replays without a server. */
  @GetMapping("/recordings/{recording}/page")
  ModelAndView saveRecording(@PathVariable String recording, HttpServletResponse response)
      throws IOException {
    Recordings.Kept kept = recordings.get(recording);
    return save(PagesController.Summary.of(kept), kept.source(), response);
  }

  @GetMapping("/labs/{lab}/page")
  ModelAndView saveLab(@PathVariable String lab, HttpServletResponse response) throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    PagesController.Summary summary = PagesController.Summary.of(laboratory);
    return save(summary, laboratory.recordingSource(), response);
  }

  private ModelAndView save(
      PagesController.Summary summary, Source recording, HttpServletResponse response)
      throws IOException {
    SavedPage.Parts parts = saved.of(recording);
    RangeBody.name(response, summary.id() + ".html");
    return page(summary, "", "A saved page: all of it is in this file, and nothing more comes.")
        .addObject("saved", parts);
  }

  private static ModelAndView page(
      PagesController.Summary summary, String file, @Nullable String whyNoBranch) {
    return new ModelAndView("lab")
        .addObject("lab", summary)
        .addObject("file", file)
        .addObject("mayAct", true)
        .addObject("whyNoBranch", whyNoBranch);
  }

  private @Nullable String whyNoBranch(RecordingHeader header) {
    if (!header.hasCommands()) {
      return "It cannot be branched: its commands have been given up.";
    }
    return header.engine().equals(laboratories.engine())
        ? null
        : "It cannot be branched: %s wrote it, and this is %s."
            .formatted(header.engine(), laboratories.engine());
  }

  @PostMapping("/recordings/{recording}/branch")
  String branch(
      @PathVariable String recording,
      @RequestParam long seq,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Recordings.Kept kept = recordings.get(recording);
    Laboratory branch = laboratories.branch(kept.recording(), kept.id(), seq, null);
    access.keepOwners(branch.id(), request, response);
    return "redirect:/labs/" + branch.id();
  }
}
