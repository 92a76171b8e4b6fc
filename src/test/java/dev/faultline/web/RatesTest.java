package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.test.context.TestPropertySource;

/** An address and a laboratory may be busy for a while, and are then told when to go on. */
@Timeout(60)
@TestPropertySource(properties = {"faultline.rates.client=20", "faultline.rates.lab=5"})
class RatesTest extends ApiTest {
  private static final int BURST_SECONDS = 5;

  private static Answer untilRefused(Supplier<Answer> asking, int burst) {
    int answered = 0;
    Answer answer = asking.get();
    while (answer.status() == 200) {
      answered++;
      answer = asking.get();
    }
    assertThat(answered).isGreaterThanOrEqualTo(burst);
    return answer;
  }

  private static void waitAsTold(Answer refused) throws InterruptedException {
    int seconds = Integer.parseInt(refused.header("Retry-After"));
    assertThat(seconds).isBetween(1, BURST_SECONDS);
    TimeUnit.SECONDS.sleep(seconds);
  }

  /** In one test, since all of this comes from one address. */
  @Test
  void whoHurriesTooLong_isToldWhenToGoOnAndThenMay() throws Exception {
    TestLab lab = api.open();
    Answer refused = untilRefused(() -> lab.commands("{\"do\":\"spawn\"}"), 5 * BURST_SECONDS);
    refused.is(429).problem("too-fast", "lab");
    lab.get("").is(200); // looking costs the laboratory nothing
    waitAsTold(refused);
    lab.commands("{\"do\":\"spawn\"}").is(200);

    refused = untilRefused(() -> api.get("/limits"), 0);
    refused.is(429).problem("too-fast", "(client)");
    waitAsTold(refused);
    api.get("/limits").is(200);
  }
}
