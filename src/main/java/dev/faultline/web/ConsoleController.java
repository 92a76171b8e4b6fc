package dev.faultline.web;

import dev.faultline.kernel.fs.Console;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What programs write, as it is: all that is kept of it, or as it comes. */
@RestController
@Tag(name = "Reading")
@RequestMapping("/api/v1/labs/{lab}/processes/{pid}")
final class ConsoleController {
  private final Laboratories laboratories;
  private final Streams streams;

  ConsoleController(Laboratories laboratories, Streams streams) {
    this.laboratories = laboratories;
    this.streams = streams;
  }

  @GetMapping(value = "/stdout", produces = MediaType.TEXT_PLAIN_VALUE)
  @Operation(summary = "What a program and its children wrote to standard output, as it is")
  void standardOutput(
      @PathVariable String lab,
      @PathVariable int pid,
      @RequestParam(defaultValue = "false") boolean follow,
      HttpMethod method,
      HttpServletResponse response)
      throws IOException {
    send(lab, pid, Console::standardOutput, follow && method != HttpMethod.HEAD, response);
  }

  @GetMapping(value = "/stderr", produces = MediaType.TEXT_PLAIN_VALUE)
  @Operation(summary = "What a program and its children wrote to standard error, as it is")
  void standardError(
      @PathVariable String lab,
      @PathVariable int pid,
      @RequestParam(defaultValue = "false") boolean follow,
      HttpMethod method,
      HttpServletResponse response)
      throws IOException {
    send(lab, pid, Console::standardError, follow && method != HttpMethod.HEAD, response);
  }

  private void send(
      String lab,
      int pid,
      Function<Console, Console.Output> stream,
      boolean follow,
      HttpServletResponse response)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    Optional<Console.Output> output =
        laboratory.askOfAny(pid, process -> Optional.ofNullable(process.console()).map(stream));
    response.setContentType(MediaType.TEXT_PLAIN_VALUE);
    if (output.isEmpty() || !follow) {
      byte[] bytes = output.map(Console.Output::kept).orElse(new byte[0]);
      response.setContentLength(bytes.length);
      response.getOutputStream().write(bytes);
      return;
    }
    try (var _ = streams.takePlace()) {
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      streams.follow(laboratory, output.get(), response.getOutputStream());
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    }
  }
}
