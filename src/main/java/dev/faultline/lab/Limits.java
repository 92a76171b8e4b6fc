package dev.faultline.lab;

/**
 * What a laboratory, and the directory of all of them, may grow to. Reaching a limit is an error
 * that names it; the laboratory stays usable.
 *
 * @param labs laboratories alive at once
 * @param frames frames of one laboratory, 16 to 524,287
 * @param swap slots of the swap area of one laboratory
 * @param processes processes alive at once in one laboratory
 * @param files files alive at once in one laboratory
 * @param fileBytes bytes of all files of one laboratory together
 * @param accessBytes bytes of one read or write command
 * @param commands commands in one request
 * @param requestBytes bytes of one request's body
 * @param logWords words of 8 bytes of records that one laboratory keeps; older ones are folded away
 * @param strings different paths and names that one laboratory may have heard of
 * @param stringCharacters characters of those together
 * @param steps instructions of one step command
 * @param runInstructions instructions of one run command
 * @param runMillis milliseconds of the host that one run command takes
 * @param recordings uploaded recordings
 * @param recordingBytes bytes of one laboratory's recording; its oldest segments go
 * @param recordingHours hours that an uploaded recording is kept, 0 until somebody deletes it
 * @param dataBytes bytes of everything in the data directory
 */
public record Limits(
    int labs,
    int frames,
    int swap,
    int processes,
    int files,
    long fileBytes,
    int accessBytes,
    int commands,
    int requestBytes,
    int logWords,
    int strings,
    long stringCharacters,
    int steps,
    long runInstructions,
    int runMillis,
    int recordings,
    long recordingBytes,
    int recordingHours,
    long dataBytes) {

  public static final Limits DEFAULT =
      new Limits(
          1_000,
          65_536,
          65_536,
          256,
          4_096,
          64L << 20,
          1 << 20,
          10_000,
          64 << 20,
          4 << 20,
          65_536,
          8L << 20,
          1_000,
          100_000_000_000L,
          10_000,
          1_000,
          1L << 30,
          0,
          16L << 30);

  /** A machine needs a zero page, a root table, a table for each level and a page or two. */
  public static final int LEAST_FRAMES = 16;

  /** The same for a log of another length. */
  public Limits withLogWords(int words) {
    return new Limits(
        labs,
        frames,
        swap,
        processes,
        files,
        fileBytes,
        accessBytes,
        commands,
        requestBytes,
        words,
        strings,
        stringCharacters,
        steps,
        runInstructions,
        runMillis,
        recordings,
        recordingBytes,
        recordingHours,
        dataBytes);
  }
}
