package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What makes the API safe to script: expectations, keys, trials, tags, ranges and pages. */
@Timeout(60)
class ScriptingTest extends ApiTest {
  private static final byte[] SPAWN = "{\"do\":\"spawn\"}".getBytes(StandardCharsets.UTF_8);

  private Answer spawn(TestLab lab, String query, String... headers) {
    return api.send("POST", lab.at("/commands" + query), SPAWN, headers);
  }

  @Test
  void ifMatch_actsOnlyOnTheHeadThatWasSeen() {
    TestLab lab = api.open();
    String tag = lab.get("").is(200).header("ETag");
    Answer first = spawn(lab, "", "If-Match", tag).is(200);
    JsonNode problem = spawn(lab, "", "If-Match", tag).problem("head-moved", "If-Match");
    assertThat(problem.get("status").asInt()).isEqualTo(412);
    assertThat(problem.get("head").asLong()).isEqualTo(lab.head());
    assertThat(lab.rows("process")).hasSize(1);
    spawn(lab, "", "If-Match", first.header("ETag")).is(200);
    spawn(lab, "", "If-Match", "*").is(200);
    spawn(lab, "", "If-Match", "\"7\", W/" + lab.get("").header("ETag")).is(200);
    spawn(lab, "?dryRun=true", "If-Match", tag).problem("head-moved");
    lab.get("", "If-None-Match", lab.get("").header("ETag")).is(304);
  }

  @Test
  void ifMatch_holdsForFilesAndArchivesToo() {
    TestLab lab = api.open();
    String file = lab.at("/files/data/x");
    String seen = lab.get("").header("ETag");
    Answer put = api.send("PUT", file, SPAWN, "If-Match", seen).is(201);
    assertThat(put.header("ETag")).isEqualTo(lab.get("").header("ETag"));
    api.send("PUT", file, SPAWN, "If-Match", seen).problem("head-moved", "If-Match");
    api.send("DELETE", file, new byte[0], "If-Match", seen).problem("head-moved", "If-Match");
    String archive = lab.at("/archives?name=x.tar");
    byte[] empty = new byte[1024];
    api.send("PUT", archive, empty, "If-Match", seen).problem("head-moved", "If-Match");
    String now = api.send("PUT", archive, empty, "If-Match", put.header("ETag")).header("ETag");
    api.send("DELETE", file, new byte[0], "If-Match", now).is(200);
    lab.get("/files/data/x").problem("unknown-file");
  }

  @Test
  void ofManyWhoSawTheSameHead_oneActs() throws Exception {
    TestLab lab = api.open();
    String tag = lab.get("").header("ETag");
    try (var executor = Executors.newFixedThreadPool(8)) {
      List<Callable<Answer>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> spawn(lab, "", "If-Match", tag));
      }
      int acted = 0;
      for (Future<Answer> answer : executor.invokeAll(calls)) {
        acted += answer.get().status() == 200 ? 1 : 0;
      }
      assertThat(acted).isEqualTo(1);
    }
  }

  @Test
  void array_hasNobodyElsesCommandBetween() throws Exception {
    TestLab lab = api.open();
    String array = "[" + "{\"do\":\"spawn\"},".repeat(19) + "{\"do\":\"spawn\"}]";
    try (var executor = Executors.newFixedThreadPool(4)) {
      List<Callable<Answer>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        calls.add(() -> lab.commands(array));
      }
      for (Future<Answer> answer : executor.invokeAll(calls)) {
        JsonNode outcomes = answer.get().is(200).json();
        for (int i = 1; i < outcomes.size(); i++) {
          assertThat(outcomes.get(i).get("firstSeq").asLong())
              .isEqualTo(outcomes.get(i - 1).get("lastSeq").asLong() + 1);
        }
      }
    }
  }

  @Test
  void dryRun_answersAsIfAndLeavesNothing() {
    TestLab lab = api.open();
    lab.spawn();
    long head = lab.head();
    int labs = api.get("/labs").json().size();
    String commands =
        "[{'do':'fork','pid':1},{'do':'mmap','pid':2,'length':4096,'prot':['READ'],"
            + "'flags':['PRIVATE','ANONYMOUS']},{'do':'close','pid':2,'fd':9},{'do':'spawn'}]";
    byte[] body = commands.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    String address = lab.at("/commands?stopOnError=true");
    JsonNode tried = api.send("POST", address + "&dryRun=true", body).is(200).json();
    assertThat(lab.head()).isEqualTo(head);
    assertThat(lab.rows("process")).hasSize(1);
    assertThat(api.get("/labs").json()).hasSize(labs);
    assertThat(tried).hasSize(3);
    assertThat(tried.get(2).get("errno").asString()).isEqualTo("EBADF");
    assertThat(api.send("POST", address, body).is(200).json()).isEqualTo(tried);
  }

  @Test
  void idempotencyKey_actsOnce() {
    TestLab lab = api.open();
    Answer first = spawn(lab, "", "Idempotency-Key", "a").is(200);
    Answer again = spawn(lab, "", "Idempotency-Key", "a").is(200);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(lab.rows("process")).hasSize(1);
    spawn(lab, "?stopOnError=true", "Idempotency-Key", "a")
        .is(422)
        .problem("key-reused", "Idempotency-Key");
    spawn(lab, "", "Idempotency-Key", "b").is(200);
    assertThat(lab.rows("process")).hasSize(2);
    spawn(lab, "", "Idempotency-Key", "k".repeat(256)).problem("bad-key");
    byte[] bad = "{\"do\":\"nosuch\"}".getBytes(StandardCharsets.UTF_8);
    String address = lab.at("/commands");
    api.send("POST", address, bad, "Idempotency-Key", "c").problem("bad-command", "do");
    api.send("POST", address, bad, "Idempotency-Key", "c").problem("bad-command", "do");
  }

  @Test
  void idempotencyKey_opensOneLab() {
    byte[] body = "{\"frames\":64}".getBytes(StandardCharsets.UTF_8);
    Answer first = api.send("POST", "/labs", body, "Idempotency-Key", "lab").is(201);
    Answer again = api.send("POST", "/labs", body, "Idempotency-Key", "lab").is(201);
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    api.delete("/labs/" + first.json().get("id").asString()).is(204);
  }

  @Test
  void file_hasATagAndRanges() {
    TestLab lab = api.open();
    lab.put("/f", TestLab.bytes(10_000)).is(201);
    Answer whole = lab.get("/files/f").is(200);
    String tag = whole.header("ETag");
    assertThat(whole.bytes()).isEqualTo(TestLab.bytes(10_000));
    lab.get("/files/f", "If-None-Match", tag).is(304);
    Answer part = lab.get("/files/f", "Range", "bytes=100-199").is(206);
    assertThat(part.bytes())
        .isEqualTo(java.util.Arrays.copyOfRange(TestLab.bytes(10_000), 100, 200));
    assertThat(part.header("Content-Range")).isEqualTo("bytes 100-199/10000");
    lab.put("/f", TestLab.bytes(9_000)).is(200);
    lab.get("/files/f", "If-None-Match", tag).is(200);
    assertThat(lab.get("/files/f", "Range", "bytes=0-9", "If-Range", tag).is(200).bytes())
        .hasSize(9_000);
    String recording = lab.get("/recording").is(200).header("ETag");
    lab.get("/recording", "If-None-Match", recording).is(304);
  }

  @Test
  void files_comeInPages() {
    TestLab lab = api.open();
    for (int i = 0; i < 7; i++) {
      lab.put("/f" + i, new byte[1]).is(201);
    }
    List<String> all = new ArrayList<>();
    String address = lab.at("/files?limit=3");
    int pages = 0;
    while (!address.isEmpty()) {
      Answer page = api.get(address).is(200);
      page.json().forEach(file -> all.add(file.get("path").asString()));
      if (pages++ == 0) {
        api.delete(lab.at("/files/f2")).is(200); // the cursor's own file goes
      }
      address = next(page);
    }
    assertThat(pages).isEqualTo(3);
    assertThat(all).containsExactly("/f0", "/f1", "/f2", "/f3", "/f4", "/f5", "/f6");
    lab.get("/files?limit=0").problem("bad-parameter", "limit");
    lab.get("/files?cursor=%2A").problem("bad-parameter", "cursor");
  }

  @Test
  void labsAndChanges_comeInPages() {
    List<String> opened = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      opened.add(api.open("{\"frames\":64}").id());
    }
    List<String> listed = new ArrayList<>();
    for (String address = "/labs?limit=2"; !address.isEmpty(); ) {
      Answer page = api.get(address).is(200);
      page.json().forEach(lab -> listed.add(lab.get("id").asString()));
      address = next(page);
    }
    assertThat(listed).containsSubsequence(opened).doesNotHaveDuplicates();
    TestLab lab = api.open();
    lab.map(lab.spawn(), 4);
    List<JsonNode> changes = new ArrayList<>();
    for (String address = lab.at("/changes?limit=7"); !address.isEmpty(); ) {
      Answer page = api.get(address).is(200);
      page.json().get("changes").forEach(changes::add);
      assertThat(page.json().get("last").asLong()).isEqualTo(changes.size());
      address = next(page);
    }
    assertThat(changes).isEqualTo(lab.changes(0, 100_000));
  }

  /** The address of the next page below the API, empty on the last one. */
  private static String next(Answer page) {
    String link = page.header("Link");
    return link.isEmpty()
        ? ""
        : link.substring("</api/v1".length(), link.indexOf(">; rel=\"next\""));
  }

  @Test
  void largeAnswer_isCompressedWhereItIsAskedFor() {
    TestLab lab = api.open();
    lab.spawn();
    Answer answer = lab.get("/changes", "Accept-Encoding", "gzip").is(200);
    assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
  }
}
