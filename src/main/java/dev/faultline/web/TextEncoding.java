package dev.faultline.web;

import dev.faultline.log.LogRecord;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** A stream as text, record by record. */
abstract class TextEncoding implements Encoding {
  private static final int SPAN = 256;
  private static final int BLOCK_CHARACTERS = 64 << 10;

  final JsonMapper mapper;

  TextEncoding(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /** A record that is written as JSON. */
  abstract String text(long sequence, String json);

  @Override
  public final int span() {
    return SPAN;
  }

  @Override
  public final Block records(long after, History.Records records, long tables) {
    var text = new StringBuilder();
    long last = after;
    boolean goesOn = true;
    LogRecord record = records.next();
    while (record != null) {
      last = record.sequence();
      if (Subscription.isWanted(record, tables)) {
        text.append(text(last, mapper.writeValueAsString(RecordJson.of(record))));
      }
      goesOn = goesOn(last, text.length(), BLOCK_CHARACTERS);
      record = goesOn ? records.next() : null;
    }
    return new Block(last, text.isEmpty() ? null : bytes(text.toString()), !goesOn);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
