package dev.faultline.web;

import dev.faultline.lab.LimitException;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.lab.NoSuchProcessException;
import dev.faultline.log.SequenceGoneException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Turns every failure of a request into problem details (RFC 9457). */
@RestControllerAdvice
final class Problems extends ResponseEntityExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  static ProblemDetail detail(Rule rule, @Nullable String message) {
    ProblemDetail problem = ProblemDetail.forStatus(rule.status());
    problem.setType(URI.create("/problems/" + rule.label()));
    problem.setTitle(rule.title());
    problem.setDetail(message);
    return problem;
  }

  static ResponseEntity<Object> answer(ProblemDetail problem) {
    return ResponseEntity.status(problem.getStatus())
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> badRequest(BadRequestException exception) {
    ProblemDetail problem = detail(exception.rule(), exception.getMessage());
    problem.setProperty("member", exception.member());
    return answer(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> badJson(BadJsonException exception) {
    return answer(detail(Rule.BAD_JSON, exception.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> noSuchThing(NotFoundException exception) {
    return answer(detail(exception.rule(), exception.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> noSuchLaboratory(NoSuchLaboratoryException exception) {
    return answer(detail(Rule.UNKNOWN_LAB, exception.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> noSuchProcess(NoSuchProcessException exception) {
    ProblemDetail problem = detail(Rule.UNKNOWN_PROCESS, exception.getMessage());
    problem.setProperty("member", "pid");
    return answer(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> limit(LimitException exception) {
    Rule rule =
        switch (exception.limit()) {
          case "labs" -> Rule.LIMIT_LABS;
          case "frames" -> Rule.LIMIT_FRAMES;
          case "processes" -> Rule.LIMIT_PROCESSES;
          case "files" -> Rule.LIMIT_FILES;
          case "strings", "stringCharacters" -> Rule.LIMIT_STRINGS;
          default -> Rule.TOO_LARGE;
        };
    ProblemDetail problem = detail(rule, exception.getMessage());
    problem.setProperty("limit", exception.limit());
    problem.setProperty("value", exception.value());
    return answer(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> sequenceGone(SequenceGoneException exception) {
    ProblemDetail problem = detail(Rule.SEQUENCE_GONE, exception.getMessage());
    problem.setProperty("oldest", exception.oldest());
    return answer(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> wrongType(MethodArgumentTypeMismatchException exception) {
    return badRequest(
        BadRequestException.parameter(
            exception.getName(), exception.getName() + " cannot be " + exception.getValue()));
  }

  @ExceptionHandler
  ResponseEntity<Object> defect(RuntimeException exception) {
    LOG.error("a request failed by a defect", exception);
    return answer(detail(Rule.INTERNAL, null));
  }

  /** What Spring itself finds wrong with a request. */
  @Override
  protected ResponseEntity<Object> handleExceptionInternal(
      Exception exception,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    String message = body instanceof ProblemDetail given ? given.getDetail() : null;
    ProblemDetail problem = detail(ruleOf(status), message);
    problem.setStatus(status.value());
    return ResponseEntity.status(status)
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  private static Rule ruleOf(HttpStatusCode status) {
    return switch (HttpStatus.resolve(status.value())) {
      case NOT_FOUND -> Rule.UNKNOWN_ADDRESS;
      case METHOD_NOT_ALLOWED -> Rule.METHOD_NOT_ALLOWED;
      case NOT_ACCEPTABLE -> Rule.NOT_ACCEPTABLE;
      case UNSUPPORTED_MEDIA_TYPE -> Rule.UNSUPPORTED_MEDIA_TYPE;
      case CONTENT_TOO_LARGE -> Rule.TOO_LARGE;
      case null, default -> status.is5xxServerError() ? Rule.INTERNAL : Rule.BAD_REQUEST;
    };
  }
}
