package dev.faultline.web;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** The stream as server-sent events: one a record, its id the sequence number. */
final class EventEncoding implements Encoding {
  private static final int SPAN = 256;
  private static final int BLOCK_CHARACTERS = 64 << 10;

  private final JsonMapper mapper;

  EventEncoding(JsonMapper mapper) {
    this.mapper = mapper;
  }

  @Override
  public int span() {
    return SPAN;
  }

  @Override
  public Block records(long after, History.Records records, long tables) {
    var events = new StringBuilder();
    long last = after;
    boolean goesOn = true;
    LogRecord record = records.next();
    while (record != null) {
      if (Subscription.isWanted(record, tables)) {
        events
            .append("id: ")
            .append(record.sequence())
            .append("\ndata: ")
            .append(mapper.writeValueAsString(RecordJson.of(record)))
            .append("\n\n");
      }
      last = record.sequence();
      goesOn = goesOn(last, events.length(), BLOCK_CHARACTERS);
      record = goesOn ? records.next() : null;
    }
    return new Block(last, events.isEmpty() ? null : bytes(events.toString()), !goesOn);
  }

  @Override
  public byte[] snapshot(FoldedState state, long tables, long skippedAfter) {
    String data = mapper.writeValueAsString(JsonEncoding.message(state, tables, skippedAfter));
    return bytes("id: %d\nevent: snapshot\ndata: %s\n\n".formatted(state.sequence(), data));
  }

  @Override
  public byte[] end(Farewell farewell) {
    String data = mapper.writeValueAsString(JsonEncoding.members(farewell));
    return bytes("event: end\ndata: %s\n\n".formatted(data));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
