package dev.faultline.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** Requests that Tomcat refuses before the application sees them are answered as all others are. */
public final class ProblemValve extends ErrorReportValve {
  private static final int FIRST_ERROR = 400;
  private static final JsonMapper MAPPER = new JsonMapper();

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int status = response.getStatus();
    if (status < FIRST_ERROR || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    ProblemDetail problem =
        Problems.ofSpring(HttpStatusCode.valueOf(status), response.getMessage());
    try {
      SecurityHeaders.put(response);
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      response.getOutputStream().write(MAPPER.writeValueAsBytes(ProblemJson.of(problem)));
    } catch (IOException | IllegalStateException exception) {
      // The client has gone, or something was written already.
    }
  }
}
