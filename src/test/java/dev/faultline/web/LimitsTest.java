package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.Faultline;
import dev.faultline.lab.Limits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Reaching a limit is an error that names it, and the laboratory stays usable. */
@TestPropertySource(
    properties = {
      "faultline.limits.labs=3",
      "faultline.limits.frames=512",
      "faultline.limits.processes=2",
      "faultline.limits.files=3",
      "faultline.limits.file-bytes=10000",
      "faultline.limits.access-bytes=4096",
      "faultline.limits.commands=500",
      "faultline.limits.request-bytes=65536",
      "faultline.limits.log-words=16384",
      "faultline.limits.strings=64",
    })
class LimitsTest extends ApiTest {
  @Test
  void limits_areAsConfigured() {
    JsonNode limits = api.get("/limits").is(200).json();
    assertThat(limits.get("labs").asInt()).isEqualTo(3);
    assertThat(limits.get("logWords").asInt()).isEqualTo(16384);
    assertThat(limits.get("stringCharacters").asLong())
        .as("left out")
        .isEqualTo(Limits.DEFAULT.stringCharacters());
  }

  @Test
  void whatLaboratoriesHold_isInUseUntilTheyEnd() {
    JsonNode before = api.get("/limits").json().get("used");
    TestLab lab = api.open("{\"frames\":64}");
    lab.put("/f", new byte[9000]).is(201);
    JsonNode used = api.get("/limits").json().get("used");
    assertThat(used.get("labs").asInt()).isEqualTo(before.get("labs").asInt() + 1);
    assertThat(used.get("recordings")).isEqualTo(before.get("recordings"));
    assertThat(used.get("dataBytes").asLong() - before.get("dataBytes").asLong())
        .isBetween(9_000L, 100_000L);
    api.endLabs();
    assertThat(api.get("/limits").json().at("/used/labs").asInt()).isZero();
    assertThat(api.get("/limits").json().at("/used/dataBytes").asLong())
        .isLessThanOrEqualTo(before.get("dataBytes").asLong());
  }

  @Test
  void tooManyLabs_areToldToTryAgain() {
    for (int i = 0; i < 3; i++) {
      api.open("{\"frames\":64}");
    }
    Api.Answer answer = api.post("/labs", "{\"frames\":64}").is(429);
    assertThat(answer.problem("limit-labs").get("value").asInt()).isEqualTo(3);
    assertThat(answer.header("Retry-After")).isNotBlank();
    api.endLabs();
    api.open("{\"frames\":64}");
  }

  @Test
  void tooManyFrames_areNamed() {
    api.post("/labs", "{\"frames\":513}").problem("limit-frames", "frames");
    api.open("{\"frames\":512}");
    api.post("/labs", "{\"frames\":64,\"swap\":65537}").problem("limit-swap", "swap");
    api.post("/labs", "{\"frames\":64,\"swap\":-1}").problem("bad-command", "swap");
  }

  @Test
  void tooManyProcesses_keepWhatAnArrayHasDone() {
    TestLab lab = api.open("{\"frames\":64}");
    String spawn = "{\"do\":\"spawn\"}";
    JsonNode problem =
        lab.commands("[" + spawn + "," + spawn + "," + spawn + "]")
            .problem("limit-processes", "[2]");
    assertThat(problem.get("completed")).hasSize(2);
    assertThat(problem.get("limit").asString()).isEqualTo("processes");
    lab.map(2, 1);
    assertThat(lab.auditHolds()).isTrue();
  }

  @Test
  void tooManyFiles_leaveThoseThereAreUsable() {
    TestLab lab = api.open("{\"frames\":64}");
    lab.spawn();
    for (int i = 0; i < 3; i++) {
      lab.put("/" + i, new byte[1]).is(201);
    }
    lab.put("/3", new byte[1]).problem("limit-files");
    String open = "{\"do\":\"open\",\"pid\":1,\"path\":\"%s\",\"flags\":[\"RDWR\",\"CREAT\"]}";
    lab.commands(open.formatted("/3")).problem("limit-files");
    lab.result(open.formatted("/2"));
    api.delete(lab.at("/files/0")).is(200);
    lab.put("/3", new byte[1]).is(201);
  }

  @Test
  void tooManyBytes_areTooLarge() {
    TestLab lab = api.open("{\"frames\":64}");
    lab.put("/a", new byte[9000]).is(201);
    JsonNode problem = lab.put("/b", new byte[2000]).problem("too-large");
    assertThat(problem.get("limit").asString()).isEqualTo("fileBytes");
    lab.put("/c", new byte[70_000]).problem("too-large", "(body)");
    assertThat(lab.get("/files").json()).hasSize(1);
  }

  @Test
  void tooManyNames_refuseOnlyNewNames() {
    TestLab lab = api.open("{\"frames\":64}");
    lab.spawn();
    String address = lab.map(1, 1);
    JsonNode problem = null;
    for (int i = 0; i < 100 && problem == null; i++) {
      Api.Answer answer = lab.commands("{\"do\":\"open\",\"pid\":1,\"path\":\"/none" + i + "\"}");
      problem = answer.status() == 200 ? null : answer.problem("limit-strings");
    }
    assertThat(problem).isNotNull();
    lab.write(1, address, "still usable");
    assertThat(lab.auditHolds()).isTrue();
  }

  /** A bounded log drops its oldest records; the recording has them still. */
  @Test
  void logThatHasMovedOn_isReadFromTheRecording() {
    TestLab lab = api.open("{\"frames\":64}");
    lab.spawn();
    String cycle =
        "{'do':'mmap','pid':1,'address':4194304,'length':8192,'prot':['WRITE','READ'],'flags':['PRIVATE','ANONYMOUS','FIXED']},{'do':'write','pid':1,'address':4194304,'data':{'text':'x'}},"
            .replace('\'', '"')
            .repeat(200);
    for (int i = 0; i < 6; i++) {
      lab.commands("[" + cycle.substring(0, cycle.length() - 1) + "]").is(200);
    }
    long middle = lab.head() / 2;
    for (long after : new long[] {0, middle, lab.head() - 1}) {
      assertThat(lab.changes(after, 1).getFirst().get("seq").asLong()).isEqualTo(after + 1);
    }
    assertThat(lab.rows("vma?at=1")).isEmpty();
    assertThat(lab.rows("vma")).hasSize(1);
    assertThat(lab.table("vma?at=" + lab.head()).get("rows")).hasSize(1);
    assertThat(lab.rows("vma?at=" + middle)).hasSizeLessThan(2);
    assertThat(lab.auditHolds()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "labs, 0",
    "frames, 15",
    "frames, 99999999",
    "log-words, 1",
    "commands, -1",
    "lab, 1"
  })
  void badLimit_stopsTheStartAndIsNamed(String limit, String value) {
    var application =
        new SpringApplicationBuilder(Faultline.class)
            .web(WebApplicationType.SERVLET)
            .properties(Map.of("spring.main.banner-mode", "off"));
    assertThatThrownBy(
            () -> application.run("--server.port=0", "--faultline.limits." + limit + "=" + value))
        .hasStackTraceContaining("faultline.limits")
        .hasStackTraceContaining(limit.contains("-") ? "" : limit);
  }

  @Test
  void nothingConfigured_isTheDefault() {
    var binder = new Binder(List.of(new MapConfigurationPropertySource(Map.of())));
    assertThat(binder.bindOrCreate("faultline.limits", LimitsProperties.class).limits())
        .isEqualTo(Limits.DEFAULT);
  }
}
