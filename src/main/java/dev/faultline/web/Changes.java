package dev.faultline.web;

/** Records as one JSON object. */
record Changes(History.Records records, long after, long head, int limit)
    implements WrittenRecords {
  @Override
  public String begin() {
    return "{\"after\":%d,\"head\":%d,\"changes\":[".formatted(after, head);
  }

  @Override
  public String between() {
    return ",";
  }

  @Override
  public String end(long last) {
    return "],\"last\":" + Math.max(after, last) + "}";
  }
}
