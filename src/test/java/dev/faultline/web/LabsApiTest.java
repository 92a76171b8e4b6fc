package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class LabsApiTest extends ApiTest {
  @Test
  void openingALab_answers201WithItsAddress() {
    Answer answer = api.post("/labs", "{\"name\":\"first\",\"frames\":64}").is(201);
    String id = answer.json().get("id").asString();
    assertThat(answer.header("Location")).isEqualTo("/api/v1/labs/" + id);
    assertThat(answer.json().get("name").asString()).isEqualTo("first");
    assertThat(answer.json().get("frames").asInt()).isEqualTo(64);
    api.delete("/labs/" + id).is(204);
  }

  @Test
  void emptyBody_opensALabWithTheDefaults() {
    JsonNode lab = api.post("/labs", "").is(201).json();
    assertThat(lab.get("frames").asInt()).isEqualTo(4096);
    assertThat(lab.get("paging").asString()).isEqualTo("sv39");
    assertThat(lab.get("tlb").get("entries").asInt()).isEqualTo(32);
    assertThat(lab.get("tlb").get("ways").asInt()).isEqualTo(4);
    assertThat(lab.get("privateFile").asString()).isEqualTo("lazy");
    assertThat(lab.get("adBits").asString()).isEqualTo("hardware");
    assertThat(lab.get("readahead").asInt()).isZero();
    assertThat(lab.get("faultAround").asInt()).isZero();
    api.delete("/labs/" + lab.get("id").asString()).is(204);
  }

  @Test
  void settings_areTaken() {
    TestLab lab =
        api.open(
            """
            {"seed":"0x2a","frames":"128","paging":"sv48","tlb":{"entries":8,"ways":2,"policy":"lru"},
             "privateFile":"eager","adBits":"fault",
             "readahead":32,"faultAround":16,"thp":"always"}\
            """);
    JsonNode json = lab.get("").json();
    assertThat(json.get("seed").asLong()).isEqualTo(42);
    assertThat(json.get("frames").asInt()).isEqualTo(128);
    assertThat(json.get("paging").asString()).isEqualTo("sv48");
    assertThat(json.get("tlb").get("entries").asInt()).isEqualTo(8);
    assertThat(json.get("tlb").get("policy").asString()).isEqualTo("lru");
    assertThat(json.get("privateFile").asString()).isEqualTo("eager");
    assertThat(json.get("adBits").asString()).isEqualTo("fault");
    assertThat(json.get("readahead").asInt()).isEqualTo(32);
    assertThat(json.get("faultAround").asInt()).isEqualTo(16);
    assertThat(json.get("thp").asString()).isEqualTo("always");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"frames":15}            | frames
          {"frames":-1}            | frames
          {"frames":1.5}           | frames
          {"frames":[]}            | frames
          {"name":""}              | name
          {"name":7}               | name
          {"paging":"sv32"}        | paging
          {"privateFile":"maybe"}  | privateFile
          {"adBits":"software"}    | adBits
          {"thp":"sometimes"}      | thp
          {"readahead":-1}         | readahead
          {"readahead":4096}       | readahead
          {"faultAround":12}       | faultAround
          {"faultAround":1024}     | faultAround
          {"tlb":32}               | tlb
          {"tlb":{"entries":33}}   | tlb.entries
          {"tlb":{"entries":0}}    | tlb.entries
          {"tlb":{"ways":64}}      | tlb.ways
          {"tlb":{"policy":"mru"}} | tlb.policy
          {"tlb":{"size":8}}       | tlb.size
          {"seed":"many"}          | seed
          {"fames":64}             | fames
          [1]                      | (body)
          """)
  void badSetting_isNamed(String body, String member) {
    api.post("/labs", body).problem("bad-command", member);
  }

  @Test
  void tooManyFrames_passTheLimitOfFrames() {
    JsonNode problem = api.post("/labs", "{\"frames\":65537}").problem("limit-frames", "frames");
    assertThat(problem.get("limit").asString()).isEqualTo("frames");
    assertThat(problem.get("value").asInt()).isEqualTo(65536);
    api.post("/labs", "{\"frames\":2000000000}").problem("limit-frames", "frames");
  }

  @Test
  void openLab_isListedAndHasAHeadAndLimits() {
    TestLab lab = api.open();
    assertThat(api.get("/labs").json().valueStream().map(one -> one.get("id").asString()))
        .contains(lab.id());
    long before = lab.head();
    long last = lab.run("{'do':'spawn'}").get("lastSeq").asLong();
    assertThat(lab.head()).isEqualTo(last).isGreaterThan(before);
    ObjectNode limits = (ObjectNode) api.get("/limits").is(200).json();
    assertThat(limits.remove("used")).isNotNull();
    assertThat(lab.get("").json().get("limits")).isEqualTo(limits);
    assertThat(limits.get("frames").asInt()).isEqualTo(65536);
  }

  @Test
  void endedLab_isUnknown() {
    TestLab lab = api.open();
    api.delete(lab.at("")).is(204);
    lab.get("").problem("unknown-lab");
    api.delete(lab.at("")).problem("unknown-lab");
    lab.commands("{\"do\":\"spawn\"}").problem("unknown-lab");
    lab.get("/tables/frame").problem("unknown-lab");
    lab.get("/changes").problem("unknown-lab");
    lab.get("/events").problem("unknown-lab");
    lab.get("/audit").problem("unknown-lab");
    lab.get("/files").problem("unknown-lab");
    lab.put("/a", new byte[1]).problem("unknown-lab");
    lab.get("/processes/1/maps").problem("unknown-lab");
  }

  @Test
  void sameSettingsAndCommands_giveTheSameLog() {
    String[] logs = new String[2];
    for (int i = 0; i < logs.length; i++) {
      TestLab lab = api.open("{\"seed\":7}");
      int pid = lab.spawn();
      lab.write(pid, lab.mapFile(pid, "/f", 2), "hello");
      logs[i] = lab.get("/changes?limit=100000").json().get("changes").toString();
    }
    assertThat(logs[0]).isEqualTo(logs[1]).hasSizeGreaterThan(1000);
  }
}
