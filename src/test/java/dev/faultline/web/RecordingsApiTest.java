package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Recordings over HTTP: fetched, uploaded, read, branched, explained and compared. */
class RecordingsApiTest extends ApiTest {
  private final List<String> uploaded = new ArrayList<>();

  @AfterEach
  void deleteRecordings() {
    uploaded.forEach(id -> api.delete("/recordings/" + id));
  }

  /** A private file page, copied when the child of a fork writes it. */
  private TestLab copied() {
    TestLab lab = api.open("{\"name\":\"copied\"}");
    int pid = lab.spawn();
    String address = lab.mapFile(pid, "/lib/données.so", 2);
    lab.read(pid, address, 8);
    lab.run("{'do':'fork','pid':%d}".formatted(pid));
    lab.write(pid + 1, address, "hello");
    return lab;
  }

  @Test
  void recordings_comeInPages() {
    byte[] bytes = copied().get("/recording").is(200).bytes();
    List<String> uploaded = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      uploaded.add(upload(bytes).is(201).json().get("id").asString());
    }
    List<String> listed = new ArrayList<>();
    int pages = 0;
    for (String address = "/recordings?limit=2"; !address.isEmpty(); pages++) {
      Answer page = api.get(address).is(200);
      page.json().forEach(kept -> listed.add(kept.get("id").asString()));
      String link = page.header("Link");
      address = link.isEmpty() ? "" : link.substring("</api/v1".length(), link.indexOf('>'));
    }
    assertThat(listed).containsExactlyElementsOf(uploaded.stream().sorted().toList());
    assertThat(pages).isEqualTo(3);
    api.get("/recordings?limit=0").problem("bad-parameter", "limit");
    api.get("/recordings?cursor=%2A").problem("bad-parameter", "cursor");
  }

  /** The commands of an upload are anybody's: what they ask for is refused before it is done. */
  @Test
  void recordingWithWildCommands_isRefusedWhereTheyWouldBeDone() {
    TestLab lab = copied();
    String lines = lab.get("/recording?format=ndjson").text();
    var random = new Random(11);
    for (int round = 0; round < 40; round++) {
      List<String> wild = new ArrayList<>();
      for (String line : lines.lines().toList()) {
        boolean isCommand = line.startsWith("{\"type\":\"command\"");
        wild.add(isCommand ? damagedHex(line, random) : line);
      }
      byte[] file = (String.join("\n", wild) + "\n").getBytes(StandardCharsets.UTF_8);
      String id = upload(file).is(201).json().get("id").asString();
      String body = "{\"from\":{\"recording\":\"%s\",\"seq\":%d}}".formatted(id, head(lab));
      Answer branch = api.post("/labs", body);
      assertThat(branch.status()).as("round %d: %s", round, branch.text()).isLessThan(500);
      if (branch.status() == 201) {
        api.delete("/labs/" + branch.json().get("id").asString());
      }
      Answer bytes = api.get("/recordings/" + id + "/frames/5/bytes");
      assertThat(bytes.status()).as("round %d: %s", round, bytes.text()).isLessThan(500);
    }
  }

  private static String damagedHex(String line, Random random) {
    int from = line.indexOf("\"hex\":\"") + 7;
    var bytes = new StringBuilder(line);
    int at = from + random.nextInt(line.lastIndexOf('"') - from);
    bytes.setCharAt(at, "0123456789abcdef".charAt(random.nextInt(16)));
    return bytes.toString();
  }

  private static long head(TestLab lab) {
    return lab.get("").json().get("head").asLong();
  }

  private Answer upload(byte[] bytes) {
    Answer answer = api.send("POST", "/recordings", bytes);
    if (answer.status() == 201) {
      uploaded.add(answer.json().get("id").asString());
    }
    return answer;
  }

  @Test
  void recordingOfALab_comesBackAsAnUpload() {
    TestLab lab = copied();
    byte[] file = lab.get("/recording").is(200).bytes();
    JsonNode recording = upload(file).is(201).json();
    String at = "/recordings/" + recording.get("id").asString();
    assertThat(recording.get("name").asString()).isEqualTo("copied");
    assertThat(recording.get("canBranch").asBoolean()).isTrue();
    assertThat(recording.get("lastSeq").asLong()).isEqualTo(head(lab));
    assertThat(recording.get("whole").asBoolean()).isTrue();
    assertThat(api.get(at).json()).isEqualTo(recording);
    assertThat(api.get("/recordings").json().toString()).contains(recording.get("id").asString());
    assertThat(api.get(at + "/file").is(200).bytes()).isEqualTo(file);
    for (String table : List.of("frame", "pte", "vma", "file", "process", "tlb")) {
      assertThat(api.get(at + "/tables/" + table).json())
          .isEqualTo(lab.get("/tables/" + table).json());
      assertThat(api.get(at + "/tables/" + table + "?at=20").json())
          .isEqualTo(lab.get("/tables/" + table + "?at=20").json());
    }
    assertThat(api.get(at + "/changes?limit=100000").json())
        .isEqualTo(lab.get("/changes?limit=100000").json());
    assertThat(api.get(at + "/schema").json()).isEqualTo(api.get("/schema").json());
    api.delete(at).is(204);
    api.get(at).problem("unknown-recording");
  }

  @Test
  void linesOfARecording_comeBackAsTheSame() {
    TestLab lab = copied();
    Answer lines = lab.get("/recording?format=ndjson").is(200);
    assertThat(lines.header("Content-Type")).startsWith("application/x-ndjson");
    JsonNode imported = upload(lines.bytes()).is(201).json();
    String at = "/recordings/" + imported.get("id").asString();
    assertThat(api.get(at + "/file").bytes()).isEqualTo(lab.get("/recording").bytes());
    assertThat(api.get(at + "/file?format=ndjson").bytes()).isEqualTo(lines.bytes());
    lab.get("/recording?format=xml").problem("bad-parameter", "format");
  }

  @Test
  void ranges_areAnsweredWhileTheRecordingIsTheSame() {
    TestLab lab = copied();
    Answer whole = lab.get("/recording").is(200);
    byte[] bytes = whole.bytes();
    assertThat(whole.header("Accept-Ranges")).isEqualTo("bytes");
    Answer part = api.get(lab.at("/recording"), "Range", "bytes=8-23").is(206);
    assertThat(part.bytes()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 8, 24));
    assertThat(part.header("Content-Range")).isEqualTo("bytes 8-23/" + bytes.length);
    Answer end = api.get(lab.at("/recording"), "Range", "bytes=-16").is(206);
    assertThat(new String(end.bytes(), 8, 8, StandardCharsets.US_ASCII)).isEqualTo("FLTINDEX");
    assertThat(api.get(lab.at("/recording"), "Range", "bytes=99999999-").status()).isEqualTo(416);
    String tag = whole.header("ETag");
    api.get(lab.at("/recording"), "Range", "bytes=0-7", "If-Range", tag).is(206);
    lab.spawn();
    api.get(lab.at("/recording"), "Range", "bytes=0-7", "If-Range", tag).is(200);
  }

  @Test
  void junk_isABadRecording() {
    assertThat(upload("nonsense".getBytes(StandardCharsets.UTF_8)).problem("bad-recording"))
        .isNotNull();
    upload("{}\n".getBytes(StandardCharsets.UTF_8)).problem("bad-recording");
    byte[] good = copied().get("/recording").bytes();
    var random = new Random(3);
    for (int i = 0; i < 30; i++) {
      byte[] bad = good.clone();
      bad[8 + random.nextInt(bad.length / 2)] ^= (byte) (1 << random.nextInt(8));
      upload(bad).problem("bad-recording");
    }
    good[7] = 9;
    assertThat(upload(good).problem("bad-recording").get("detail").asString()).contains("format 9");
  }

  @Test
  void branch_goesOnFromAMomentOfALab() {
    TestLab lab = copied();
    long forked =
        lab.get("/changes?limit=100000")
            .json()
            .get("changes")
            .valueStream()
            .filter(record -> record.path("kind").asString("").equals("fork"))
            .findFirst()
            .orElseThrow()
            .get("seq")
            .asLong();
    long before = forked - 1;
    String body = "{\"name\":\"branch\",\"from\":{\"lab\":\"%s\",\"seq\":%d}}";
    TestLab branch = api.open(body.formatted(lab.id(), before));
    JsonNode json = branch.get("").json();
    assertThat(json.get("head").asLong()).isEqualTo(before);
    assertThat(json.at("/parent/id").asString()).isEqualTo(lab.id());
    assertThat(json.at("/parent/seq").asLong()).isEqualTo(before);
    assertThat(branch.get("/tables/frame").json().get("rows"))
        .isEqualTo(lab.get("/tables/frame?at=" + before).json().get("rows"));
    branch.spawn();
    assertThat(branch.get("/audit").json().get("holds").asBoolean()).isTrue();
    assertThat(lab.get("").json().get("parent").isNull()).isTrue();
    Answer inside = api.post("/labs", body.formatted(lab.id(), before - 1));
    assertThat(inside.problem("no-boundary", "from.seq").get("detail").asString())
        .contains(Long.toString(before));
    api.post("/labs", body.formatted("nobody", 3)).problem("unknown-lab");
    api.post("/labs", "{\"frames\":64,\"from\":{\"lab\":\"%s\",\"seq\":3}}".formatted(lab.id()))
        .problem("bad-command", "frames");
  }

  @Test
  void branchOfALabOfTwoHarts_hasTheirTlbs() {
    TestLab lab = api.open("{\"harts\":2}");
    int pid = lab.spawn();
    String address = lab.map(pid, 1);
    for (int hart : new int[] {1, 0}) {
      lab.run("{'do':'affinity','pid':%d,'hart':%d}".formatted(pid, hart));
      lab.write(pid, address, "x");
    }
    String id = upload(lab.get("/recording").bytes()).is(201).json().get("id").asString();
    TestLab branch =
        api.open("{\"from\":{\"recording\":\"%s\",\"seq\":%d}}".formatted(id, head(lab)));
    assertThat(branch.get("").json().get("harts").asInt()).isEqualTo(2);
    JsonNode rows = lab.get("/tables/tlb").json().get("rows");
    assertThat(rows.size()).isEqualTo(2);
    assertThat(branch.get("/tables/tlb").json().get("rows")).isEqualTo(rows);
    assertThat(branch.get("/tables/hart").json().get("rows"))
        .isEqualTo(lab.get("/tables/hart").json().get("rows"));
  }

  @Test
  void branch_goesOnFromARecording() {
    TestLab lab = copied();
    String id = upload(lab.get("/recording").bytes()).is(201).json().get("id").asString();
    long head = head(lab);
    TestLab branch = api.open("{\"from\":{\"recording\":\"%s\",\"seq\":%d}}".formatted(id, head));
    assertThat(branch.get("/tables/pte").json().get("rows"))
        .isEqualTo(lab.get("/tables/pte").json().get("rows"));
    String lines =
        lab.get("/recording?format=ndjson")
            .text()
            .replaceFirst("\"engine\":\"[^\"]*\"", "\"engine\":\"9.9\"");
    JsonNode foreign = upload(lines.getBytes(StandardCharsets.UTF_8)).is(201).json();
    assertThat(foreign.get("canBranch").asBoolean()).isFalse();
    String other = foreign.get("id").asString();
    JsonNode refused =
        api.post("/labs", "{\"from\":{\"recording\":\"%s\",\"seq\":%d}}".formatted(other, head))
            .problem("cannot-branch");
    assertThat(refused.get("detail").asString()).contains("9.9").contains("played");
    api.get("/recordings/" + other + "/tables/frame").is(200);
  }

  @Test
  void why_followsTheBytesOfACopyToTheirFile() {
    TestLab lab = copied();
    JsonNode entry = lab.get("/tables/pte?pid=2&level=0").json().get("rows").get(0);
    JsonNode why =
        lab.get("/why?table=pte&column=value&key=" + entry.get("address").asString())
            .is(200)
            .json();
    assertThat(why.get("story").asString()).contains("copy-on-write");
    assertThat(why.at("/change/table").asString()).isEqualTo("pte");
    assertThat(why.get("seq").asLong())
        .isBetween(why.get("firstSeq").asLong(), why.get("lastSeq").asLong());
    List<String> tables =
        why.get("causes").valueStream().map(cause -> cause.get("table").asString()).toList();
    assertThat(tables).containsExactly("frame", "frame", "file");
    assertThat(why.at("/causes/1/because").asString()).contains("copied from");
    assertThat(why.at("/causes/2/row/path").asString()).isEqualTo("/lib/données.so");
    lab.get("/why?table=pte&key=0x7").problem("unknown-row");
    lab.get("/why?table=nothing&key=1").problem("unknown-table");
    lab.get("/why?table=pte&key=1&column=nothing").problem("bad-parameter", "column");
  }

  @Test
  void why_followsARelocatedPageToTheLibrary() {
    TestLab lab = api.open("{\"scenario\":\"map-a-library\"}");
    for (JsonNode step : api.get("/scenarios/map-a-library").json().get("steps")) {
      lab.commands(step.get("command").toString()).is(200);
    }
    JsonNode data = null;
    for (JsonNode entry : lab.get("/tables/pte?pid=1&level=0").json().get("rows")) {
      data = entry.get("va").asString().contains("20001000") ? entry : data;
    }
    JsonNode why =
        lab.get(
                "/why?table=pte&column=value&key="
                    + Objects.requireNonNull(data).get("address").asString())
            .is(200)
            .json();
    assertThat(why.get("story").asString()).contains("copy-on-write");
    List<String> tables =
        why.get("causes").valueStream().map(cause -> cause.get("table").asString()).toList();
    assertThat(tables).containsExactly("frame", "frame", "file");
    assertThat(why.at("/causes/0/key").asString()).isNotEqualTo(why.at("/causes/1/key").asString());
    assertThat(why.at("/causes/1/because").asString()).contains("copied from");
    assertThat(why.at("/causes/2/row/path").asString()).isEqualTo("/lib/libgreet.so");
  }

  @Test
  void diff_ofLazyAndEagerCopies_isTheFrameThatNobodyHasWrittenYet() {
    TestLab lazy = api.open("{\"frames\":64,\"privateFile\":\"lazy\"}");
    TestLab eager = api.open("{\"frames\":64,\"privateFile\":\"eager\"}");
    String question = "/diff?left=labs/%s&right=labs/%s".formatted(lazy.id(), eager.id());
    assertThat(api.get(question).json().get("same").asBoolean()).as("at the beginning").isTrue();
    for (TestLab lab : List.of(lazy, eager)) {
      lab.write(lab.spawn(), lab.mapFile(1, "/data/letters", 3), "x");
    }
    JsonNode live = api.get(question).is(200).json();
    assertThat(live.get("same").asBoolean()).isFalse();
    assertThat(live.get("firstDifferent").asLong()).isPositive().isLessThan(head(eager));
    assertThat(live.at("/tables/frame/rows").size()).as(live.toString()).isPositive();
    assertThat(live.at("/tables/pte/rows").size()).isPositive();
    assertThat(live.get("tables").has("descriptor")).as("the same in both").isFalse();
    String left = upload(lazy.get("/recording").bytes()).is(201).json().get("id").asString();
    String right = upload(eager.get("/recording").bytes()).is(201).json().get("id").asString();
    JsonNode recorded =
        api.get("/diff?left=recordings/%s&right=recordings/%s".formatted(left, right)).json();
    assertThat(recorded.get("firstDifferent")).isEqualTo(live.get("firstDifferent"));
    assertThat(recorded.get("tables")).isEqualTo(live.get("tables"));
  }

  @Test
  void diff_namesTheFirstRecordAndTheRowsThatDiffer() {
    TestLab lab = copied();
    long head = head(lab);
    String of = "labs/" + lab.id();
    JsonNode same = api.get("/diff?left=%s&right=%s".formatted(of, of)).is(200).json();
    assertThat(same.get("same").asBoolean()).isTrue();
    assertThat(same.get("firstDifferent").isNull()).isTrue();
    TestLab branch = api.open("{\"from\":{\"lab\":\"%s\",\"seq\":%d}}".formatted(lab.id(), head));
    lab.spawn();
    branch.run("{'do':'spawn','name':'other'}");
    JsonNode diff =
        api.get("/diff?left=%s&right=labs/%s".formatted(of, branch.id())).is(200).json();
    assertThat(diff.get("firstDifferent").asLong()).isGreaterThan(head);
    assertThat(diff.at("/tables/process/rows/0/columns/0").asString()).isEqualTo("name");
    assertThat(diff.at("/tables/process/rows/0/right/name").asString()).isEqualTo("other");
    JsonNode moments = api.get("/diff?left=%s&leftAt=%d&right=%s".formatted(of, head, of)).json();
    assertThat(moments.at("/tables/process/rows/0/right/pid").asInt()).isEqualTo(3);
    assertThat(moments.at("/tables/process/rows/0").has("left")).isFalse();
    api.get("/diff?left=nonsense&right=" + of).problem("bad-parameter", "left");
  }

  @Test
  void bytesOfAFrame_areThoseOfTheMoment() {
    TestLab lab = copied();
    JsonNode entry = lab.get("/tables/pte?pid=2&level=0").json().get("rows").get(0);
    String frame = "/frames/" + entry.get("ppn").asString() + "/bytes";
    long hello = head(lab);
    lab.write(2, "0x" + entry.get("va").asString().substring(2), "later");
    assertThat(new String(lab.get(frame).is(200).bytes(), 0, 5, StandardCharsets.US_ASCII))
        .isEqualTo("later");
    Answer then = lab.get(frame + "?at=" + hello).is(200);
    assertThat(new String(then.bytes(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("hello");
    assertThat(then.bytes()).hasSize(4096);
    assertThat(then.header("X-At")).isEqualTo(Long.toString(hello));
    lab.get(frame + "?at=" + (hello - 1)).problem("no-boundary");
    String id = upload(lab.get("/recording").bytes()).is(201).json().get("id").asString();
    String past = "/recordings/" + id + frame;
    for (long moment : new long[] {hello, head(lab), hello}) {
      assertThat(api.get(past + "?at=" + moment).is(200).bytes())
          .isEqualTo(lab.get(frame + "?at=" + moment).bytes());
    }
    assertThat(api.get(past).is(200).header("X-At")).isEqualTo(Long.toString(head(lab)));
    api.get(past + "?at=" + (hello - 1)).problem("no-boundary");
    api.get("/recordings/" + id + "/frames/99999999/bytes").problem("bad-parameter", "ppn");
    String foreign =
        lab.get("/recording?format=ndjson")
            .text()
            .replaceFirst("\"engine\":\"[^\"]*\"", "\"engine\":\"9.9\"");
    String other =
        upload(foreign.getBytes(StandardCharsets.UTF_8)).is(201).json().get("id").asString();
    api.get("/recordings/" + other + frame).problem("cannot-branch");
    lab.get("/frames/99999999/bytes").problem("bad-parameter", "ppn");
  }
}
