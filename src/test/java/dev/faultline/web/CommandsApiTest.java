package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class CommandsApiTest extends ApiTest {
  private static final String NOWHERE = "0x1000";

  @Test
  void outcome_hasEveryMemberOfTheContract() {
    JsonNode outcome = api.open().run("{'do':'spawn','name':'shell'}");
    assertThat(outcome.propertyNames())
        .containsExactly(
            "command", "result", "errno", "signal", "why", "firstSeq", "lastSeq", "story");
    assertThat(outcome.get("command").get("name").asString()).isEqualTo("shell");
    assertThat(outcome.get("result").get("pid").asInt()).isEqualTo(1);
    assertThat(outcome.get("errno").isNull()).isTrue();
    assertThat(outcome.get("signal").isNull()).isTrue();
    assertThat(outcome.get("story").asString()).contains("shell");
  }

  @Test
  void openAndClose_giveTheLowestDescriptor() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    lab.put("/f", new byte[10]);
    String open = "{'do':'open','pid':%d,'path':'/f','flags':['RDONLY']}".formatted(pid);
    assertThat(lab.result(open).asInt()).isEqualTo(3);
    assertThat(lab.result(open).asInt()).isEqualTo(4);
    assertThat(lab.result("{'do':'close','pid':%d,'fd':3}".formatted(pid)).asInt()).isZero();
    assertThat(lab.result(open).asInt()).isEqualTo(3);
  }

  @Test
  void openWithCreat_makesAFile() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    lab.result(
        "{'do':'open','pid':%d,'path':'/new','flags':'RDWR|CREAT','mode':384}".formatted(pid));
    assertThat(lab.get("/files").json().get(0).get("mode").asString()).isEqualTo("0600");
  }

  @Test
  void writtenBytes_areReadBack() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    String address = lab.map(pid, 2);
    assertThat(lab.write(pid, address, "hello").get("result").get("length").asInt()).isEqualTo(5);
    assertThat(lab.read(pid, address, 7).get("result").get("hex").asString())
        .isEqualTo(TestLab.hexOf("hello") + "0000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'hex':'68 69'}", "{'text':'hi'}", "{'base64':'aGk='}"})
  void data_isTakenInEachNotation(String data) {
    TestLab lab = api.open();
    int pid = lab.spawn();
    String address = lab.map(pid, 1);
    lab.result("{'do':'write','pid':%d,'address':'%s','data':%s}".formatted(pid, address, data));
    assertThat(lab.read(pid, address, 2).get("result").get("hex").asString()).isEqualTo("6869");
  }

  @Test
  void execute_fetchesTheInstructionBits() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    lab.put("/code", new byte[] {0x13, 0x05, 0x10, 0x00});
    int fd = lab.result("{'do':'open','pid':1,'path':'/code'}").asInt();
    String address =
        lab.result(
                "{'do':'mmap','pid':1,'length':4096,'prot':['READ','EXEC'],'flags':['PRIVATE'],'fd':%d}"
                    .formatted(fd))
            .asString();
    JsonNode outcome = lab.run("{'do':'execute','pid':%d,'address':'%s'}".formatted(pid, address));
    assertThat(outcome.get("result").get("instruction").asString()).isEqualTo("0x100513");
  }

  @Test
  void forkedChild_hasItsOwnMemoryAndItsExitLeavesTheParents() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    String address = lab.map(pid, 1);
    lab.write(pid, address, "before");
    int child = lab.result("{'do':'fork','pid':%d}".formatted(pid)).get("pid").asInt();
    lab.write(child, address, "after!");
    assertThat(lab.read(pid, address, 6).get("result").get("hex").asString())
        .isEqualTo(TestLab.hexOf("before"));
    assertThat(lab.result("{'do':'exit','pid':%d,'status':3}".formatted(child)).asInt()).isZero();
    lab.commands("{\"do\":\"fork\",\"pid\":" + child + "}").problem("unknown-process", "pid");
    lab.get("/processes/" + child + "/maps").problem("unknown-process", "pid");
    assertThat(lab.read(pid, address, 1).get("signal").isNull()).isTrue();
    assertThat(lab.auditHolds()).isTrue();
  }

  @Test
  void munmap_takesTheMemoryAway() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    String address = lab.map(pid, 1);
    lab.write(pid, address, "x");
    assertThat(
            lab.result(
                    "{'do':'munmap','pid':%d,'address':'%s','length':4096}".formatted(pid, address))
                .asInt())
        .isZero();
    JsonNode signal = lab.read(pid, address, 1).get("signal");
    assertThat(signal.get("name").asString()).isEqualTo("SIGSEGV");
    assertThat(signal.get("code").asString()).isEqualTo("SEGV_MAPERR");
    assertThat(signal.get("address").asString()).isEqualTo(address);
  }

  @Test
  void writeToPrivateFile_isOneCopyAndTheFileStays() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    String address = lab.mapFile(pid, "/f", 2);
    lab.read(pid, address, 1);
    JsonNode outcome = lab.write(pid, address, "changed");
    assertThat(outcome.get("story").asString()).contains("copied", "retried");
    assertThat(lab.get("/files/f").bytes()).isEqualTo(TestLab.bytes(2 * TestLab.PAGE));
    assertThat(lab.auditHolds()).isTrue();
  }

  @Test
  void simulatedErrno_isStatus200WithItsReason() {
    TestLab lab = api.open();
    lab.spawn();
    JsonNode outcome = lab.run("{'do':'close','pid':1,'fd':99}");
    assertThat(outcome.get("errno").asString()).isEqualTo("EBADF");
    assertThat(outcome.get("result").isNull()).isTrue();
    assertThat(outcome.get("signal").isNull()).isTrue();
    assertThat(outcome.get("why").asString()).contains("99");
    assertThat(outcome.get("story").asString()).contains("EBADF");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'do':'munmap','pid':1,'address':1,'length':4096}                                   | EINVAL
          {'do':'munmap','pid':1,'address':4096,'length':0}                                   | EINVAL
          {'do':'mmap','pid':1,'length':0,'flags':['PRIVATE','ANONYMOUS']}                    | EINVAL
          {'do':'mmap','pid':1,'length':-1,'flags':['PRIVATE','ANONYMOUS']}                   | ENOMEM
          {'do':'mmap','pid':1,'length':4096,'flags':['ANONYMOUS']}                           | EINVAL
          {'do':'mmap','pid':1,'length':4096,'flags':['PRIVATE'],'fd':7}                      | EBADF
          {'do':'mmap','pid':1,'length':4096,'flags':['PRIVATE'],'fd':-1}                     | EBADF
          {'do':'mmap','pid':1,'length':4096,'flags':['PRIVATE','ANONYMOUS'],'offset':1}      | EINVAL
          {'do':'open','pid':1,'path':'/none'}                                                | ENOENT
          {'do':'open','pid':1,'path':''}                                                     | ENOENT
          {'do':'open','pid':1,'path':'/','flags':['RDWR']}                                                    | EISDIR
          """)
  void refusedCall_answersItsErrnoAndWhy(String command, String errno) {
    TestLab lab = api.open();
    lab.spawn();
    JsonNode outcome = lab.run(command);
    assertThat(outcome.get("errno").asString("")).as(outcome.toString()).isEqualTo(errno);
    assertThat(outcome.get("why").asString()).contains(" ");
    assertThat(lab.auditHolds()).isTrue();
  }

  @Test
  void simulatedSignal_isStatus200WithItsReason() {
    TestLab lab = api.open();
    lab.spawn();
    JsonNode outcome = lab.write(1, NOWHERE, "x");
    assertThat(outcome.get("signal").get("name").asString()).isEqualTo("SIGSEGV");
    assertThat(outcome.get("signal").get("code").asString()).isEqualTo("SEGV_MAPERR");
    assertThat(outcome.get("signal").get("address").asString()).isEqualTo(NOWHERE);
    assertThat(outcome.get("why").asString()).contains("no VMA", NOWHERE);
    assertThat(lab.spawn()).as("the laboratory goes on").isEqualTo(2);
    assertThat(lab.read(1, NOWHERE, 1).get("signal").isObject())
        .as("and so does the process")
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'0x2000'", "'0X2000'", "'8192'", "8192", "' 8192 '"})
  void number_isTakenInEveryNotation(String address) {
    TestLab lab = api.open();
    lab.spawn();
    String command =
        "{'do':'mmap','pid':'0x1','address':%s,'length':'0x1000','prot':['READ'],'flags':['PRIVATE','ANONYMOUS','FIXED']}";
    assertThat(lab.result(command.formatted(address)).asString()).isEqualTo("0x2000");
  }

  @Test
  void addressOf64Bits_isTakenAndAnsweredUnchanged() {
    TestLab lab = api.open();
    lab.spawn();
    for (String address : List.of("'0xffffffffffffffff'", "18446744073709551615", "-1")) {
      JsonNode outcome = lab.run("{'do':'execute','pid':1,'address':%s}".formatted(address));
      assertThat(outcome.get("signal").isObject()).as(outcome.toString()).isTrue();
    }
    String far = "0xffffffffffffff00";
    assertThat(lab.read(1, far, 1).get("signal").get("address").asString()).isEqualTo(far);
  }

  @Test
  void array_isRunInOrder() {
    TestLab lab = api.open();
    Answer answer =
        lab.commands(
            """
            [{"do":"spawn"},{"do":"spawn"},{"do":"close","pid":1,"fd":5},{"do":"spawn"}]\
            """);
    JsonNode outcomes = answer.is(200).json();
    assertThat(outcomes).hasSize(4);
    assertThat(outcomes.get(1).get("result").get("pid").asInt()).isEqualTo(2);
    assertThat(outcomes.get(2).get("errno").asString()).isEqualTo("EBADF");
    assertThat(outcomes.get(3).get("result").get("pid").asInt()).isEqualTo(3);
  }

  @Test
  void emptyArray_givesAnEmptyArray() {
    assertThat(api.open().commands("[]").is(200).json()).isEmpty();
  }

  @Test
  void stopOnError_endsTheArrayAtTheFirstErrnoOrSignal() {
    TestLab lab = api.open();
    lab.spawn();
    String path = lab.at("/commands?stopOnError=true");
    JsonNode errno =
        api.post(path, "[{'do':'close','pid':1,'fd':5},{'do':'spawn'}]".replace('\'', '"'))
            .is(200)
            .json();
    assertThat(errno).hasSize(1);
    JsonNode signal =
        api.post(
                path,
                "[{'do':'spawn'},{'do':'read','pid':1,'address':0,'length':1},{'do':'spawn'}]"
                    .replace('\'', '"'))
            .is(200)
            .json();
    assertThat(signal).hasSize(2);
    assertThat(lab.rows("process")).hasSize(2);
  }

  @Test
  void unknownProcessInAnArray_keepsWhatWasDone() {
    TestLab lab = api.open();
    JsonNode problem =
        lab.commands(
                "[{'do':'spawn'},{'do':'spawn'},{'do':'close','pid':9,'fd':3},{'do':'spawn'}]"
                    .replace('\'', '"'))
            .problem("unknown-process", "[2].pid");
    assertThat(problem.get("index").asInt()).isEqualTo(2);
    assertThat(problem.get("completed")).hasSize(2);
    assertThat(problem.get("completed").get(1).get("result").get("pid").asInt()).isEqualTo(2);
    assertThat(lab.rows("process")).hasSize(2);
  }

  @Test
  void badCommandInAnArray_isFoundBeforeAnyRuns() {
    TestLab lab = api.open();
    long head = lab.head();
    lab.commands("[{\"do\":\"spawn\"},{\"do\":\"fly\"}]").problem("bad-command", "[1].do");
    assertThat(lab.head()).isEqualTo(head);
  }

  @Test
  void firstAndLastSeq_delimitTheCommandsRecords() {
    TestLab lab = api.open();
    int pid = lab.spawn();
    String address = lab.mapFile(pid, "/f", 1);
    JsonNode outcome = lab.write(pid, address, "x");
    long first = outcome.get("firstSeq").asLong();
    long last = outcome.get("lastSeq").asLong();
    lab.read(pid, address, 1);
    List<JsonNode> records = lab.changes(first - 1, (int) (last - first + 1));
    assertThat(TestLab.numbers(records))
        .containsExactlyElementsOf(LongStream.rangeClosed(first, last).boxed().toList());
    assertThat(records.getFirst().get("type").asString()).isEqualTo("operation");
    assertThat(records.getFirst().get("kind").asString()).isEqualTo("write");
    assertThat(records.getLast().get("type").asString()).isEqualTo("outcome");
    assertThat(records.stream().filter(r -> r.get("type").asString().equals("outcome"))).hasSize(1);
    assertThat(lab.changes(last, 1).getFirst().get("kind").asString()).isEqualTo("read");
  }

  /** Whatever curl -d calls the body, it is JSON. */
  @Test
  void commandSentAsAForm_isStillACommand() {
    TestLab lab = api.open();
    byte[] body = "{\"do\":\"spawn\"}".getBytes(StandardCharsets.UTF_8);
    for (String type : List.of("application/x-www-form-urlencoded", "text/plain")) {
      api.send("POST", lab.at("/commands?stopOnError=true"), body, "Content-Type", type).is(200);
    }
  }

  @Test
  void unmetAccept_runsNothing() {
    TestLab lab = api.open();
    byte[] body = "{\"do\":\"spawn\"}".getBytes(StandardCharsets.UTF_8);
    api.send("POST", lab.at("/commands"), body, "Accept", "text/csv").problem("not-acceptable");
    assertThat(lab.rows("process")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                                     | do
          {'do':7}                                                               | do
          {'do':'fly'}                                                           | do
          {'do':'spawn','nmae':'x'}                                              | nmae
          {'do':'spawn','name':''}                                               | name
          {'do':'spawn','name':'\\ud800'}                                        | name
          {'do':'spawn','name':'a\\u0000b'}                                      | name
          {'do':'close'}                                                         | pid
          {'do':'close','pid':1}                                                 | fd
          {'do':'close','pid':1,'fd':'three'}                                    | fd
          {'do':'close','pid':1,'fd':3.0}                                        | fd
          {'do':'close','pid':1,'fd':2147483648}                                 | fd
          {'do':'close','pid':0,'fd':3}                                          | pid
          {'do':'close','pid':null,'fd':3}                                       | pid
          {'do':'close','pid':true,'fd':3}                                       | pid
          {'do':'open','pid':1}                                                  | path
          {'do':'open','pid':1,'path':['/f']}                                    | path
          {'do':'open','pid':1,'path':'/f','flags':['WRONLY','RDWR']}            | flags
          {'do':'open','pid':1,'path':'/f','flags':['O_READ']}                   | flags
          {'do':'open','pid':1,'path':'/f','flags':[1]}                          | flags
          {'do':'open','pid':1,'path':'/f','mode':4096}                          | mode
          {'do':'mmap','pid':1}                                                  | length
          {'do':'mmap','pid':1,'length':1,'flags':['PRIVATE']}                   | fd
          {'do':'mmap','pid':1,'length':1,'flags':['COPY']}                      | flags
          {'do':'mmap','pid':1,'length':1,'prot':['RED']}                        | prot
          {'do':'mmap','pid':1,'length':1,'prot':{}}                             | prot
          {'do':'mmap','pid':1,'length':'0x10000000000000000'}                   | length
          {'do':'mmap','pid':1,'length':1e3}                                     | length
          {'do':'munmap','pid':1,'address':'0xZZ','length':1}                    | address
          {'do':'munmap','pid':1,'address':'','length':1}                        | address
          {'do':'read','pid':1,'address':0,'length':0}                           | length
          {'do':'read','pid':1,'address':0,'length':-1}                          | length
          {'do':'read','pid':1,'address':-9223372036854775809,'length':1}        | address
          {'do':'write','pid':1,'address':0}                                     | data
          {'do':'write','pid':1,'address':0,'data':'hex'}                        | data
          {'do':'write','pid':1,'address':0,'data':{}}                           | data
          {'do':'write','pid':1,'address':0,'data':{'text':''}}                  | data
          {'do':'write','pid':1,'address':0,'data':{'hex':'abc'}}                | data.hex
          {'do':'write','pid':1,'address':0,'data':{'base64':'*'}}               | data.base64
          {'do':'write','pid':1,'address':0,'data':{'text':'a','hex':'00'}}      | data.text
          {'do':'fork'}                                                          | pid
          {'do':'exit','pid':1,'status':256}                                     | status
          {'do':'exit','pid':1,'status':-1}                                      | status
          {'do':'execute','pid':1}                                               | address
          """)
  void badMember_isNamedAndNothingRuns(String command, String member) {
    TestLab lab = api.open();
    lab.spawn();
    long head = lab.head();
    lab.commands(command.replace('\'', '"')).problem("bad-command", member);
    assertThat(lab.head()).isEqualTo(head);
  }

  @Test
  void longPath_isNamedAndKeptOutOfTheLog() {
    TestLab lab = api.open();
    lab.spawn();
    String command = "{'do':'open','pid':1,'path':'/%s'}".replace('\'', '"');
    lab.commands(command.formatted("x".repeat(10_000))).problem("bad-command", "path");
    assertThat(lab.run(command.formatted("x".repeat(5_000))).get("errno").asString())
        .isEqualTo("ENAMETOOLONG");
  }

  @Test
  void accessBeyondTheLimit_isTooLarge() {
    TestLab lab = api.open();
    lab.spawn();
    JsonNode problem =
        lab.commands("{\"do\":\"read\",\"pid\":1,\"address\":0,\"length\":1048577}")
            .problem("too-large", "length");
    assertThat(problem.get("limit").asString()).isEqualTo("accessBytes");
    assertThat(problem.get("value").asInt()).isEqualTo(1 << 20);
    String data = "00".repeat((1 << 20) + 1);
    lab.commands("{\"do\":\"write\",\"pid\":1,\"address\":0,\"data\":{\"hex\":\"" + data + "\"}}")
        .problem("too-large", "data");
  }

  /** One small request must not make the server build an answer of gigabytes. */
  @Test
  void readsOfOneRequest_areBoundedTogether() {
    TestLab lab = api.open();
    lab.spawn();
    String read = "{\"do\":\"read\",\"pid\":1,\"address\":0,\"length\":1048576}";
    lab.commands("[" + read + ("," + read).repeat(99) + "]").problem("too-large", "[64].length");
  }
}
