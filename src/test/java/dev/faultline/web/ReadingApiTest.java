package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.log.Column;
import dev.faultline.log.Table;
import dev.faultline.web.Api.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ReadingApiTest extends ApiTest {
  private TestLab lab = new TestLab(new Api(0), "");
  private String address = "";

  /** One process with a private file mapping of three pages, of which it has written one. */
  @BeforeEach
  void mapAFile() {
    lab = api.open();
    lab.spawn();
    address = lab.mapFile(1, "/lib/f", 3);
    lab.write(1, address, "x");
  }

  @ParameterizedTest
  @EnumSource(value = Table.class, mode = EnumSource.Mode.EXCLUDE, names = "THREAD")
  void table_hasRowsWithItsColumnsByName(Table table) {
    String memory = lab.map(1, 1);
    lab.write(1, memory, "x");
    lab.result(
        "{'do':'madvise','pid':1,'address':'%s','length':4096,'advice':'PAGEOUT'}"
            .formatted(memory));
    JsonNode json = lab.table(table.label());
    assertThat(json.get("table").asString()).isEqualTo(table.label());
    assertThat(json.get("at").asLong()).isEqualTo(lab.head());
    assertThat(json.get("rows")).isNotEmpty();
    for (JsonNode row : json.get("rows")) {
      assertThat(row.propertyNames())
          .containsAll(table.columns().stream().map(Column::label).toList());
    }
  }

  @Test
  void addressesAndFrameNumbers_areHexStrings() {
    JsonNode vma = lab.rows("vma").getFirst();
    assertThat(vma.get("start").asString()).isEqualTo(address);
    assertThat(vma.get("prot").asString()).isEqualTo("rw-");
    assertThat(lab.rows("frame")).allMatch(row -> row.get("ppn").asString().startsWith("0x"));
    assertThat(lab.rows("pte")).allMatch(row -> row.get("value").asString().startsWith("0x"));
  }

  @Test
  void entryOfASwappedPage_showsItsSlot() {
    lab.result(
        "{'do':'madvise','pid':1,'address':'%s','length':4096,'advice':'PAGEOUT'}"
            .formatted(address));
    JsonNode entry = lab.rows("pte?pid=1&slot=1").getFirst();
    assertThat(entry.get("va").asString()).isEqualTo(address);
    assertThat(entry.has("ppn")).isFalse();
    assertThat(lab.rows("swap_slot").getFirst().get("entries").asInt()).isEqualTo(1);
    assertThat(translate(address, "load").get("fault").asString()).contains("V");
  }

  @Test
  void tableAtAMoment_showsTheRowsAsTheyStood() {
    long before = lab.head();
    List<JsonNode> rows = lab.rows("frame");
    lab.write(1, address, "again");
    lab.run("{'do':'munmap','pid':1,'address':'%s','length':12288}".formatted(address));
    assertThat(lab.rows("frame?at=" + before)).isEqualTo(rows);
    assertThat(lab.table("frame?at=0x" + Long.toHexString(before)).get("at").asLong())
        .isEqualTo(before);
    assertThat(lab.rows("vma?at=0")).isEmpty();
    assertThat(lab.rows("vma?at=" + before)).hasSize(1);
    assertThat(lab.rows("vma")).isEmpty();
  }

  @Test
  void filters_chooseRowsByColumn() {
    lab.spawn();
    lab.map(2, 1);
    assertThat(lab.rows("vma")).hasSize(2);
    assertThat(lab.rows("vma?pid=1")).singleElement().matches(row -> row.get("pid").asInt() == 1);
    assertThat(lab.rows("vma?pid=0x1")).hasSize(1);
    assertThat(lab.rows("vma?pid=1&prot=rw-")).hasSize(1);
    assertThat(lab.rows("vma?pid=1&prot=r--")).isEmpty();
    assertThat(lab.rows("vma?path=/lib/f")).hasSize(1);
    assertThat(lab.rows("frame?kind=zero")).hasSize(1);
    assertThat(lab.rows("cached_page?dirty=false")).hasSize(1);
    JsonNode leaf = lab.rows("pte?pid=1&level=0").getFirst();
    String ppn = leaf.get("ppn").asString();
    assertThat(lab.rows("pte?ppn=" + ppn + "&level=0")).containsExactly(leaf);
    assertThat(lab.rows("frame?ppn=" + Long.decode(ppn))).hasSize(1);
  }

  @Test
  void badQuery_isNamed() {
    lab.get("/tables/nonsense").problem("unknown-table");
    JsonNode problem = lab.get("/tables/vma?colour=red").problem("bad-parameter", "colour");
    assertThat(problem.get("detail").asString()).contains("start", "prot");
    lab.get("/tables/vma?at=" + (lab.head() + 1)).problem("sequence-ahead", "at");
    lab.get("/tables/vma?at=-1").problem("bad-parameter", "at");
    lab.get("/tables/vma?at=now").problem("bad-parameter", "at");
    lab.get("/tables/vma?at=").problem("bad-parameter", "at");
    lab.get("/changes?after=99999999").problem("sequence-ahead", "after");
    lab.get("/changes?after=x").problem("bad-parameter", "after");
    lab.get("/changes?limit=0").problem("bad-parameter", "limit");
    lab.get("/changes?limit=100001").problem("bad-parameter", "limit");
    lab.get("/changes?limit=99999999999999999999999999").problem("bad-parameter", "limit");
    lab.get("/events?after=99999999").problem("sequence-ahead", "after");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void paging_coversEveryRecordOnce(int limit) {
    long head = lab.head();
    List<Long> numbers = new ArrayList<>();
    long after = 0;
    while (after < head) {
      JsonNode page = lab.get("/changes?after=" + after + "&limit=" + limit).is(200).json();
      assertThat(page.get("changes").size()).isBetween(1, limit);
      assertThat(page.get("head").asLong()).isEqualTo(head);
      page.get("changes").forEach(record -> numbers.add(record.get("seq").asLong()));
      after = page.get("last").asLong();
    }
    assertThat(numbers).containsExactlyElementsOf(LongStream.rangeClosed(1, head).boxed().toList());
    assertThat(lab.get("/changes?after=" + head).json().get("changes")).isEmpty();
  }

  @Test
  void changes_tellWhatWasAndWhatIs() {
    long after = lab.head();
    lab.read(1, "0x" + Long.toHexString(Long.decode(address) + 4096), 1);
    List<JsonNode> changes =
        lab.changes(after, 1000).stream()
            .filter(record -> record.get("type").asString().equals("change"))
            .toList();
    assertThat(changes)
        .anyMatch(change ->
            change.get("table").asString().equals("frame")
                && change.get("op").asString().equals("insert")
                && !change.has("before"))
        .anyMatch(change ->
            change.get("op").asString().equals("update")
                && change
                    .get("before")
                    .propertyNames()
                    .equals(change.get("after").propertyNames()));
  }

  @Test
  void changesAsLines_areTheSameRecords() {
    Answer lines =
        api.get(lab.at("/changes?after=3&limit=20"), "Accept", "application/x-ndjson").is(200);
    assertThat(lines.header("Content-Type")).startsWith("application/x-ndjson");
    List<JsonNode> records = lines.text().lines().map(Api.JSON::readTree).toList();
    assertThat(records).isEqualTo(lab.changes(3, 20)).hasSize(20);
    api.get(lab.at("/changes?after=99999999"), "Accept", "application/x-ndjson")
        .problem("sequence-ahead", "after");
  }

  @Test
  void maps_areAsLinuxPrintsThem() {
    Answer maps = lab.get("/processes/1/maps").is(200);
    assertThat(maps.header("Content-Type")).startsWith("text/plain");
    long start = Long.decode(address);
    assertThat(maps.text())
        .startsWith("%08x-%08x rw-p 00000000 08:01 ".formatted(start, start + 3 * 4096))
        .endsWith(" /lib/f\n");
    assertThat(maps.text().indexOf("/lib/f")).isEqualTo(73);
  }

  @Test
  void frame_showsItsEquationItsMappingsAndItsFilePage() {
    lab.read(1, "0x" + Long.toHexString(Long.decode(address) + 4096), 1);
    JsonNode row = lab.rows("frame?kind=file&mappings=1").getFirst();
    String ppn = row.get("ppn").asString();
    JsonNode frame = lab.get("/frames/" + ppn).is(200).json();
    assertThat(frame.get("kind").asString()).isEqualTo("file");
    assertThat(frame.get("refs").asInt()).isEqualTo(2);
    assertThat(frame.get("equation").asString()).isEqualTo("2 refs = 1 maps + 1 cache + 0 pins");
    JsonNode leaf = lab.rows("pte?level=0&ppn=" + ppn).getFirst();
    JsonNode mapping = frame.get("mappings").get(0);
    assertThat(mapping.get("pid").asInt()).isEqualTo(1);
    assertThat(mapping.get("va")).isEqualTo(leaf.get("va"));
    assertThat(mapping.get("entry")).isEqualTo(leaf.get("value"));
    assertThat(mapping.get("permissions").asString()).isEqualTo("r--");
    assertThat(frame.at("/file/path").asString()).isEqualTo("/lib/f");
    assertThat(frame.at("/file/page").asInt()).isEqualTo(1);
    assertThat(lab.get("/frames/" + Long.decode(ppn)).is(200).json()).isEqualTo(frame);
  }

  @Test
  void historyOfAFrame_hasItsRecordsTheNewestLast() {
    String ppn = lab.rows("frame?kind=anon").getFirst().get("ppn").asString();
    lab.result("{'do':'fork','pid':1}");
    lab.result("{'do':'exit','pid':2}");
    List<JsonNode> history =
        lab.get("/frames/" + ppn).is(200).json().get("history").valueStream().toList();
    assertThat(history.stream().map(record -> record.get("op").asString()))
        .containsExactly("insert", "update", "update");
    assertThat(history).allMatch(record -> record.get("key").asString().equals(ppn));
    assertThat(TestLab.numbers(history)).isSorted();
    lab.result("{'do':'exit','pid':1}");
    JsonNode freed = lab.get("/frames/" + ppn).is(200).json();
    assertThat(freed.get("kind").asString()).isEqualTo("free");
    assertThat(freed.at("/history/4/op").asString()).isEqualTo("delete");
  }

  @Test
  void frameThatIsNotThere_isAProblem() {
    lab.get("/frames/4095").is(200);
    lab.get("/frames/4096").problem("unknown-frame");
    lab.get("/frames/0xffffffffffffffff").problem("unknown-frame");
    lab.get("/frames/first").problem("bad-parameter", "ppn");
  }

  @Test
  void audit_countsAndHolds() {
    JsonNode audit = lab.get("/audit").is(200).json();
    assertThat(audit.get("holds").asBoolean()).isTrue();
    assertThat(audit.get("checked").asInt()).isPositive();
    assertThat(audit.get("violations")).isEmpty();
  }

  @Test
  void translate_showsEachStepToThePhysicalAddress() {
    JsonNode json = lab.get("/processes/1/translate?address=" + address + "&access=load").json();
    assertThat(json.get("steps")).hasSize(3);
    for (JsonNode step : json.get("steps")) {
      assertThat(step.propertyNames()).contains("level", "address", "value", "verdict");
    }
    assertThat(json.get("steps").get(0).get("level").asInt()).isEqualTo(2);
    assertThat(json.get("steps").get(1).get("verdict").asString()).isEqualTo("pointer");
    assertThat(json.get("steps").get(2).get("verdict").asString()).isEqualTo("leaf");
    assertThat(json.get("fault").isNull()).isTrue();
    JsonNode leaf = lab.rows("pte?pid=1&level=0").getFirst();
    assertThat(json.get("ppn")).isEqualTo(leaf.get("ppn"));
    assertThat(json.get("steps").get(2).get("address")).isEqualTo(leaf.get("address"));
  }

  @Test
  void translate_namesTheBitThatFails() {
    String readOnly = map("READ");
    String executeOnly = map("EXEC");
    lab.read(1, readOnly, 1);
    lab.run("{'do':'execute','pid':1,'address':'%s'}".formatted(executeOnly));
    assertFails(readOnly, "store", "W");
    assertFails(readOnly, "fetch", "X");
    assertFails(executeOnly, "load", "R");
    assertFails("0x1000", "load", "V");
    assertThat(translate("0x4000000000", "load").get("fault").asString()).contains("not canonical");
  }

  @Test
  void translate_namesAccessedAndDirtyWhereTheyFault() {
    TestLab faulting = api.open("{\"adBits\":\"fault\"}");
    faulting.spawn();
    String page = faulting.map(1, 1);
    faulting.read(1, page, 1);
    lab = faulting;
    assertThat(translate(page, "load").get("fault").isNull()).isTrue();
    assertThat(translate(page, "store").get("fault").asString()).isNotBlank();
  }

  private String map(String prot) {
    return lab.result(
            "{'do':'mmap','pid':1,'length':4096,'prot':['%s'],'flags':['PRIVATE','ANONYMOUS']}"
                .formatted(prot))
        .asString();
  }

  private JsonNode translate(String where, String access) {
    return lab.get("/processes/1/translate?address=" + where + "&access=" + access).is(200).json();
  }

  private void assertFails(String where, String access, String bit) {
    JsonNode json = translate(where, access);
    assertThat(json.get("fault").asString("")).as(json.toString()).contains(bit);
    assertThat(json.get("physical").isNull()).isTrue();
    assertThat(json.get("steps").get(json.get("steps").size() - 1).get("verdict").asString())
        .isEqualTo("page fault: " + bit);
  }

  @Test
  void reading_changesNothing() {
    long head = lab.head();
    List<JsonNode> tlb = lab.rows("tlb");
    for (String access : List.of("load", "store", "fetch")) {
      translate(address, access);
      translate("0x1000", access);
    }
    lab.get("/processes/1/maps").is(200);
    lab.get("/audit").is(200);
    lab.get("/files/lib/f").is(200);
    assertThat(lab.head()).isEqualTo(head);
    assertThat(lab.rows("tlb")).isEqualTo(tlb);
  }

  @ParameterizedTest
  @CsvSource({
    "/processes/9/maps, unknown-process, pid",
    "/processes/9/translate?address=0, unknown-process, pid",
    "/processes/x/maps, bad-parameter, pid",
    "/processes/99999999999/maps, bad-parameter, pid",
    "/processes/1/translate, bad-parameter, address",
    "/processes/1/translate?address=here, bad-parameter, address",
    "/processes/1/translate?address=-1, bad-parameter, address",
    "/processes/1/translate?address=0&access=think, bad-parameter, access",
  })
  void badQuestion_isNamed(String path, String rule, String member) {
    lab.get(path).problem(rule, member);
  }

  @Test
  void schema_describesEveryTable() {
    JsonNode schema = api.get("/schema").is(200).json();
    assertThat(schema.get("tables").valueStream().map(table -> table.get("name").asString()))
        .containsExactlyElementsOf(List.of(Table.values()).stream().map(Table::label).toList());
  }

  @Test
  void codeAndRegisters_showWhereAStepCameTo() {
    lab.result(
        "{'do':'mmap','pid':1,'address':65536,'length':4096,'prot':['READ','WRITE','EXEC'],"
            + "'flags':['PRIVATE','ANONYMOUS','FIXED']}");
    lab.result(
        "{'do':'write','pid':1,'address':65536,'data':{'hex':'1305a002 6f000000'}}"); // li a0, 42
    JsonNode stepped = lab.result("{'do':'step','pid':1,'address':'0x10000'}");
    assertThat(stepped.get("pc").asString()).isEqualTo("0x10004");
    assertThat(stepped.get("instruction").asString()).isEqualTo("j 0x10004");
    assertThat(stepped.get("registers").propertyNames()).containsExactly("a0");
    assertThat(stepped.get("stopped").asString()).isEqualTo("instructions");

    JsonNode all = lab.get("/processes/1/registers").is(200).json();
    assertThat(all.get("registers").get("a0").asString()).isEqualTo("0x2a");
    assertThat(all.get("registers")).hasSize(31 + 32 + 1);

    JsonNode code = lab.get("/processes/1/code?address=0x10000&count=2").is(200).json();
    assertThat(code.get("pc").asString()).isEqualTo("0x10004");
    JsonNode first = code.get("rows").get(0);
    assertThat(first.get("assembly").asString()).isEqualTo("li a0, 42");
    assertThat(first.get("bytes").asString()).isEqualTo("1305a002");
    assertThat(first.get("pc").asBoolean()).isFalse();
    assertThat(code.get("rows").get(1).get("pc").asBoolean()).isTrue();
  }

  @Test
  void codeThatNoEntryMaps_isOneRowWithoutAssembly() {
    JsonNode rows = lab.get("/processes/1/code?address=0x900000").is(200).json().get("rows");
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("assembly").isNull()).isTrue();
    lab.get("/processes/1/code?address=1").problem("bad-parameter", "address");
    lab.get("/processes/1/code?count=0").problem("bad-parameter", "count");
  }

  @Test
  void program_showsItsOutputAndItsCallsAlsoAfterItsEnd() {
    lab.put("/bin/hello?mode=0755", Programs.file("hello")).is(201);
    int pid = lab.result("{'do':'exec','path':'/bin/hello','argv':['hello']}").get("pid").asInt();
    JsonNode ran = lab.result("{'do':'run','pid':%d}".formatted(pid));
    assertThat(ran.get("stopped").asString()).isEqualTo("exit");
    assertThat(ran.get("status").asInt()).isEqualTo(1);
    assertThat(lab.get("/processes/" + pid + "/stdout").is(200).text()).isEqualTo("hello\n");
    assertThat(lab.get("/processes/" + pid + "/stderr").is(200).text()).isEmpty();
    assertThat(lab.get("/processes/" + pid + "/strace").is(200).text())
        .endsWith("exit_group(1) = ?\n");
    assertThat(lab.result("{'do':'run'}").get("stopped").asString()).isEqualTo("exit");
    lab.get("/processes/99/stdout").problem("unknown-process");
  }
}
