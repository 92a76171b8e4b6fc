package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.recording.BadRecordingException;
import dev.faultline.recording.NdJson;
import dev.faultline.recording.RecordedRuns;
import dev.faultline.recording.Recording;
import dev.faultline.recording.Room;
import dev.faultline.recording.Scenario;
import dev.faultline.recording.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Laboratories outlive their server, and any moment of one can be gone back to. */
@Execution(ExecutionMode.CONCURRENT)
class KeptLaboratoriesTest {
  private static final String ENGINE = "test";

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final List<Runnable> open = new ArrayList<>();
  @TempDir private Path directory = Path.of("");

  @AfterEach
  void close() {
    open.reversed().forEach(Runnable::run);
  }

  private Laboratories start() {
    return start(Limits.DEFAULT);
  }

  private Laboratories start(Limits limits) {
    DataDirectory data = DataDirectory.open(directory);
    open.add(data::close);
    var laboratories = new Laboratories(limits, ENGINE, data);
    open.add(laboratories::close);
    return laboratories;
  }

  private Laboratories restart() {
    close();
    open.clear();
    return start();
  }

  private Laboratory randomLab(Laboratories laboratories, int commands) {
    System.out.println("KeptLaboratoriesTest: -Dfaultline.seed=" + seed);
    Laboratory lab = laboratories.open(Settings.of("kept", PrivateFileStrategy.LAZY));
    RecordedRuns.randomCommands(seed, commands, lab::execute);
    return lab;
  }

  private static String hash(Laboratory lab) {
    return Recording.hash(lab.stateAt(lab.log().head()));
  }

  @Test
  void laboratory_isThereAfterARestartAndGoesOn() {
    Laboratory lab = randomLab(start(), 1_500);
    String hash = hash(lab);
    Laboratory again = restart().get(lab.id());
    assertThat(hash(again)).isEqualTo(hash);
    assertThat(again.settings()).isEqualTo(lab.settings());
    assertThat(again.created()).isEqualTo(lab.created());
    assertThat(again.audit().violations()).isEmpty();
    again.execute(new Command.Spawn("later"));
    long head = again.log().head();
    assertThat(restart().get(lab.id()).log().head()).isEqualTo(head);
  }

  /** A program of one instruction, which jumps to itself. */
  private static long putLoop(Laboratory lab) {
    long address = 0x10000000;
    lab.execute(new Command.Spawn("loop"));
    lab.execute(new Command.Mmap(1, address, 4096, 7, 0x22 | 0x10, -1, 0));
    lab.execute(new Command.Write(1, address, new byte[] {0x6f, 0, 0, 0}));
    return address;
  }

  @Test
  void runsThatEndedByTime_areRepeatedToTheSameInstruction() {
    Laboratories laboratories = start(SmallLimits.with(Limits.DEFAULT, "runMillis", 1));
    Laboratory lab = laboratories.open(Settings.of("runs", PrivateFileStrategy.LAZY));
    lab.execute(new Command.PutFile("/bin/family", 0755, Programs.file("family")));
    for (int i = 0; i < 6; i++) {
      lab.execute(new Command.Start("/bin/family", List.of("family"), List.of(), null));
      lab.execute(new Command.RunAll(Long.MAX_VALUE, RunEnd.Reason.EXIT));
    }
    Result spawned = Objects.requireNonNull(lab.execute(new Command.Spawn("loop")).result());
    int loop = ((Result.Pid) spawned).pid();
    lab.execute(new Command.Mmap(loop, 0x10000000, 4096, 7, 0x32, -1, 0));
    lab.execute(new Command.Write(loop, 0x10000000, new byte[] {0x6f, 0, 0, 0}));
    Outcome run =
        lab.execute(new Command.Run(loop, Long.MAX_VALUE, RunEnd.Reason.EXIT, 0x10000000L));
    assertThat(((Result.Ran) Objects.requireNonNull(run.result())).end().reason())
        .isEqualTo(RunEnd.Reason.TIME);
    lab.execute(new Command.RunAll(Long.MAX_VALUE, RunEnd.Reason.EXIT));
    String hash = hash(lab);
    Laboratory again = restart().get(lab.id());
    assertThat(hash(again)).isEqualTo(hash);
  }

  @Test
  void serverThatWasKilledInARunWithoutEnd_startsAgain() {
    Laboratory lab = start().open(Settings.of("killed", PrivateFileStrategy.LAZY));
    long address = putLoop(lab);
    close();
    open.clear();
    Path commands = directory.resolve("labs").resolve(lab.id()).resolve("commands");
    var log = FileCommandLog.open(commands, Room.ENDLESS);
    Command loop = new Command.Run(1, Long.MAX_VALUE, RunEnd.Reason.EXIT, address);
    log.append(log.head() + 1, new Logged.Asked(loop).encode());
    log.close();
    Laboratory again = start(SmallLimits.with(Limits.DEFAULT, "runMillis", 20)).get(lab.id());
    again.execute(new Command.Spawn("later"));
    String hash = hash(again);
    assertThat(hash(restart().get(lab.id()))).isEqualTo(hash);
  }

  @Test
  void runWithoutEndInARecording_isNotRepeatedForEver() throws IOException {
    Laboratories laboratories = start(SmallLimits.with(Limits.DEFAULT, "runMillis", 5));
    Laboratory lab = laboratories.open(Settings.of("foreign", PrivateFileStrategy.LAZY));
    long address = putLoop(lab);
    Command loop = new Command.Run(1, Long.MAX_VALUE, RunEnd.Reason.EXIT, address);
    lab.execute(loop);
    lab.execute(new Command.Spawn("later"));
    var lines = new ByteArrayOutputStream();
    NdJson.write(lab.recording(), lines);
    String limited = HexFormat.of().formatHex("Limited".getBytes(StandardCharsets.US_ASCII));
    String others =
        lines
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.contains(limited))
            .collect(Collectors.joining("\n", "", "\n"));
    var bytes = new ByteArrayOutputStream();
    NdJson.read(
        NdJson.lines(new ByteArrayInputStream(others.getBytes(StandardCharsets.UTF_8))),
        bytes::writeBytes);
    Recording recording = Recording.open(Source.of(bytes.toByteArray()));
    assertThatThrownBy(() -> laboratories.branch(recording, "r", recording.lastMoment(), null))
        .isInstanceOf(BadRecordingException.class)
        .hasMessageContaining("goes on");
    assertThat(laboratories.all()).hasSize(1);
  }

  @Test
  void laboratoryThatWasEnded_leavesNothing() throws IOException {
    Laboratories laboratories = start();
    laboratories.end(randomLab(laboratories, 10).id());
    try (Stream<Path> left = Files.list(directory.resolve("labs"))) {
      assertThat(left).isEmpty();
    }
    assertThat(restart().all()).isEmpty();
  }

  @Test
  void recording_isTheSameAfterARestartAndInAnotherRun() throws IOException {
    Laboratory lab = randomLab(start(), 1_500);
    close();
    open.clear();
    Path file = directory.resolve("labs").resolve(lab.id()).resolve("recording");
    byte[] first = Files.readAllBytes(file);
    start();
    close();
    open.clear();
    assertThat(Arrays.equals(Files.readAllBytes(file), first)).as("after a restart").isTrue();
    Laboratory other = randomLab(start(), 1_500);
    close();
    open.clear();
    byte[] second =
        Files.readAllBytes(directory.resolve("labs").resolve(other.id()).resolve("recording"));
    Recording one = Recording.open(Source.of(first));
    Recording two = Recording.open(Source.of(second));
    assertThat(two.lastMoment()).isEqualTo(one.lastMoment());
    assertThat(without(second, two)).isEqualTo(without(first, one));
  }

  /** A recording's bytes from the first command on; the header before it names the time. */
  private static byte[] without(byte[] bytes, Recording recording) throws IOException {
    int length =
        java.nio.ByteBuffer.wrap(bytes, 8, 4).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
    return Arrays.copyOfRange(bytes, 8 + 16 + length, (int) recording.end());
  }

  @Test
  void momentsThatTheLogHasDropped_areInTheRecording() {
    Laboratory lab = randomLab(start(Limits.DEFAULT.withLogWords(1 << 14)), 1_500);
    assertThat(lab.log().oldest()).isPositive();
    Recording recording = lab.recording();
    assertThat(recording.firstMoment()).isZero();
    assertThat(recording.lastMoment()).isEqualTo(lab.log().head());
    assertThat(Recording.hash(lab.stateAt(0))).isEqualTo("0000000000000000");
    long middle = lab.log().oldest() / 2;
    assertThat(Recording.hash(lab.stateAt(middle))).isEqualTo(recording.player(middle).hash());
    assertThat(recording.player(recording.lastMoment()).hash()).isEqualTo(hash(lab));
  }

  @Test
  void branch_goesOnFromAnyCommandAndLeavesItsParentAlone() {
    Laboratories laboratories = start();
    Laboratory parent = laboratories.open(Settings.of("parent", PrivateFileStrategy.LAZY));
    List<Long> boundaries = new ArrayList<>();
    RecordedRuns.randomCommands(
        seed, 200, command -> boundaries.add(parent.execute(command).lastSequence()));
    String before = hash(parent);
    for (int i = 0; i < boundaries.size(); i += 37) {
      long at = boundaries.get(i);
      Laboratory branch = laboratories.branch(parent, at, "branch " + i);
      assertThat(branch.log().head()).isEqualTo(at);
      assertThat(hash(branch)).isEqualTo(Recording.hash(parent.stateAt(at)));
      assertThat(Objects.requireNonNull(branch.parent()).lab()).isEqualTo(parent.id());
      assertThat(branch.audit().violations()).isEmpty();
      branch.execute(new Command.Spawn("elsewhere"));
    }
    assertThat(hash(parent)).isEqualTo(before);
    long inside = boundaries.get(5) - 1;
    int count = laboratories.all().size();
    assertThatThrownBy(() -> laboratories.branch(parent, inside, null))
        .isInstanceOf(NoBoundaryException.class)
        .hasMessageContaining(Long.toString(boundaries.get(4)))
        .hasMessageContaining(Long.toString(boundaries.get(5)));
    assertThat(laboratories.all()).hasSize(count);
    Laboratory branch = laboratories.branch(parent, boundaries.get(9), null);
    Laboratory again = restart().get(branch.id());
    assertThat(again.log().head()).isEqualTo(boundaries.get(9));
    assertThat(again.parent()).isEqualTo(branch.parent());
  }

  @Test
  void recording_canBeBranchedByTheEngineThatMadeIt() throws IOException {
    Laboratories laboratories = start();
    Laboratory parent = randomLab(laboratories, 200);
    Recording recording = parent.recording();
    Laboratory branch = laboratories.branch(recording, "r1", recording.lastMoment(), null);
    assertThat(hash(branch)).isEqualTo(hash(parent));
    assertThatThrownBy(() ->
            new Laboratories(Limits.DEFAULT, "another", null)
                .branch(recording, "r1", recording.lastMoment(), null))
        .isInstanceOf(CannotBranchException.class)
        .hasMessageContaining("played");
  }

  @Test
  void laboratoryWhoseCommandsLeadElsewhere_isKeptAsARecording() throws IOException {
    Laboratory lab = randomLab(start(), 300);
    close();
    open.clear();
    Path commands = directory.resolve("labs").resolve(lab.id()).resolve("commands");
    var shorter = FileCommandLog.open(commands, Room.ENDLESS);
    List<byte[]> entries = new ArrayList<>();
    shorter.read(0, (sequence, entry) -> entries.add(entry));
    var header = shorter.header();
    shorter.close();
    Files.delete(commands);
    var changed = FileCommandLog.create(commands, header, Room.ENDLESS);
    Command other = new Command.PutFile("/données/f", 0600, new byte[20 * 4096]);
    entries.set(0, new Logged.Asked(other).encode());
    entries.forEach(entry -> changed.append(changed.head() + 1, entry));
    changed.close();
    Laboratories after = start();
    assertThat(after.all()).isEmpty();
    assertThatThrownBy(() -> after.get(lab.id()))
        .isInstanceOf(NoSuchLaboratoryException.class)
        .hasMessageContaining("do not lead to the recorded state")
        .hasMessageContaining("recordings/" + lab.id());
    assertThat(Files.exists(directory.resolve("recordings").resolve(lab.id() + ".faultline")))
        .isTrue();
  }

  private Laboratories startAs(String engine) {
    close();
    open.clear();
    DataDirectory data = DataDirectory.open(directory);
    open.add(data::close);
    var laboratories = new Laboratories(Limits.DEFAULT, engine, data);
    open.add(laboratories::close);
    return laboratories;
  }

  @Test
  void laboratoryOfAnotherEngine_goesOnWhereItsCommandsLeadToTheSame() throws IOException {
    Laboratory lab = randomLab(start(), 300);
    String hash = hash(lab);
    Laboratory again = startAs("newer").get(lab.id());
    assertThat(hash(again)).isEqualTo(hash);
    assertThat(again.recording().header().engine()).isEqualTo("newer");
    close();
    open.clear();
    Files.delete(directory.resolve("labs").resolve(lab.id()).resolve("recording"));
    assertThatThrownBy(() -> startAs("newest").get(lab.id()))
        .isInstanceOf(NoSuchLaboratoryException.class)
        .hasMessageContaining("test")
        .hasMessageContaining("newest");
  }

  @Test
  void engine_isNamedByItsVersionAndItsBehaviour() {
    String engine = Engine.identifier("1.2.3");
    assertThat(engine).matches("1\\.2\\.3\\+[0-9a-f]{8}").isEqualTo(Engine.identifier("1.2.3"));
  }

  @Test
  void laboratoryThatCannotBeRead_leavesTheOthersAlone() throws IOException {
    Laboratories laboratories = start();
    Laboratory good = randomLab(laboratories, 20);
    Laboratory bad = randomLab(laboratories, 20);
    Laboratory empty = randomLab(laboratories, 20);
    close();
    open.clear();
    Path labs = directory.resolve("labs");
    Files.write(labs.resolve(bad.id()).resolve("commands"), new byte[40]);
    Files.delete(labs.resolve(empty.id()).resolve("commands"));
    Files.createDirectory(labs.resolve("nothing"));
    Laboratories after = start();
    assertThat(after.all()).extracting(Laboratory::id).containsExactly(good.id());
    assertThatThrownBy(() -> after.get(bad.id())).hasMessageContaining("FAULTLN");
    assertThatThrownBy(() -> after.get(empty.id())).hasMessageContaining("commands");
    assertThatThrownBy(() -> after.get("nothing")).hasMessageContaining("commands");
  }

  @Test
  void uploadThatIsOld_isDeletedWhenItsTimeIsOver() throws IOException {
    Limits day = SmallLimits.with(Limits.DEFAULT, "recordingHours", 24);
    try (DataDirectory data = DataDirectory.temporary()) {
      var recordings = new Recordings(data, day);
      byte[] bytes = Scenario.PROGRAMS.record(1);
      String old = recordings.add(bytes).id();
      String young = recordings.add(bytes).id();
      FileTime yesterday = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
      Files.setLastModifiedTime(data.recording(old), yesterday);
      assertThat(recordings.all()).extracting(Recordings.Kept::id).containsExactly(young);
      assertThatThrownBy(() -> recordings.get(old)).isInstanceOf(NoSuchRecordingException.class);
      assertThat(Files.exists(data.recording(old))).isFalse();
      recordings.close();
    }
  }

  @Test
  void tornCommand_isCutOffAndSaid() throws IOException {
    Laboratory lab = randomLab(start(), 50);
    close();
    open.clear();
    Path commands = directory.resolve("labs").resolve(lab.id()).resolve("commands");
    Files.write(commands, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    Laboratory again = start().get(lab.id());
    assertThat(again.torn()).isEqualTo(3);
    assertThat(again.log().head()).isEqualTo(lab.log().head());
    assertThat(restart().get(lab.id()).torn()).isZero();
  }

  @Test
  void recordingThatIsFull_dropsItsOldestSegments() throws IOException {
    Limits small =
        SmallLimits.with(Limits.DEFAULT.withLogWords(1 << 14), "recordingBytes", 96 << 10);
    Laboratories laboratories = start(small);
    Laboratory lab = laboratories.open(Settings.of("rolling", PrivateFileStrategy.LAZY));
    lab.execute(new Command.Spawn("faults"));
    while (lab.log().head() < 120_000) {
      lab.execute(new Command.Mmap(1, 0x10000000, 8 * 4096, 3, 0x32, -1, 0));
      lab.execute(new Command.Write(1, 0x10000000, new byte[8 * 4096]));
    }
    RecordedRuns.randomCommands(seed, 300, lab::execute);
    String hash = hash(lab);
    Recording recording = lab.recording();
    recording.check();
    long first = recording.firstMoment();
    System.out.println("seed " + seed + ": records " + first + " to " + recording.lastMoment());
    assertThat(first).isPositive().isEqualTo(lab.firstMoment());
    assertThat(recording.lastMoment()).isEqualTo(lab.log().head());
    assertThat(recording.player(recording.lastMoment()).hash()).isEqualTo(hash);
    assertThat(Recording.hash(lab.stateAt(first))).isEqualTo(recording.player(first).hash());
    assertThatThrownBy(() -> lab.stateAt(first - 1))
        .isInstanceOf(SequenceGoneException.class)
        .hasMessageContaining(Long.toString(first));
    var bytes = new ByteArrayOutputStream();
    var lines = new ByteArrayOutputStream();
    NdJson.write(recording, lines);
    NdJson.read(NdJson.lines(new ByteArrayInputStream(lines.toByteArray())), bytes::writeBytes);
    assertThat(Recording.open(Source.of(bytes.toByteArray())).lastMoment())
        .isEqualTo(recording.lastMoment());
    if (recording.header().hasCommands()) {
      Laboratory branch = laboratories.branch(recording, "r", recording.lastMoment(), null);
      assertThat(hash(branch)).isEqualTo(hash);
    } else {
      assertThatThrownBy(() -> laboratories.branch(recording, "r", recording.lastMoment(), null))
          .hasMessageContaining("given up its commands");
    }
    close();
    open.clear();
    Path file = directory.resolve("labs").resolve(lab.id()).resolve("recording");
    byte[] closed = Files.readAllBytes(file);
    assertThat(closed).hasSizeLessThan(120 << 10);
    Laboratory again = start(small).get(lab.id());
    assertThat(hash(again)).isEqualTo(hash);
    close();
    open.clear();
    assertThat(Arrays.equals(Files.readAllBytes(file), closed)).as("after a restart").isTrue();
  }

  @Test
  void directoryOfAnotherServer_isRefused() {
    start();
    assertThatThrownBy(() -> DataDirectory.open(directory))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("another server");
  }

  @Test
  void directoryThatCannotBe_isRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x", StandardCharsets.UTF_8);
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("file");
  }

  @Test
  void temporaryDirectory_goesWithItsServer() {
    DataDirectory data = DataDirectory.temporary();
    assertThat(Files.exists(data.root())).isTrue();
    data.close();
    assertThat(Files.exists(data.root())).isFalse();
  }

  @Test
  void replica_isTheMachineAsItStood() {
    Laboratories laboratories = start();
    Laboratory lab = laboratories.open(Settings.of("bytes", PrivateFileStrategy.LAZY));
    lab.execute(new Command.Spawn("p"));
    var map = lab.execute(new Command.Mmap(1, 0x10000000, 4096, 3, 0x22 | 0x10, -1, 0));
    long first = lab.execute(new Command.Write(1, 0x10000000, new byte[] {7})).lastSequence();
    long second = lab.execute(new Command.Write(1, 0x10000000, new byte[] {8})).lastSequence();
    var replicas = new Replicas(laboratories);
    for (long[] expected : new long[][] {{first, 7}, {second, 8}, {first, 7}}) {
      Result read =
          replicas.ask(
              lab,
              expected[0],
              then ->
                  Objects.requireNonNull(
                      then.execute(new Command.Read(1, 0x10000000, 1)).result()));
      assertThat(((Result.Bytes) read).bytes()[0]).isEqualTo((byte) expected[1]);
    }
    assertThat(lab.log().head()).isEqualTo(second);
    assertThat(map.errno()).isNull();
  }
}
