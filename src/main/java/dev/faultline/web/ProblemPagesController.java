package dev.faultline.web;

import io.swagger.v3.oas.annotations.Hidden;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.ModelAndView;

/** What each rule means, at the address that is its problem type: a page, or JSON for programs. */
@Controller
@RequestMapping("/problems")
@Hidden
class ProblemPagesController {
  @GetMapping(path = "/{rule}", produces = MediaType.TEXT_HTML_VALUE)
  ModelAndView page(@PathVariable String rule) {
    Rule found = find(rule);
    ModelAndView page = ProblemPage.of(found, found.status().value(), null);
    page.setStatus(null); // the page itself is there
    return page;
  }

  @GetMapping(path = "/{rule}", produces = MediaType.APPLICATION_JSON_VALUE)
  @ResponseBody
  Map<String, Object> description(@PathVariable String rule) {
    return json(find(rule));
  }

  @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
  @ResponseBody
  List<Map<String, Object>> all() {
    return Stream.of(Rule.values()).map(ProblemPagesController::json).toList();
  }

  private static Rule find(String label) {
    return Rule.labelled(label)
        .orElseThrow(
            () -> new NotFoundException(Rule.UNKNOWN_ADDRESS, "there is no rule " + label));
  }

  private static Map<String, Object> json(Rule rule) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", rule.type());
    json.put("rule", rule.label());
    json.put("status", rule.status().value());
    json.put("title", rule.title());
    json.put("explanation", rule.explanation());
    return json;
  }
}
