package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.lab.Command;
import dev.faultline.lab.Limits;
import dev.faultline.log.Table;
import dev.faultline.web.Api.Answer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document says what the readers take, no more and no less. */
class OpenApiTest extends ApiTest {
  private JsonNode document = Api.JSON.nullNode();

  @BeforeEach
  void read() {
    document = api.get("/openapi").is(200).json();
  }

  private JsonNode schema(String name) {
    return document.get("components").get("schemas").get(name);
  }

  /** The schemas of all commands by what they do. */
  private Map<String, JsonNode> commands() {
    Map<String, JsonNode> commands = new TreeMap<>();
    for (JsonNode choice : schema("Command").get("oneOf")) {
      JsonNode schema = resolve(choice);
      commands.put(schema.at("/properties/do/enum/0").asString(), schema);
    }
    return commands;
  }

  private JsonNode resolve(JsonNode reference) {
    String name = reference.get("$ref").asString();
    return schema(name.substring(name.lastIndexOf('/') + 1));
  }

  private Map<String, JsonNode> examples(String path) {
    Map<String, JsonNode> examples = new LinkedHashMap<>();
    document
        .get("paths")
        .get(path)
        .at("/post/requestBody/content/application~1json/examples")
        .properties()
        .forEach(entry -> examples.put(entry.getKey(), entry.getValue().get("value")));
    return examples;
  }

  private JsonNode example(String verb) {
    JsonNode example = examples("/api/v1/labs/{lab}/commands").get(verb);
    return Objects.requireNonNull(example, () -> "an example of " + verb);
  }

  /** What the readers say they know, when they are sent a member that they do not. */
  private static TreeSet<String> known(Answer refused) {
    String detail = refused.problem("bad-command").get("detail").asString();
    assertThat(detail).contains("known are ");
    return new TreeSet<>(List.of(detail.substring(detail.indexOf("known are ") + 10).split(", ")));
  }

  private static ObjectNode with(JsonNode example, String member) {
    return ((ObjectNode) example.deepCopy()).put(member, 1);
  }

  @Test
  void document_isOpenApi31AndCoversEveryCall() {
    assertThat(document.get("openapi").asString()).startsWith("3.1");
    assertThat(document.get("paths").propertyNames())
        .contains(
            "/api/v1/labs",
            "/api/v1/labs/{lab}",
            "/api/v1/limits",
            "/api/v1/scenarios",
            "/api/v1/scenarios/{id}",
            "/api/v1/labs/{lab}/commands",
            "/api/v1/labs/{lab}/files",
            "/api/v1/labs/{lab}/files/{path}",
            "/api/v1/labs/{lab}/tables/{table}",
            "/api/v1/labs/{lab}/changes",
            "/api/v1/labs/{lab}/events",
            "/api/v1/labs/{lab}/processes/{pid}/maps",
            "/api/v1/labs/{lab}/processes/{pid}/translate",
            "/api/v1/labs/{lab}/frames/{ppn}",
            "/api/v1/labs/{lab}/audit")
        .allMatch(path -> path.startsWith("/api/v1/"));
  }

  @Test
  void everyReference_leadsSomewhere() {
    document
        .findValues("$ref")
        .forEach(reference ->
            assertThat(document.at(reference.asString().substring(1)).isObject())
                .as(reference.asString())
                .isTrue());
  }

  @Test
  void everyCall_canAnswerAProblem() {
    document
        .get("paths")
        .forEach(item ->
            item.forEach(operation ->
                assertThat(
                        operation
                            .at("/responses/default/content/application~1problem+json/schema/$ref")
                            .asString(""))
                    .as(operation.toString())
                    .endsWith("/Problem")));
  }

  @Test
  void commands_areThoseThatTheReaderTakes() {
    JsonNode refused = api.open().commands("{\"do\":\"?\"}").problem("bad-command", "do");
    String detail = refused.get("detail").asString();
    List<String> verbs =
        List.of(detail.substring(detail.indexOf("there are ") + 10).split(", | and "));
    assertThat(commands().keySet()).containsExactlyInAnyOrderElementsOf(verbs);
    assertThat(schema("Command").at("/discriminator/mapping").propertyNames())
        .containsExactlyInAnyOrderElementsOf(verbs);
  }

  @Test
  void membersOfEachCommand_areThoseThatTheReaderTakes() {
    TestLab lab = api.open();
    commands()
        .forEach((verb, schema) -> {
          JsonNode example = example(verb);
          assertThat(known(lab.commands(with(example, "bogus").toString())))
              .as(verb)
              .isEqualTo(new TreeSet<>(schema.get("properties").propertyNames()));
        });
  }

  @Test
  void requiredMembers_areThoseThatTheReaderMisses() {
    commands()
        .forEach((verb, schema) -> {
          JsonNode example = example(verb);
          List<String> required =
              schema.get("required").valueStream().map(JsonNode::asString).toList();
          for (String member : schema.get("properties").propertyNames()) {
            ObjectNode less = (ObjectNode) example.deepCopy();
            less.remove(member);
            TestLab lab = api.open("{\"frames\":64}");
            lab.spawn();
            lab.spawn();
            Answer answer = lab.commands(less.toString());
            boolean neededByThisExample = verb.equals("mmap") && member.equals("fd");
            if (member.equals("path") && schema.get("properties").has("fd")) {
              answer.problem("bad-command", "fd"); // one of the two is needed
            } else if (required.contains(member) || neededByThisExample) {
              answer.problem("bad-command", member);
            } else if (member.equals("path")) {
              // Where a path may be left out, a descriptor must stand in its place.
              answer.problem("bad-command", "fd");
            } else {
              answer.is(200);
            }
          }
        });
  }

  @Test
  void settingsOfALab_areThoseThatTheReaderTakes() {
    JsonNode settings = schema("LabSettings");
    assertThat(known(api.post("/labs", "{\"bogus\":1}")))
        .isEqualTo(new TreeSet<>(settings.get("properties").propertyNames()));
    assertThat(known(api.post("/labs", "{\"tlb\":{\"bogus\":1}}")))
        .isEqualTo(new TreeSet<>(settings.at("/properties/tlb/properties").propertyNames()));
    settings
        .get("properties")
        .properties()
        .forEach(entry -> {
          for (JsonNode choice : entry.getValue().path("enum")) {
            api.open("{\"%s\":%s}".formatted(entry.getKey(), choice));
          }
        });
  }

  @Test
  void unitsAndRanges_standInSettingsAndTables() {
    JsonNode frames = schema("LabSettings").at("/properties/frames");
    assertThat(frames.get("x-unit").asString()).isEqualTo("frames of 4096 bytes");
    assertThat(frames.get("maximum").asInt()).isEqualTo(Limits.DEFAULT.frames());
    assertThat(schema("FileRow").at("/properties/size/x-unit").asString()).isEqualTo("bytes");
    assertThat(schema("VmaRow").at("/properties/offset/x-unit").asString()).isEqualTo("bytes");
    assertThat(schema("TlbRow").at("/properties/asid/maximum").asInt()).isEqualTo(0xffff);
    assertThat(schema("ProcessRow").at("/properties/pid/minimum").asInt()).isEqualTo(1);
  }

  @Test
  void defaultsOfALab_areThoseItIsOpenedWith() {
    JsonNode lab = api.open().get("").json();
    schema("LabSettings")
        .get("properties")
        .properties()
        .forEach(entry -> {
          JsonNode otherwise = entry.getValue().get("default");
          if (otherwise != null) {
            assertThat(lab.get(entry.getKey()).asString())
                .as(entry.getKey())
                .isEqualTo(otherwise.asString());
          }
        });
  }

  @Test
  void wordsOfFlagsAndTables_areThoseOfTheMachine() {
    assertThat(words(schema("Mmap").at("/properties/flags/items/enum")))
        .containsExactlyElementsOf(Stream.of(MapFlag.values()).map(Enum::name).toList());
    assertThat(words(schema("Open").at("/properties/flags/items/enum")))
        .containsExactlyInAnyOrderElementsOf(Stream.of(OpenFlag.values()).map(Enum::name).toList());
    assertThat(words(schema("TableName").get("enum")))
        .containsExactlyElementsOf(Stream.of(Table.values()).map(Table::label).toList());
  }

  @Test
  void everyMemberAndEveryColumn_isDescribed() {
    Stream<JsonNode> rows = schema("Row").get("anyOf").valueStream().map(this::resolve);
    Stream.concat(rows, commands().values().stream())
        .forEach(schema -> {
          assertThat(schema.path("description").asString("")).isNotBlank();
          for (var member : schema.get("properties").properties()) {
            if (!member.getKey().equals("do")) {
              assertThat(member.getValue().path("description").asString(""))
                  .as(member.getKey() + " of " + schema)
                  .isNotBlank();
            }
          }
        });
  }

  @Test
  void everyRowOfEveryTable_isAsItsSchemaSays() {
    var schemas = new JsonSchema(document);
    TestLab lab = api.open("{\"frames\":64,\"swap\":256,\"paging\":\"sv48\"}");
    int pid = lab.spawn();
    String memory = lab.map(pid, 100);
    for (int page = 0; page < 100; page++) {
      lab.write(pid, "0x" + Long.toHexString(Long.decode(memory) + page * 4096L), "x");
    }
    lab.run("{'do':'fork','pid':1}");
    lab.read(pid, lab.mapFile(pid, "/data/letters", 3), 8);
    for (Table table : Table.values()) {
      String name = new TableSchema(table).name();
      List<JsonNode> rows = lab.rows(table.label());
      if (table != Table.THREAD) { // only programs make threads
        assertThat(rows).as(table.label()).isNotEmpty();
      }
      rows.forEach(row -> assertThat(schemas.problems(row, name)).as(row.toString()).isEmpty());
      assertThat(resolve(schema("Row").get("anyOf").get(table.ordinal()))).isEqualTo(schema(name));
    }
    lab.changes(0, 100_000)
        .forEach(record ->
            assertThat(schemas.problems(record, "Record")).as(record.toString()).isEmpty());
  }

  @Test
  void everyExample_isAsItsSchemaSays() {
    var schemas = new JsonSchema(document);
    examples("/api/v1/labs/{lab}/commands")
        .forEach((name, example) -> {
          for (JsonNode command : example.isArray() ? example : List.of(example)) {
            assertThat(schemas.problems(command, "Command")).as(name).isEmpty();
          }
        });
    examples("/api/v1/labs")
        .forEach((name, example) ->
            assertThat(schemas.problems(example, "LabSettings")).as(name).isEmpty());
  }

  @Test
  void everyKindOfCommand_hasAnExample() {
    var reader = new CommandReader(Limits.DEFAULT);
    Set<Class<?>> read = new HashSet<>();
    examples("/api/v1/labs/{lab}/commands")
        .values()
        .forEach(example -> reader.readAll(example).forEach(c -> read.add(c.getClass())));
    Set<Class<?>> all = new HashSet<>();
    collect(Command.class, all);
    // Files and archives are put by calls of their own.
    all.removeAll(Set.of(Command.PutFile.class, Command.DeleteFile.class, Command.Unpack.class));
    assertThat(read).isEqualTo(all);
  }

  private static void collect(Class<?> type, Set<Class<?>> records) {
    if (type.isRecord()) {
      records.add(type);
    } else {
      for (Class<?> below : type.getPermittedSubclasses()) {
        collect(below, records);
      }
    }
  }

  @Test
  void problems_areThoseThatThereAre() {
    assertThat(words(schema("Problem").at("/properties/type/enum")))
        .containsExactlyElementsOf(Stream.of(Rule.values()).map(Rule::type).toList());
    JsonNode responses = document.get("components").get("responses");
    assertThat(responses.propertyNames())
        .containsExactlyInAnyOrderElementsOf(Stream.of(Rule.values()).map(Rule::label).toList());
    var schemas = new JsonSchema(document);
    JsonNode problem = api.open().commands("{\"do\":\"?\"}").problem("bad-command");
    assertThat(schemas.problems(problem, "Problem")).isEmpty();
  }

  private static List<String> words(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void outcome_hasTheMembersOfItsSchema() {
    assertThat(api.open().run("{'do':'spawn'}").propertyNames())
        .containsExactlyElementsOf(schema("Outcome").get("properties").propertyNames());
    TestLab lab = api.open();
    assertThat(lab.get("").json().propertyNames())
        .containsExactlyInAnyOrderElementsOf(schema("Lab").get("properties").propertyNames());
    assertThat(api.get("/limits").json().propertyNames())
        .containsExactlyInAnyOrderElementsOf(
            schema("ServerLimits").get("properties").propertyNames());
    assertThat(lab.get("").json().get("limits").propertyNames())
        .containsExactlyInAnyOrderElementsOf(schema("Limits").get("properties").propertyNames());
  }

  @Test
  void frame_hasTheMembersOfItsSchema() {
    assertThat(api.open().get("/frames/0").is(200).json().propertyNames())
        .containsExactlyElementsOf(schema("Frame").get("properties").propertyNames());
  }

  @Test
  void everyExample_works() {
    assertThat(examples("/api/v1/labs")).isNotEmpty();
    examples("/api/v1/labs").values().forEach(settings -> api.open(settings.toString()));
    TestLab lab = api.open();
    lab.put("/lib/example.so", TestLab.bytes(8192)).is(201);
    lab.put("/bin/hello?mode=0755", Programs.file("hello")).is(201);
    assertThat(examples("/api/v1/labs/{lab}/commands")).hasSizeGreaterThan(commands().size());
    examples("/api/v1/labs/{lab}/commands")
        .forEach((name, example) -> {
          JsonNode answer = lab.commands(example.toString()).is(200).json();
          for (JsonNode outcome : answer.isArray() ? answer : List.of(answer)) {
            assertThat(outcome.get("result").isNull()).as(name + ": " + outcome).isFalse();
          }
        });
  }
}
