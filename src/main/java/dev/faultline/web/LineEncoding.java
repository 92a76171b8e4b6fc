package dev.faultline.web;

import dev.faultline.log.FoldedState;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The stream as lines of JSON: one a record. */
final class LineEncoding extends TextEncoding {
  LineEncoding(JsonMapper mapper) {
    super(mapper);
  }

  @Override
  String text(long sequence, String json) {
    return json + "\n";
  }

  @Override
  public byte[] snapshot(FoldedState state, long tables, long skippedAfter) {
    return line(JsonEncoding.message(state, tables, skippedAfter));
  }

  @Override
  public byte[] end(Farewell farewell) {
    return line(JsonEncoding.message(farewell));
  }

  private byte[] line(Map<String, Object> message) {
    return bytes(mapper.writeValueAsString(message) + "\n");
  }
}
