package dev.faultline.web;

import dev.faultline.log.LogRecord;
import dev.faultline.log.SequenceGoneException;
import java.io.IOException;
import java.io.OutputStream;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes {@link NdJson} line by line, without holding it all. */
@Component
final class NdJsonConverter extends AbstractHttpMessageConverter<NdJson> {
  private final JsonMapper mapper;

  NdJsonConverter(JsonMapper mapper) {
    super(MediaType.APPLICATION_NDJSON);
    this.mapper = mapper;
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type == NdJson.class;
  }

  @Override
  protected NdJson readInternal(Class<? extends NdJson> type, HttpInputMessage input) {
    throw new UnsupportedOperationException("records are only written");
  }

  @Override
  protected void writeInternal(NdJson lines, HttpOutputMessage output) throws IOException {
    OutputStream body = output.getBody();
    try {
      LogRecord record = lines.records().next();
      for (int written = 1; record != null; written++) {
        body.write(mapper.writeValueAsBytes(RecordJson.of(record)));
        body.write('\n');
        record = written < lines.limit() ? lines.records().next() : null;
      }
    } catch (SequenceGoneException exception) {
      // The log moved on while a slow reader read: the lines end here, and the next request says
      // so.
    }
  }
}
