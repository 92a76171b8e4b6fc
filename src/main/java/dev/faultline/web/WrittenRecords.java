package dev.faultline.web;

/** Records of a history that an answer is made of, and what stands around them. */
sealed interface WrittenRecords permits Changes, NdJson {
  History.Records records();

  /** How many are written at most. */
  int limit();

  String begin();

  String between();

  /**
   * @param last the sequence number of the last record that was written, -1 for none
   */
  String end(long last);
}
