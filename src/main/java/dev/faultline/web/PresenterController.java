package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The presenter of a laboratory: whoever may act may present, whoever may look may follow. */
@RestController
@RequestMapping(path = "/api/v1/labs/{lab}/presenter", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Presenter")
class PresenterController {
  private static final Pattern ITEM = Pattern.compile("[a-z]{1,12}:[0-9a-f:]{1,40}");
  private static final int LONGEST_NAME = 60;

  private final Laboratories laboratories;
  private final Presentations presentations;
  private final Bodies bodies;

  PresenterController(Laboratories laboratories, Presentations presentations, Bodies bodies) {
    this.laboratories = laboratories;
    this.presentations = presentations;
    this.bodies = bodies;
  }

  @GetMapping
  @Operation(summary = "What is presented, and how many watch")
  Map<String, @Nullable Object> now(@PathVariable String lab) {
    return presentations.of(laboratories.get(lab)).now().json();
  }

  @PutMapping
  @Operation(summary = "Present a moment and a selection to all who follow")
  Map<String, @Nullable Object> show(@PathVariable String lab, HttpServletRequest request)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    var members = new Members(bodies.json(request.getInputStream()), "");
    return presentations.of(laboratory).show(place(members, laboratory.log().head())).json();
  }

  private static Presentation.Place place(Members members, long head) {
    Long at = members.has("at") ? (Long) members.number("at") : null;
    if (at != null && (at < 0 || at > head)) {
      throw members.bad("at", "must be a record of the log, 0 to " + head);
    }
    int pid = members.number("pid", 0, Integer.MAX_VALUE, 0);
    long address = members.number("address", 0);
    String item = members.text("item", "");
    if (!item.isEmpty() && !ITEM.matcher(item).matches()) {
      throw members.bad("item", "must be KIND:KEY, as in frame:5 or va:1:10000000");
    }
    String by = members.text("by", "");
    if (by.length() > LONGEST_NAME) {
      throw members.bad("by", "must have at most " + LONGEST_NAME + " characters");
    }
    members.refuseOthers();
    return new Presentation.Place(at, pid, address, item.isEmpty() ? null : item, by);
  }

  @DeleteMapping
  @Operation(summary = "Present no more; those who follow stay where they are")
  ResponseEntity<Void> end(@PathVariable String lab) {
    presentations.of(laboratories.get(lab)).show(null);
    return ResponseEntity.noContent().build();
  }
}
