package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import dev.faultline.log.Schema;
import dev.faultline.log.Table;
import dev.faultline.recording.RecordedRuns;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of viewers that are slower than the log, and of many at one place. */
@Timeout(60)
class FollowerTest {
  private final Laboratories laboratories = new Laboratories(Limits.DEFAULT.withLogWords(16_384));
  private final Laboratory laboratory =
      laboratories.open(Settings.of("followed", PrivateFileStrategy.LAZY));
  private final Streams streams = new Streams(100, Duration.ofSeconds(15), "");
  private final List<Thread> threads = new ArrayList<>();
  private final List<Slow> all = new ArrayList<>();

  /** Takes a message only while it is let. */
  private static final class Slow implements Follower.Viewer {
    final LinkedBlockingQueue<ByteBuffer> taken = new LinkedBlockingQueue<>();
    final CountDownLatch gate = new CountDownLatch(1);
    final AtomicInteger sent = new AtomicInteger();
    @Nullable volatile Farewell farewell;

    @Override
    public boolean isOpen() {
      return farewell == null;
    }

    @Override
    public void send(byte[] message) {
      taken.add(ByteBuffer.wrap(message));
      sent.incrementAndGet();
      try {
        gate.await();
      } catch (InterruptedException exception) {
        throw new IllegalStateException(exception);
      }
    }

    @Override
    public void beat() {}

    @Override
    public void leave(byte[] message, Farewell last) {
      farewell = last;
      taken.add(ByteBuffer.wrap(message));
    }

    ByteBuffer take() throws InterruptedException {
      return Objects.requireNonNull(taken.poll(20, TimeUnit.SECONDS));
    }
  }

  private Slow follow(Encoding encoding) {
    return follow(encoding, 1);
  }

  private Slow follow(Encoding encoding, long gatherMillis) {
    var viewer = new Slow();
    all.add(viewer);
    var subscription = new Subscription(0, Subscription.ALL_TABLES, gatherMillis);
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                streams.follow(laboratory, subscription, encoding, viewer);
              } catch (Exception exception) {
                throw new IllegalStateException(exception);
              }
            }));
    return viewer;
  }

  private void work(int rounds) {
    for (int i = 0; i < rounds; i++) {
      laboratory.execute(new Command.PutFile("/f" + i % 50, 0644, new byte[5000]));
      laboratory.execute(new Command.DeleteFile("/f" + i % 50));
    }
  }

  /** Works until the log no longer reaches back to a moment. */
  private void overtake(long moment) {
    while (laboratory.log().oldest() <= moment) {
      work(1);
    }
  }

  private static StateDecoder decoder() {
    return new StateDecoder(Api.JSON.valueToTree(Schema.CURRENT.describe()));
  }

  @AfterEach
  void end() throws InterruptedException {
    all.forEach(viewer -> viewer.gate.countDown());
    laboratories.close();
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    }
    assertThat(streams.followers()).isEmpty();
    assertThat(streams.feed(laboratory.id())).isNull();
  }

  @Test
  void viewerThatTheLogOvertakes_isGivenTheStateAndToldWhatItMissed() throws Exception {
    Slow viewer = follow(new BinaryEncoding());
    StateDecoder decoder = decoder();
    decoder.sequence = 0;
    decoder.read(viewer.take());
    long before = decoder.sequence;
    overtake(before);
    viewer.gate.countDown();
    while (decoder.sequence < laboratory.log().head()) {
      decoder.read(viewer.take());
    }
    assertThat(decoder.snapshots).isEqualTo(1);
    assertThat(decoder.skippedAfter).isEqualTo(before);
    assertThat(decoder.rows(Table.PROCESS))
        .hasSize(laboratory.stateAt(laboratory.log().head()).rows(Table.PROCESS).size());
  }

  @Test
  void viewerThatBeginsBeforeTheLog_isGivenTheRecording() throws Exception {
    try (DataDirectory data = DataDirectory.temporary()) {
      var kept = new Laboratories(Limits.DEFAULT.withLogWords(16_384), "test", data);
      Laboratory lab = kept.open(Settings.of("recorded", PrivateFileStrategy.LAZY));
      RecordedRuns.randomCommands(3, 800, lab::execute);
      assertThat(lab.log().oldest()).isPositive();
      var viewer = new Slow();
      viewer.gate.countDown();
      var all = new Subscription(0, Subscription.ALL_TABLES, 1);
      var follower =
          new Follower(
              lab,
              new Feed(lab.log()),
              all,
              new BinaryEncoding(),
              viewer,
              new Streams(1, Duration.ofSeconds(15), ""));
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  follower.run();
                } catch (IOException | InterruptedException exception) {
                  throw new IllegalStateException(exception);
                }
              });
      StateDecoder decoder = decoder();
      decoder.sequence = 0;
      while (decoder.sequence < lab.log().head()) {
        decoder.read(viewer.take());
      }
      lab.execute(new Command.Spawn("live"));
      while (decoder.sequence < lab.log().head()) {
        decoder.read(viewer.take());
      }
      assertThat(decoder.snapshots).isZero();
      assertThat(decoder.rows(Table.PROCESS))
          .hasSize(lab.stateAt(lab.log().head()).rows(Table.PROCESS).size());
      kept.close();
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void scriptThatTheLogOvertakes_isToldTheSame() throws Exception {
    Slow viewer = follow(new JsonEncoding(Api.JSON));
    long before = Api.JSON.readTree(viewer.take().array()).get("last").asLong();
    overtake(before);
    viewer.gate.countDown();
    var snapshot = Api.JSON.readTree(viewer.take().array());
    assertThat(snapshot.get("type").asString()).isEqualTo("snapshot");
    assertThat(snapshot.get("skippedAfter").asLong()).isEqualTo(before);
    long at = snapshot.get("at").asLong();
    if (at < laboratory.log().head()) {
      var next = Api.JSON.readTree(viewer.take().array());
      assertThat(next.at("/changes/0/seq").asLong()).as("goes on behind it").isEqualTo(at + 1);
    }
  }

  @Test
  void eventsThatTheLogOvertakes_sayWhatWasSkipped() throws Exception {
    Slow viewer = follow(new EventEncoding(Api.JSON));
    String first = new String(viewer.take().array(), StandardCharsets.UTF_8);
    Matcher numbers = Pattern.compile("(?m)^id: (\\d+)$").matcher(first);
    long before =
        numbers.results().mapToLong(id -> Long.parseLong(id.group(1))).max().orElseThrow();
    overtake(before);
    viewer.gate.countDown();
    String event = new String(viewer.take().array(), StandardCharsets.UTF_8);
    assertThat(event).contains("\nevent: snapshot\n");
    var snapshot = Api.JSON.readTree(event.substring(event.indexOf("data: ") + 6));
    assertThat(snapshot.get("skippedAfter").asLong()).isEqualTo(before);
    assertThat(event).startsWith("id: " + snapshot.get("at").asLong() + "\n");
  }

  @Test
  void viewersAtOnePlace_shareOneEncodingOfEachBlock() throws Exception {
    Encoding encoding = new BinaryEncoding();
    work(10);
    List<Slow> viewers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      viewers.add(follow(encoding));
      viewers.getLast().gate.countDown();
    }
    for (Slow viewer : viewers) {
      StateDecoder decoder = decoder();
      decoder.sequence = 0;
      while (decoder.sequence < laboratory.log().head()) {
        decoder.read(viewer.take());
      }
    }
    long blocks = laboratory.log().head() / encoding.span() + 1;
    assertThat(Objects.requireNonNull(streams.feed(laboratory.id())).encoded()).isEqualTo(blocks);
  }

  /** Whoever comes when, the beats bring them together: a block is not encoded for each viewer. */
  @Test
  void viewersThatComeOneAfterTheOther_shareEncodingsFromThenOn() throws Exception {
    Encoding encoding = new BinaryEncoding();
    List<Slow> viewers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      viewers.add(follow(encoding, 20));
      viewers.getLast().gate.countDown();
      work(5);
    }
    for (Slow viewer : viewers) {
      StateDecoder decoder = decoder();
      decoder.sequence = 0;
      while (decoder.sequence < laboratory.log().head()) {
        decoder.read(viewer.take());
      }
    }
    long start = System.nanoTime();
    int sent = viewers.stream().mapToInt(viewer -> viewer.sent.get()).sum();
    long before = Objects.requireNonNull(streams.feed(laboratory.id())).encoded();
    while (System.nanoTime() - start < Duration.ofMillis(400).toNanos()) {
      work(1);
    }
    sent = viewers.stream().mapToInt(viewer -> viewer.sent.get()).sum() - sent;
    long encoded = Objects.requireNonNull(streams.feed(laboratory.id())).encoded() - before;
    assertThat(encoded).as("blocks for %d messages", sent).isLessThanOrEqualTo(2L + sent / 5);
  }

  @Test
  void endOfTheLaboratory_isFinal() throws Exception {
    Slow viewer = follow(new BinaryEncoding());
    viewer.gate.countDown();
    viewer.take();
    laboratories.end(laboratory.id());
    StateDecoder decoder = decoder();
    decoder.read(viewer.take());
    assertThat(decoder.end).isEqualTo("the laboratory has ended");
    assertThat(decoder.canResume).isFalse();
    assertThat(Objects.requireNonNull(viewer.farewell).closeStatus().getCode()).isEqualTo(1000);
  }
}
