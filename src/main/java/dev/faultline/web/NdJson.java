package dev.faultline.web;

/** Records as JSON, one a line. */
record NdJson(History.Records records, int limit) implements WrittenRecords {
  @Override
  public String begin() {
    return "";
  }

  @Override
  public String between() {
    return "\n";
  }

  @Override
  public String end(long last) {
    return last < 0 ? "" : "\n";
  }
}
