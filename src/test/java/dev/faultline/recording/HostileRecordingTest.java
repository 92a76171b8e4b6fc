package dev.faultline.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import dev.faultline.log.RecordEncoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is in a file: it plays, or it is refused with words; never a hang, never a flood. */
@Execution(ExecutionMode.CONCURRENT)
class HostileRecordingTest {
  private static final int ROUNDS = Integer.getInteger("faultline.rounds", 120);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static byte[] good = {};

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  @TempDir private Path directory = Path.of("");

  @BeforeAll
  static void record() {
    good = RecordedRuns.record(RecordedRuns.randomRun(5, 2_500).log());
  }

  /** Opens and plays a file that may be anything; what it says when it is refused. */
  private static String play(byte[] bytes) {
    try {
      Recording recording = Recording.open(Source.of(bytes));
      recording.stateAt(recording.lastMoment());
      recording.stateAt(recording.firstMoment());
      recording.check();
      return "";
    } catch (BadRecordingException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return refused.getMessage();
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }

  /** What this thread has ever taken of the heap, in bytes. */
  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private void playAll(String what, java.util.function.Supplier<byte[]> files) {
    System.out.printf("HostileRecordingTest %s: -Dfaultline.seed=%d%n", what, seed);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] file = files.get();
      String name = what + ", round " + round + " of seed " + seed;
      assertTimeoutPreemptively(LONGEST, () -> play(file), name);
    }
  }

  @Test
  void fileCutOffAnywhere_playsToItsLastWholeSegment() throws IOException {
    long end = Recording.open(Source.of(good)).segments().getFirst().end();
    for (int round = 0; round < ROUNDS; round++) {
      int length = random.nextInt(good.length);
      byte[] cut = Arrays.copyOf(good, length);
      if (length < end) {
        assertThat(play(cut)).as("%d bytes, seed %d", length, seed).isNotEmpty();
      } else {
        Recording recording = Recording.open(Source.of(cut));
        recording.check();
        assertThat(recording.end()).isLessThanOrEqualTo(length);
      }
    }
  }

  @Test
  void flippedBits_areNoticed() {
    playAll(
        "flips",
        () -> {
          byte[] file = good.clone();
          for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
          }
          return file;
        });
  }

  @Test
  void damageWithTheRightChecksum_isNoticedOrHarmless() {
    playAll("damage", () -> rebuilt(payload -> damaged(payload)));
  }

  @Test
  void damageInsideOfTheDeflatedPart_isNoticedOrHarmless() {
    playAll(
        "deep damage",
        () ->
            rebuilt(payload -> {
              Segment segment = Segment.of(1, payload);
              byte[] body = Deflated.inflate(segment.deflated(), segment.length());
              return with(segment, damaged(body)).payload();
            }));
  }

  /** Some bytes overwritten, most often with the beginning of a large number. */
  private byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    for (int places = 1 + random.nextInt(4); places > 0; places--) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(40, bytes.length) : bytes.length);
      damaged[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt(256));
    }
    return damaged;
  }

  private static Segment with(Segment segment, byte[] body) {
    return new Segment(
        segment.first(),
        segment.count(),
        segment.hasKeyframe(),
        segment.operations(),
        segment.faults(),
        segment.hash(),
        body.length,
        Deflated.deflate(body));
  }

  private interface Change {
    byte[] apply(byte[] payload);
  }

  /** The good file with one segment's payload changed, checksums right, without its index. */
  private byte[] rebuilt(Change change) {
    try {
      Recording recording = Recording.open(Source.of(good));
      int victim = random.nextInt(recording.segments().size());
      var out = new RecordEncoder();
      out.putBytes(Arrays.copyOf(good, (int) recording.segments().getFirst().offset()));
      for (int i = 0; i < recording.segments().size(); i++) {
        SegmentInfo info = recording.segments().get(i);
        byte[] payload = recording.segment(i).payload();
        out.putBytes(
            Frame.bytes(
                Frame.Kind.SEGMENT, info.first(), i == victim ? change.apply(payload) : payload));
      }
      return out.toByteArray();
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }

  /** The good file with another header, checksum right, without its index. */
  private static byte[] withHeader(byte[] json) {
    try {
      Recording recording = Recording.open(Source.of(good));
      int from = (int) recording.segments().getFirst().offset();
      byte[] payload =
          new RecordEncoder().putNumber(json.length).putBytes(Deflated.deflate(json)).toByteArray();
      return new RecordEncoder()
          .putBytes(RecordingWriter.MAGIC)
          .putBytes(Frame.bytes(Frame.Kind.HEADER, 0, payload))
          .putBytes(Arrays.copyOfRange(good, from, (int) recording.end()))
          .toByteArray();
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }

  private static final JsonMapper JSON = new JsonMapper();

  private static final List<JsonNode> STRANGE =
      List.of(
          JSON.nullNode(),
          JSON.valueToTree(true),
          JSON.valueToTree(-1),
          JSON.valueToTree(Long.MIN_VALUE),
          JSON.valueToTree(1e300),
          JSON.valueToTree("no"),
          JSON.valueToTree("9".repeat(70_000)),
          JSON.valueToTree(List.of(List.of(1))),
          JSON.valueToTree(Map.of("unknown", 1)));

  private static ObjectNode header() {
    try {
      return JSON.valueToTree(Recording.open(Source.of(good)).header().describe());
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }

  private static String playWith(JsonNode header) {
    return play(withHeader(JSON.writeValueAsBytes(header)));
  }

  @Test
  void headerWithAStrangeMember_isRefusedByItsName() {
    assertThat(playWith(header())).isEmpty();
    assertThat(playWith(header().put("unknown", 1))).isEmpty();
    for (String member : header().propertyNames()) {
      ObjectNode without = header();
      without.remove(member);
      assertThat(playWith(without)).as("without %s", member).contains(member);
    }
    ObjectNode whole = header();
    whole.set("parent", JSON.valueToTree(Map.of("lab", "x", "seq", 1)));
    whole.put("commands", false);
    assertThat(playWith(whole)).isEmpty();
    for (String member : whole.propertyNames()) {
      for (JsonNode strange : STRANGE) {
        ObjectNode header = whole.deepCopy();
        header.set(member, strange);
        String said = playWith(header);
        if (isOfTheSameKind(strange, whole.get(member)) && !member.equals("seed")) {
          continue; // what it says is for people, or told of further below
        }
        assertThat(said).as("%s: %.40s", member, strange).contains(member);
      }
    }
    assertThat(playWith(whole.deepCopy().put("seed", "no"))).contains("seed");
    assertThat(playWith(whole.deepCopy().put("settings", "no"))).contains("settings");
    ObjectNode empty = whole.deepCopy();
    empty.set("schema", JSON.createObjectNode());
    assertThat(playWith(empty)).contains("schema");
    ObjectNode parent = whole.deepCopy();
    parent.set("parent", JSON.valueToTree(Map.of("lab", "x", "seq", -1)));
    assertThat(playWith(parent)).contains("parent");
  }

  private static boolean isOfTheSameKind(JsonNode one, JsonNode other) {
    return one.getNodeType() == other.getNodeType();
  }

  /** One place of the header, however deep, has something strange or is not there. */
  private byte[] strangeHeader() {
    ObjectNode header = header();
    JsonNode at = header;
    while (true) {
      List<String> names = List.copyOf(at.propertyNames());
      int size = at.size();
      int nth = random.nextInt(size);
      JsonNode inner = at.isObject() ? at.get(names.get(nth)) : at.get(nth);
      if (inner.isEmpty() || random.nextInt(4) == 0) {
        JsonNode strange = STRANGE.get(random.nextInt(STRANGE.size()));
        boolean goes = random.nextInt(4) == 0;
        if (at instanceof ObjectNode object) {
          object.set(names.get(nth), strange);
          if (goes) {
            object.remove(names.get(nth));
          }
        } else if (at instanceof ArrayNode list) {
          list.set(nth, strange);
          if (goes) {
            list.remove(nth);
          }
        }
        return withHeader(JSON.writeValueAsBytes(header));
      }
      at = inner;
    }
  }

  @Test
  void strangeHeaders_areRefusedOrHarmless() {
    playAll("headers", this::strangeHeader);
  }

  @Test
  void decompressionBomb_isStoppedAtItsClaim() {
    byte[] zeros = new byte[200 << 20];
    byte[] bomb = Deflated.deflate(zeros);
    for (int claim : new int[] {0, 10, 1 << 20, Segment.MOST_BYTES}) {
      long before = allocated();
      assertThat(play(rebuilt(payload -> new Segment(1, 10, true, 0, 0, 0, claim, bomb).payload())))
          .contains("claims");
      assertThat(allocated() - before).isLessThan(300L << 20);
    }
  }

  @Test
  void claimsWithoutTheBytes_reserveNothing() {
    byte[] claim = new byte[] {0, -1, -1, -1, -1, 127};
    assertThat(
            play(
                rebuilt(payload ->
                    new Segment(1, 10, true, 0, 0, 0, claim.length, Deflated.deflate(claim))
                        .payload())))
        .contains("cannot be");
  }

  /** One file of each kind in turn, with the name of its kind. */
  private Map.Entry<String, byte[]> hostile(int round) {
    byte[] bytes =
        switch (round % 6) {
          case 0 -> Arrays.copyOf(good, random.nextInt(good.length));
          case 1 -> {
            byte[] file = good.clone();
            file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            yield file;
          }
          case 2 -> rebuilt(payload -> damaged(payload));
          case 3 ->
              rebuilt(payload -> {
                Segment segment = Segment.of(1, payload);
                byte[] body = Deflated.inflate(segment.deflated(), segment.length());
                return with(segment, damaged(body)).payload();
              });
          case 4 -> strangeHeader();
          default -> {
            byte[] claim = new byte[1 << random.nextInt(24)];
            random.nextBytes(claim);
            int length = random.nextInt(Segment.MOST_BYTES);
            byte[] bomb = Deflated.deflate(new byte[Segment.MOST_BYTES]);
            byte[] deflated = random.nextBoolean() ? bomb : Deflated.deflate(claim);
            yield rebuilt(payload -> new Segment(1, 10, true, 0, 0, 0, length, deflated).payload());
          }
        };
    String kind = List.of("cut", "flip", "damage", "deep", "header", "bomb").get(round % 6);
    return Map.entry("%s-%03d".formatted(kind, round), bytes);
  }

  /** Node has 192 MB for all of them: a reader that believes a claim ends with its process. */
  @Test
  void hostileFiles_areReadInTheBrowserAsTheyAreHere() throws IOException, InterruptedException {
    System.out.println("HostileRecordingTest in Node: -Dfaultline.seed=" + seed);
    Map<String, byte[]> files = new TreeMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      Map.Entry<String, byte[]> file = hostile(round);
      files.put(file.getKey(), file.getValue());
    }
    byte[] future = good.clone();
    future[7] = 2;
    files.put("future", future);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
    String said =
        InNode.output(
            List.of(
                "--max-old-space-size=192", "src/test/js/play-hostile.js", directory.toString()));
    List<String> lines = said.lines().toList();
    assertThat(lines).hasSameSizeAs(files.keySet());
    for (String line : lines) {
      String[] told = line.split("\t", 3);
      String words = line + ", seed " + seed;
      assertThat(told[2]).as(words).matches("(plays|refused) .+");
      assertThat(Long.parseLong(told[1])).as(words).isLessThan(LONGEST.toMillis());
      byte[] bytes = Objects.requireNonNull(files.get(told[0]));
      if (play(bytes).isEmpty()) {
        Recording recording = Recording.open(Source.of(bytes));
        long last = recording.lastMoment();
        assertThat(told[2])
            .as(words)
            .isEqualTo("plays " + last + " " + recording.player(last).hash());
      }
      if (told[0].equals("future")) {
        assertThat(told[2]).contains("format 2");
      }
    }
  }

  @Test
  void futureVersion_isNamed() {
    byte[] file = good.clone();
    file[7] = 2;
    assertThat(play(file)).contains("format 2").contains("reads format 1");
  }

  @Test
  void otherFiles_areNoRecordings() {
    assertThat(play(new byte[0])).contains("no recording");
    assertThat(play("PK\3\4 something else".getBytes(StandardCharsets.US_ASCII)))
        .contains("no recording");
  }

  @Test
  void linesThatAreNone_areRefusedByNumber() {
    assertThat(importing("{}\n")).contains("line 1").contains("recording");
    assertThat(importing("nonsense\n")).contains("line 1");
    assertThat(importing("")).contains("end");
    for (int round = 0; round < 50; round++) {
      byte[] junk = new byte[random.nextInt(300)];
      random.nextBytes(junk);
      assertThat(importing(new String(junk, StandardCharsets.ISO_8859_1) + "\n")).isNotBlank();
    }
  }

  private static String importing(String lines) {
    var in = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
    try {
      NdJson.read(NdJson.lines(in), bytes -> {});
      throw new AssertionError("these lines were taken");
    } catch (BadRecordingException refused) {
      return refused.getMessage();
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }
}
