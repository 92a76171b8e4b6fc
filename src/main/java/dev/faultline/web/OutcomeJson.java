package dev.faultline.web;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.SignalInfo;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Standing;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes outcomes as JSON. */
final class OutcomeJson {
  private OutcomeJson() {}

  /**
   * @param command the command as it was sent
   */
  static Map<String, @Nullable Object> of(Object command, Outcome outcome) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("command", command);
    json.put("result", outcome.result() == null ? null : result(outcome.result()));
    json.put("errno", outcome.errno() == null ? null : outcome.errno().name());
    json.put("signal", outcome.signal() == null ? null : signal(outcome.signal()));
    json.put("why", outcome.why());
    json.put("firstSeq", outcome.firstSequence());
    json.put("lastSeq", outcome.lastSequence());
    json.put("story", outcome.story());
    return json;
  }

  static Object result(Result result) {
    return switch (result) {
      case Result.Done done -> 0;
      case Result.Pid(int pid) -> Map.of("pid", pid);
      case Result.Inode(long inode) -> Map.of("inode", inode);
      case Result.Descriptor(int fd) -> fd;
      case Result.Address(long address) -> Numbers.hex(address);
      case Result.Bytes(byte[] bytes) -> Map.of("hex", HexFormat.of().formatHex(bytes));
      case Result.Pages(byte[] resident) -> {
        List<Integer> pages = new ArrayList<>(resident.length);
        for (byte page : resident) {
          pages.add((int) page);
        }
        yield pages;
      }
      case Result.Limits(Rlimits.Pair pair) ->
          Map.of("soft", limit(pair.soft()), "hard", limit(pair.hard()));
      case Result.Written(int length) -> Map.of("length", length);
      case Result.Unpacked(int entries) -> Map.of("entries", entries);
      case Result.Instruction(int bits) -> Map.of("instruction", Numbers.hex(bits & 0xffff_ffffL));
      case Result.Stepped(RunEnd end, Standing standing) -> {
        Map<String, @Nullable Object> json = standing(standing);
        json.putAll(end(end));
        yield json;
      }
      case Result.Ran(RunEnd end) -> end(end);
    };
  }

  static Object limit(long value) {
    return value == Rlimit.INFINITY ? "unlimited" : value;
  }

  private static Map<String, Object> end(RunEnd end) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("stopped", end.reason().name().toLowerCase(Locale.ROOT));
    json.put("status", end.status());
    json.put("instructions", end.instructions());
    return json;
  }

  /** Where a process stands. */
  static Map<String, @Nullable Object> standing(Standing standing) {
    Map<String, String> registers = new LinkedHashMap<>();
    standing.registers().forEach((name, value) -> registers.put(name, Numbers.hex(value)));
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("pc", Numbers.hex(standing.pc()));
    json.put("instruction", standing.instruction());
    json.put("registers", registers);
    return json;
  }

  private static Map<String, Object> signal(SignalInfo signal) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", signal.signal().name());
    json.put("code", signal.code().name());
    json.put("address", Numbers.hex(signal.address()));
    return json;
  }
}
