package dev.faultline.web;

import dev.faultline.log.LogRecord;
import dev.faultline.log.SequenceGoneException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes {@link Changes} record by record, without holding them all. */
@Component
final class ChangesConverter extends AbstractHttpMessageConverter<Changes> {
  private final JsonMapper mapper;

  ChangesConverter(JsonMapper mapper) {
    super(MediaType.APPLICATION_JSON);
    this.mapper = mapper;
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type == Changes.class;
  }

  @Override
  protected Changes readInternal(Class<? extends Changes> type, HttpInputMessage input) {
    throw new UnsupportedOperationException("records are only written");
  }

  @Override
  protected void writeInternal(Changes changes, HttpOutputMessage output) throws IOException {
    OutputStream body = output.getBody();
    // A moment that is gone is refused here, before the answer has begun.
    LogRecord record = changes.records().next();
    write(body, "{\"after\":" + changes.after() + ",\"head\":" + changes.head() + ",\"changes\":[");
    long last = changes.after();
    try {
      for (int written = 1; record != null; written++) {
        body.write(mapper.writeValueAsBytes(RecordJson.of(record)));
        last = record.sequence();
        record = written < changes.limit() ? changes.records().next() : null;
        if (record != null) {
          body.write(',');
        }
      }
    } catch (SequenceGoneException exception) {
      // The log moved on while a slow reader read: the next request, after the last, says so.
    }
    write(body, "],\"last\":" + last + "}");
  }

  private static void write(OutputStream body, String ascii) throws IOException {
    body.write(ascii.getBytes(StandardCharsets.US_ASCII));
  }
}
