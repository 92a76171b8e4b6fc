package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What a program writes, read as it comes. */
@Timeout(30)
class ConsoleTest extends ApiTest {
  private static String read(InputStream stream, int length) throws Exception {
    return new String(stream.readNBytes(length), StandardCharsets.UTF_8);
  }

  @Test
  void outputThatIsFollowed_comesAsItIsWrittenAndEndsWithTheProgram() throws Exception {
    TestLab lab = api.open();
    lab.put("/bin/echo?mode=0755", Programs.file("echo")).is(201);
    int pid = lab.result("{'do':'exec','path':'/bin/echo','argv':['echo']}").get("pid").asInt();
    say(lab, pid, "before ", false);
    String path = lab.at("/processes/" + pid + "/stdout?follow=true");
    try (InputStream output = api.stream(path).body();
        InputStream other = api.stream(path).body()) {
      assertThat(read(output, 7)).isEqualTo("before ");
      say(lab, pid, "and after", false);
      assertThat(read(output, 9)).isEqualTo("and after");
      say(lab, pid, "", true);
      assertThat(output.read()).isEqualTo(-1);
      assertThat(new String(other.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("before and after");
    }
  }

  private static void say(TestLab lab, int pid, String text, boolean isEnd) {
    String data = isEnd ? "" : ",'data':{'text':'%s'}".formatted(text);
    lab.result("{'do':'input','pid':%d%s}".formatted(pid, data));
    lab.result("{'do':'run','pid':%d}".formatted(pid));
  }

  @Test
  void stopWithoutARun_doesNothing() {
    TestLab lab = api.open();
    long head = lab.head();
    api.post(lab.at("/stop"), "").is(204);
    assertThat(lab.head()).isEqualTo(head);
  }

  @Test
  void runThatIsStopped_endsAndGoesOnWhenItIsRunAgain() throws Exception {
    TestLab lab = api.open();
    int pid = lab.spawn();
    lab.result(
        "{'do':'mmap','pid':%d,'address':65536,'length':4096,'prot':['READ','WRITE','EXEC'],"
                .formatted(pid)
            + "'flags':['PRIVATE','ANONYMOUS','FIXED']}");
    lab.result("{'do':'write','pid':%d,'address':65536,'data':{'hex':'6f000000'}}".formatted(pid));
    lab.result("{'do':'step','pid':%d,'address':65536}".formatted(pid)); // j .
    // without a stop each of them would take ten seconds, and all more than this test may
    for (int i = 0; i < 5; i++) {
      var run =
          CompletableFuture.supplyAsync(() -> lab.result("{'do':'run','pid':%d}".formatted(pid)));
      do {
        api.post(lab.at("/stop"), "").is(204);
      } while (!ended(run));
      assertThat(run.join().get("stopped").asString()).isEqualTo("time");
    }
    assertThat(lab.get("/audit").is(200).json().get("holds").asBoolean()).isTrue();
  }

  private static boolean ended(CompletableFuture<JsonNode> run) throws Exception {
    try {
      run.get(20, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException stillRuns) {
      return false;
    }
  }

  @Test
  void laboratoryThatEnds_endsWhatFollowsItsPrograms() throws Exception {
    TestLab lab = api.open();
    lab.put("/bin/echo?mode=0755", Programs.file("echo")).is(201);
    int pid = lab.result("{'do':'exec','path':'/bin/echo','argv':['echo']}").get("pid").asInt();
    try (InputStream errors =
        api.stream(lab.at("/processes/" + pid + "/stderr?follow=true")).body()) {
      lab.result("{'do':'run','pid':%d}".formatted(pid));
      assertThat(read(errors, 2)).isEqualTo("> ");
      api.delete(lab.at("")).is(204);
      assertThat(errors.read()).isEqualTo(-1);
    }
  }
}
