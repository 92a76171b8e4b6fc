package dev.faultline.web;

import dev.faultline.log.FoldedState;
import tools.jackson.databind.json.JsonMapper;

/** The stream as server-sent events: one a record, its id the sequence number. */
final class EventEncoding extends TextEncoding {
  EventEncoding(JsonMapper mapper) {
    super(mapper);
  }

  @Override
  String text(long sequence, String json) {
    return "id: %d\ndata: %s\n\n".formatted(sequence, json);
  }

  @Override
  public byte[] snapshot(FoldedState state, long tables, long skippedAfter) {
    String data = mapper.writeValueAsString(JsonEncoding.message(state, tables, skippedAfter));
    return bytes("id: %d\nevent: snapshot\ndata: %s\n\n".formatted(state.sequence(), data));
  }

  @Override
  public byte[] end(Farewell farewell) {
    String data = mapper.writeValueAsString(JsonEncoding.message(farewell));
    return bytes("event: end\ndata: %s\n\n".formatted(data));
  }
}
