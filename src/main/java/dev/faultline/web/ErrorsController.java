package dev.faultline.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** Failures that the server met outside of any controller, told as all others are. */
@Controller
@Hidden
class ErrorsController implements ErrorController {
  @RequestMapping("/error")
  ResponseEntity<ProblemDetail> error(HttpServletRequest request) {
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : Rule.UNKNOWN_ADDRESS.status().value();
    String message =
        request.getAttribute(RequestDispatcher.ERROR_MESSAGE) instanceof String text
                && !text.isBlank()
            ? text
            : null;
    ProblemDetail problem = Problems.ofSpring(HttpStatusCode.valueOf(status), message);
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }
}
