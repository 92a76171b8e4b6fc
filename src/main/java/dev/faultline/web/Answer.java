package dev.faultline.web;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Standing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a command came out, in the words of the page.
 *
 * @param kind a class for the style sheet: done, refused or signalled
 * @param verdict as a program would see it
 * @param bytes what was read, in hexadecimal
 * @param ascii the same as text, dots for what cannot be shown
 */
record Answer(
    String kind,
    String verdict,
    @Nullable String bytes,
    @Nullable String ascii,
    @Nullable String why) {
  private static final int MOST_BYTES = 64;

  static Answer of(Outcome outcome) {
    if (outcome.signal() != null) {
      var signal = outcome.signal();
      return new Answer(
          "signalled",
          signal.signal() + " " + signal.code() + " at " + Numbers.hex(signal.address()),
          null,
          null,
          outcome.why());
    }
    if (outcome.errno() != null) {
      return new Answer("refused", "-1 " + outcome.errno(), null, null, outcome.why());
    }
    Result result = outcome.result();
    if (result instanceof Result.Bytes(byte[] all)) {
      byte[] bytes = Arrays.copyOf(all, Math.min(all.length, MOST_BYTES));
      String more = all.length > MOST_BYTES ? " …" : "";
      return new Answer(
          "done",
          "= " + all.length + (all.length == 1 ? " byte" : " bytes"),
          HexFormat.ofDelimiter(" ").formatHex(bytes) + more,
          printable(bytes) + more,
          outcome.why());
    }
    return new Answer(
        "done", "= " + (result == null ? "0" : verdict(result)), null, null, outcome.why());
  }

  private static String verdict(Result result) {
    return switch (result) {
      case Result.Done done -> "0";
      case Result.Pid(int pid) -> "pid " + pid;
      case Result.Inode(long inode) -> "inode " + inode;
      case Result.Descriptor(int fd) -> "descriptor " + fd;
      case Result.Address(long address) -> Numbers.hex(address);
      case Result.Bytes(byte[] bytes) -> bytes.length + (bytes.length == 1 ? " byte" : " bytes");
      case Result.Pages(byte[] resident) ->
          IntStream.range(0, resident.length).filter(i -> resident[i] != 0).count()
              + " of "
              + resident.length
              + (resident.length == 1 ? " page in memory" : " pages in memory");
      case Result.Limits(Rlimits.Pair pair) ->
          "soft " + OutcomeJson.limit(pair.soft()) + ", hard " + OutcomeJson.limit(pair.hard());
      case Result.Written(int length) -> length + (length == 1 ? " byte" : " bytes") + " written";
      case Result.Stepped(RunEnd end, Standing standing) ->
          "pc "
              + Numbers.hex(standing.pc())
              + ": "
              + Objects.requireNonNullElse(standing.instruction(), "not in memory");
      case Result.Ran(RunEnd end) ->
          "stopped by "
              + end.reason().name().toLowerCase(Locale.ROOT)
              + (end.reason() == RunEnd.Reason.EXIT ? ", status " + end.status() : "")
              + ", instructions: "
              + end.instructions();
      case Result.Unpacked(int entries) -> entries + (entries == 1 ? " entry" : " entries");
      case Result.Instruction(int bits) -> "instruction " + Numbers.hex(bits & 0xffff_ffffL);
    };
  }

  private static String printable(byte[] bytes) {
    var text = new StringBuilder(new String(bytes, StandardCharsets.ISO_8859_1));
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        text.setCharAt(i, '.');
      }
    }
    return text.toString();
  }
}
