package dev.faultline.web;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
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
  protected void writeInternal(NdJson records, HttpOutputMessage output) throws IOException {
    OutputStream body = output.getBody();
    int written = 0;
    while (written < records.limit() && records.cursor().next()) {
      Map<String, Object> record = RecordJson.of(records.cursor());
      if (record != null) {
        body.write(mapper.writeValueAsBytes(record));
        body.write('\n');
        written++;
      }
    }
  }
}
