package dev.faultline.web;

import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.Limits;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.NoSuchProcessException;
import dev.faultline.web.CommandForm.Field;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The forms of a laboratory's page. A form is the same command that a script would send, its fields
 * the members; the answer is the fragment that says how it came out.
 */
@Controller
@RequestMapping("/labs/{lab}/forms")
class FormsController {
  private static final int FILE_MODE = 0644;

  private final Laboratories laboratories;
  private final CommandReader reader;
  private final CommandForms forms;
  private final Limits limits;

  FormsController(
      Laboratories laboratories, CommandReader reader, CommandForms forms, Limits limits) {
    this.laboratories = laboratories;
    this.reader = reader;
    this.forms = forms;
    this.limits = limits;
  }

  @PostMapping("/{verb}")
  ModelAndView run(
      @PathVariable String lab,
      @PathVariable String verb,
      @RequestParam MultiValueMap<String, String> fields) {
    Command command = reader.readAll(json(verb, fields)).getFirst();
    return answer(Answer.of(laboratories.get(lab).execute(command)));
  }

  @PostMapping("/put")
  ModelAndView put(
      @PathVariable String lab,
      @RequestParam MultipartFile file,
      @RequestParam(defaultValue = "") String path)
      throws IOException {
    if (file.getSize() > limits.requestBytes()) {
      throw new LimitException(
          "requestBytes",
          limits.requestBytes(),
          "a file has at most " + limits.requestBytes() + " bytes");
    }
    String wanted = path.isBlank() ? nameOf(file) : path.strip();
    String absolute = wanted.startsWith("/") ? wanted : "/" + wanted;
    return answer(
        Answer.of(
            laboratories
                .get(lab)
                .execute(new Command.PutFile(absolute, FILE_MODE, file.getBytes()))));
  }

  /** Some browsers send the whole path of the visitor's own computer: its last part will do. */
  private static String nameOf(MultipartFile file) {
    String name = file.getOriginalFilename();
    if (name == null || name.isBlank()) {
      return "file";
    }
    return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  }

  /** Fields that were left empty are left out; the reader says which of them it needed. */
  private ObjectNode json(String verb, MultiValueMap<String, String> fields) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("do", verb);
    forms.of(verb).ifPresent(form -> form.fields().forEach(field -> put(json, field, fields)));
    return json;
  }

  /** A piece of memory is written as its address, a plus, and its length. */
  private static void put(ObjectNode json, Field field, MultiValueMap<String, String> fields) {
    String value = String.join(" ", fields.getOrDefault(field.name(), List.of()));
    switch (field.kind()) {
      case WORDS, LIST -> {
        if (!value.isBlank()) {
          ArrayNode list = json.putArray(field.name());
          for (String word : value.strip().split("\\s+")) {
            list.add(word);
          }
        }
      }
      case VECTORS -> {
        ArrayNode list = json.putArray(field.name());
        for (String vector : value.strip().split("\\s+", -1)) {
          String[] parts = vector.split("\\+", 2);
          list.addObject().put("address", parts[0]).put("length", parts.length > 1 ? parts[1] : "");
        }
      }
      case FLAG -> {
        if (!value.isBlank()) {
          json.put(field.name(), true);
        }
      }
      case BYTES -> json.putObject(field.name()).put(encoding(fields), value);
      default -> {
        if (!value.isBlank()) {
          json.put(field.name(), value);
        }
      }
    }
  }

  /** How the bytes to be written are given: {@code text}, or {@code hex} where the form says so. */
  private static String encoding(MultiValueMap<String, String> fields) {
    return "hex".equals(fields.getFirst("as")) ? "hex" : "text";
  }

  private static ModelAndView answer(Answer answer) {
    return new ModelAndView("fragments/outcome :: answer").addObject("answer", answer);
  }

  private static ModelAndView refusal(Rule rule, @Nullable String detail) {
    var page =
        new ModelAndView("fragments/outcome :: refusal")
            .addObject("title", rule.title())
            .addObject("detail", detail);
    page.setStatus(rule.status());
    return page;
  }

  @ExceptionHandler
  ModelAndView badRequest(BadRequestException exception) {
    return refusal(exception.rule(), exception.getMessage());
  }

  @ExceptionHandler
  ModelAndView noSuchProcess(NoSuchProcessException exception) {
    return refusal(Rule.UNKNOWN_PROCESS, exception.getMessage());
  }

  @ExceptionHandler
  ModelAndView noSuchLaboratory(NoSuchLaboratoryException exception) {
    return refusal(Rule.UNKNOWN_LAB, exception.getMessage());
  }

  @ExceptionHandler
  ModelAndView tooLarge(TooLargeException exception) {
    return refusal(Rule.TOO_LARGE, exception.getMessage());
  }

  @ExceptionHandler
  ModelAndView tooLarge(MaxUploadSizeExceededException exception) {
    return refusal(Rule.TOO_LARGE, "the file is larger than an upload may be");
  }

  @ExceptionHandler
  ModelAndView limit(LimitException exception) {
    return refusal(Rule.TOO_LARGE, exception.getMessage());
  }
}
