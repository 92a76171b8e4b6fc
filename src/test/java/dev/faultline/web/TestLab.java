package dev.faultline.web;

import dev.faultline.web.Api.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A laboratory as a script sees it. */
record TestLab(Api api, String id) {
  static final int PAGE = 4096;

  String at(String path) {
    return "/labs/" + id + path;
  }

  Answer get(String path, String... headers) {
    return api.get(at(path), headers);
  }

  Answer commands(String json) {
    return api.post(at("/commands"), json);
  }

  /** Runs one command and gives its answer. Single quotes stand for double ones. */
  JsonNode run(String json) {
    return commands(json.replace('\'', '"')).is(200).json();
  }

  /** Runs one command that has to succeed, and gives its result. */
  JsonNode result(String json) {
    JsonNode outcome = run(json);
    if (outcome.get("result").isNull()) {
      throw new AssertionError(outcome);
    }
    return outcome.get("result");
  }

  int spawn() {
    return result("{'do':'spawn'}").get("pid").asInt();
  }

  /** Maps private anonymous memory that can be read and written. */
  String map(int pid, int pages) {
    return result(
            "{'do':'mmap','pid':%d,'length':%d,'prot':['READ','WRITE'],'flags':['PRIVATE','ANONYMOUS']}"
                .formatted(pid, pages * PAGE))
        .asString();
  }

  /** Puts a file of some pages, and maps it privately, readable and writable. */
  String mapFile(int pid, String path, int pages) {
    put(path, bytes(pages * PAGE));
    int fd =
        result("{'do':'open','pid':%d,'path':'%s','flags':['RDWR']}".formatted(pid, path)).asInt();
    return result(
            "{'do':'mmap','pid':%d,'length':%d,'prot':['READ','WRITE'],'flags':['PRIVATE'],'fd':%d}"
                .formatted(pid, pages * PAGE, fd))
        .asString();
  }

  JsonNode write(int pid, String address, String text) {
    return run(
        "{'do':'write','pid':%d,'address':'%s','data':{'text':'%s'}}"
            .formatted(pid, address, text));
  }

  JsonNode read(int pid, String address, int length) {
    return run("{'do':'read','pid':%d,'address':'%s','length':%d}".formatted(pid, address, length));
  }

  Answer put(String path, byte[] bytes) {
    return api.put(at("/files" + path), bytes);
  }

  long head() {
    return get("").is(200).json().get("head").asLong();
  }

  JsonNode table(String tableAndQuery) {
    return get("/tables/" + tableAndQuery).is(200).json();
  }

  List<JsonNode> rows(String tableAndQuery) {
    return table(tableAndQuery).get("rows").valueStream().toList();
  }

  List<JsonNode> changes(long after, int limit) {
    return get("/changes?after=" + after + "&limit=" + limit)
        .is(200)
        .json()
        .get("changes")
        .valueStream()
        .toList();
  }

  boolean auditHolds() {
    return get("/audit").is(200).json().get("holds").asBoolean();
  }

  /** Bytes that differ from page to page and from byte to byte. */
  static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + i / PAGE);
    }
    return bytes;
  }

  static String hexOf(String text) {
    var hex = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hex.append("%02x".formatted(b));
    }
    return hex.toString();
  }

  static List<Long> numbers(List<JsonNode> records) {
    List<Long> numbers = new ArrayList<>();
    records.forEach(record -> numbers.add(record.get("seq").asLong()));
    return numbers;
  }
}
