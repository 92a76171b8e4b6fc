package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import java.io.OutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;

/** However many records are asked for, one is held at a time. */
class RecordsConverterTest {
  private static final int MOST = 100_000;

  private final Laboratories laboratories = new Laboratories(Limits.DEFAULT);
  private final Laboratory laboratory =
      laboratories.open(Settings.of("long", PrivateFileStrategy.LAZY));

  /** Counts what comes, and how far reading was ahead of it. */
  private static final class Counting extends OutputStream implements HttpOutputMessage {
    private final HttpHeaders headers = new HttpHeaders();
    long pieces;
    int largest;
    long taken;
    long mostAhead;

    @Override
    public void write(int single) {
      write(new byte[1], 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      pieces++;
      largest = Math.max(largest, length);
      mostAhead = Math.max(mostAhead, taken - pieces);
    }

    @Override
    public OutputStream getBody() {
      return this;
    }

    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }
  }

  @BeforeEach
  void work() {
    while (laboratory.log().head() < MOST) {
      laboratory.execute(new Command.PutFile("/f", 0644, new byte[5000]));
    }
  }

  @AfterEach
  void end() {
    laboratories.close();
  }

  private History.Records records(Counting counting) {
    History.Records records = History.of(laboratory).after(0);
    return () -> {
      counting.taken++;
      return records.next();
    };
  }

  @Test
  void largestPage_isWrittenRecordByRecord() throws Exception {
    var counting = new Counting();
    var changes = new Changes(records(counting), 0, laboratory.log().head(), MOST);
    new RecordsConverter<>(Changes.class, MediaType.APPLICATION_JSON, Api.JSON)
        .writeInternal(changes, counting);
    assertWrittenAsRead(counting);
  }

  @Test
  void largestPageOfLines_isWrittenRecordByRecord() throws Exception {
    var counting = new Counting();
    var lines = new NdJson(records(counting), MOST);
    new RecordsConverter<>(NdJson.class, MediaType.APPLICATION_NDJSON, Api.JSON)
        .writeInternal(lines, counting);
    assertWrittenAsRead(counting);
  }

  private static void assertWrittenAsRead(Counting counting) {
    assertThat(counting.taken).isEqualTo(MOST);
    assertThat(counting.mostAhead).isLessThanOrEqualTo(1);
    assertThat(counting.largest).isLessThan(4096);
  }
}
