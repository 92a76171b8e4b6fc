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
import tools.jackson.databind.json.JsonMapper;

/** Writes records one by one as they are read, without holding them all. */
final class RecordsConverter<T extends WrittenRecords> extends AbstractHttpMessageConverter<T> {
  private final Class<T> type;
  private final JsonMapper mapper;

  RecordsConverter(Class<T> type, MediaType mediaType, JsonMapper mapper) {
    super(mediaType);
    this.type = type;
    this.mapper = mapper;
  }

  @Override
  protected boolean supports(Class<?> asked) {
    return asked == type;
  }

  @Override
  protected T readInternal(Class<? extends T> asked, HttpInputMessage input) {
    throw new UnsupportedOperationException("records are only written");
  }

  @Override
  protected void writeInternal(T records, HttpOutputMessage output) throws IOException {
    OutputStream body = output.getBody();
    // A moment that is gone is refused here, before the answer has begun.
    LogRecord record = records.records().next();
    write(body, records.begin());
    long last = -1;
    try {
      for (int written = 1; record != null; written++) {
        body.write(mapper.writeValueAsBytes(RecordJson.of(record)));
        last = record.sequence();
        record = written < records.limit() ? records.records().next() : null;
        if (record != null) {
          write(body, records.between());
        }
      }
    } catch (SequenceGoneException exception) {
      // The log moved on while a slow reader read: the next request, after the last, says so.
    }
    write(body, records.end(last));
  }

  private static void write(OutputStream body, String ascii) throws IOException {
    body.write(ascii.getBytes(StandardCharsets.US_ASCII));
  }
}
