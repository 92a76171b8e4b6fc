package dev.faultline.web;

import dev.faultline.lab.ArchiveException;
import dev.faultline.lab.CannotBranchException;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.NoBoundaryException;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.NoSuchProcessException;
import dev.faultline.lab.NoSuchRecordingException;
import dev.faultline.lab.StorageException;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.recording.BadRecordingException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.support.MissingServletRequestPartException;

/**
 * Turns every failure of a request into problem details (RFC 9457), or into a page where a person
 * with a browser asked for one.
 */
@ControllerAdvice
final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  /** When a laboratory may have ended, for clients that try again by themselves. */
  private static final String RETRY_SECONDS = "10";

  /** The parameters of addresses that name moments. */
  private static final List<String> MOMENTS = List.of("at", "after", "leftAt", "rightAt", "seq");

  private final LabMetrics metrics;

  Problems(LabMetrics metrics) {
    this.metrics = metrics;
  }

  static ProblemDetail detail(Rule rule, @Nullable String message) {
    ProblemDetail problem = ProblemDetail.forStatus(rule.status());
    problem.setType(URI.create(rule.type()));
    problem.setTitle(rule.title());
    problem.setDetail(message);
    if (rule.status().is4xxClientError()) {
      problem.setProperty("member", rule.member());
    }
    return problem;
  }

  /**
   * @return null when the answer is on its way already, so that nothing more can be said
   */
  @ExceptionHandler
  @Nullable Object failed(
      Exception exception, HttpServletRequest request, HttpServletResponse response) {
    if (response.isCommitted()) {
      if (!(exception instanceof IOException)) {
        LOG.error("a request failed by a defect after its answer had begun", exception);
      }
      return null;
    }
    ProblemDetail problem = problem(exception, request);
    var properties = problem.getProperties();
    if (properties != null && properties.get("limit") instanceof String limit) {
      metrics.countLimit(limit);
    }
    if (ProblemPage.isWanted(request)) {
      return ProblemPage.of(rule(problem), problem.getStatus(), problem.getDetail());
    }
    var headers = new HttpHeaders();
    if (exception instanceof ErrorResponse error) {
      headers.putAll(error.getHeaders());
    }
    if (exception instanceof TooFastException fast) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(fast.seconds()));
    } else if (problem.getStatus() == HttpStatus.TOO_MANY_REQUESTS.value()) {
      headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    } else if (problem.getStatus() == HttpStatus.UNAUTHORIZED.value()) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return new ResponseEntity<>(problem, headers, problem.getStatus());
  }

  private static Rule rule(ProblemDetail problem) {
    String type = String.valueOf(problem.getType());
    return Rule.labelled(type.substring(type.lastIndexOf('/') + 1)).orElse(Rule.INTERNAL);
  }

  private static ProblemDetail problem(Exception exception, HttpServletRequest request) {
    return switch (exception) {
      case UnfinishedException unfinished -> unfinished(unfinished, request);
      case BadRequestException bad ->
          with(detail(bad.rule(), bad.getMessage()), "member", bad.member());
      case BadJsonException bad -> detail(Rule.BAD_JSON, bad.getMessage());
      case NoAccessException refused -> detail(refused.rule(), refused.getMessage());
      case HeadMovedException moved ->
          with(detail(Rule.HEAD_MOVED, moved.getMessage()), "head", moved.head());
      case TooFastException fast ->
          with(detail(Rule.TOO_FAST, fast.getMessage()), "member", fast.member());
      case NotFoundException missing ->
          with(detail(missing.rule(), missing.getMessage()), "member", missing.member());
      case NoSuchRecordingException missing -> detail(Rule.UNKNOWN_RECORDING, missing.getMessage());
      case ArchiveException bad -> detail(Rule.BAD_ARCHIVE, bad.getMessage());
      case BadRecordingException bad -> detail(Rule.BAD_RECORDING, bad.getMessage());
      case CannotBranchException refused -> detail(Rule.CANNOT_BRANCH, refused.getMessage());
      case NoBoundaryException inside ->
          with(detail(Rule.NO_BOUNDARY, inside.getMessage()), "member", moment(request));
      case StorageException storage -> {
        LOG.error("the data directory failed", storage);
        yield detail(Rule.STORAGE, storage.getMessage());
      }
      case NoSuchLaboratoryException missing -> detail(Rule.UNKNOWN_LAB, missing.getMessage());
      case NoSuchProcessException missing -> detail(Rule.UNKNOWN_PROCESS, missing.getMessage());
      case TooLargeException large -> {
        ProblemDetail problem =
            limit(Rule.TOO_LARGE, large.getMessage(), large.limit(), large.value());
        yield with(problem, "member", large.member());
      }
      case LimitException limit ->
          limit(ruleOf(limit.limit()), limit.getMessage(), limit.limit(), limit.value());
      case SequenceGoneException gone -> {
        ProblemDetail problem =
            with(detail(Rule.SEQUENCE_GONE, gone.getMessage()), "oldest", gone.oldest());
        yield with(problem, "member", moment(request));
      }
      case MissingServletRequestParameterException missing -> {
        String name = missing.getParameterName();
        yield with(detail(Rule.BAD_PARAMETER, name + " is missing"), "member", name);
      }
      case MissingServletRequestPartException missing -> {
        String name = missing.getRequestPartName();
        yield with(detail(Rule.BAD_PARAMETER, name + " is missing"), "member", name);
      }
      case MethodArgumentTypeMismatchException mismatch -> {
        String name = mismatch.getName();
        String message = name + " cannot be " + mismatch.getValue();
        yield with(detail(Rule.BAD_PARAMETER, message), "member", name);
      }
      case ErrorResponse error -> ofSpring(error.getStatusCode(), error.getBody().getDetail());
      case TypeMismatchException mismatch -> detail(Rule.BAD_REQUEST, mismatch.getMessage());
      default -> {
        LOG.error("a request failed by a defect", exception);
        yield detail(Rule.INTERNAL, null);
      }
    };
  }

  private static ProblemDetail unfinished(
      UnfinishedException unfinished, HttpServletRequest request) {
    ProblemDetail problem = problem(unfinished.reason(), request);
    String index = "[" + unfinished.index() + "]";
    boolean isProcess = unfinished.reason() instanceof NoSuchProcessException;
    problem.setProperty("member", isProcess ? index + ".pid" : index);
    problem.setProperty("index", unfinished.index());
    problem.setProperty("completed", unfinished.completed());
    return problem;
  }

  /** The member that names a moment: a parameter of the address, or where a branch begins. */
  private static String moment(HttpServletRequest request) {
    return MOMENTS.stream()
        .filter(name -> request.getParameter(name) != null)
        .findFirst()
        .orElse(request.getMethod().equals("POST") ? "from.seq" : Rule.SEQUENCE_GONE.member());
  }

  private static ProblemDetail limit(
      Rule rule, @Nullable String message, String limit, long value) {
    ProblemDetail problem = with(detail(rule, message), "limit", limit);
    return with(problem, "value", value);
  }

  private static Rule ruleOf(String limit) {
    return switch (limit) {
      case "labs" -> Rule.LIMIT_LABS;
      case "viewers" -> Rule.LIMIT_VIEWERS;
      case "frames" -> Rule.LIMIT_FRAMES;
      case "swap" -> Rule.LIMIT_SWAP;
      case "processes" -> Rule.LIMIT_PROCESSES;
      case "files" -> Rule.LIMIT_FILES;
      case "strings", "stringCharacters" -> Rule.LIMIT_STRINGS;
      case "recordings", "dataBytes" -> Rule.LIMIT_DATA;
      default -> Rule.TOO_LARGE;
    };
  }

  private static ProblemDetail with(ProblemDetail problem, String name, Object value) {
    problem.setProperty(name, value);
    return problem;
  }

  /** What Spring or the server itself finds wrong with a request. */
  static ProblemDetail ofSpring(HttpStatusCode status, @Nullable String message) {
    Rule rule =
        switch (HttpStatus.resolve(status.value())) {
          case NOT_FOUND -> Rule.UNKNOWN_ADDRESS;
          case METHOD_NOT_ALLOWED -> Rule.METHOD_NOT_ALLOWED;
          case NOT_ACCEPTABLE -> Rule.NOT_ACCEPTABLE;
          case CONTENT_TOO_LARGE -> Rule.TOO_LARGE;
          case null, default -> status.is5xxServerError() ? Rule.INTERNAL : Rule.BAD_REQUEST;
        };
    String words = message == null ? "status " + status.value() : message;
    // Spring speaks of static resources
    String told = rule == Rule.UNKNOWN_ADDRESS ? "There is neither a page nor a call here" : words;
    ProblemDetail problem = detail(rule, told);
    problem.setStatus(status.value());
    return problem;
  }
}
