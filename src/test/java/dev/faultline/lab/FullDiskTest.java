package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.faultline.Missing;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.recording.Recording;
import dev.faultline.recording.SegmentInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Laboratories whose data directory has no more room, or cannot be written. */
class FullDiskTest {
  private static final int PAGE = 4096;
  private static final int MOST_ROUNDS = 20_000;

  private final List<Runnable> open = new ArrayList<>();
  @TempDir private Path temporary = Path.of("");
  private Path directory = Path.of("");

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectory(temporary.resolve("disk"));
  }

  @AfterEach
  void close() {
    open.reversed().forEach(Runnable::run);
    open.clear();
  }

  /** A file system of a megabyte in the directory, until the end of the test. */
  private void mountDisk() throws IOException, InterruptedException {
    mount(directory, "-t", "tmpfs", "-o", "size=1m", "tmpfs");
    open.add(() -> unmount(directory));
  }

  private static void unmount(Path place) {
    try {
      new ProcessBuilder("umount", "--lazy", place.toString()).start().waitFor();
    } catch (IOException | InterruptedException exception) {
      throw new IllegalStateException(exception);
    }
  }

  private static void mount(Path place, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    command.add(place.toString());
    Process mount = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (mount.waitFor() != 0) {
      throw Missing.thing("no small file system can be mounted here: " + said, null);
    }
  }

  private Laboratories start(Limits limits) {
    DataDirectory data = DataDirectory.open(directory);
    open.add(data::close);
    var laboratories = new Laboratories(limits, "test", data);
    open.add(laboratories::close);
    return laboratories;
  }

  /** Ends the server, not the file system below it. */
  private void stop() {
    open.removeLast().run();
    open.removeLast().run();
  }

  private static Laboratory openLab(Laboratories laboratories) {
    Laboratory lab = laboratories.open(Settings.of("full", PrivateFileStrategy.LAZY));
    lab.execute(new Command.Spawn("faults"));
    return lab;
  }

  /** A few words of commands, hundreds of records. */
  private static void fault(Laboratory lab) {
    fault(lab, 64);
  }

  private static void fault(Laboratory lab, int pages) {
    lab.execute(new Command.Mmap(1, 0x10000000, (long) pages * PAGE, 3, 0x8032, -1, 0));
    lab.execute(new Command.Munmap(1, 0x10000000, (long) pages * PAGE));
  }

  private static String hash(Laboratory lab) {
    return Recording.hash(lab.stateAt(lab.log().head()));
  }

  private static long keyframes(Laboratory lab) {
    return lab.recording().segments().stream().filter(SegmentInfo::hasKeyframe).count();
  }

  /** Writes until nothing more fits. */
  private Path fill() throws IOException {
    Path ballast = directory.resolve("ballast");
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(new byte[PAGE]);
      }
    } catch (IOException full) {
      return ballast;
    }
  }

  private static void free(Path ballast, int pages) throws IOException {
    try (FileChannel file = FileChannel.open(ballast, StandardOpenOption.WRITE)) {
      file.truncate(file.size() - (long) pages * PAGE);
    }
  }

  private static void checkWhole(Laboratory lab) throws IOException {
    Recording recording = lab.recording();
    recording.check();
    assertThat(recording.lastMoment()).isEqualTo(lab.log().head());
    assertThat(recording.player(recording.lastMoment()).hash()).isEqualTo(hash(lab));
    assertThat(lab.audit().violations()).isEmpty();
  }

  @Test
  void fullDisk_stopsTheRecordingUntilThereIsRoom() throws IOException, InterruptedException {
    mountDisk();
    Laboratories laboratories = start(Limits.DEFAULT);
    Laboratory lab = openLab(laboratories);
    Path ballast = fill();
    assertThatThrownBy(() -> laboratories.open(Settings.of("more", PrivateFileStrategy.LAZY)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("No space left");
    for (int i = 0; i < MOST_ROUNDS && lab.unrecorded() == null; i++) {
      try {
        fault(lab);
      } catch (StorageException commandsAreFirst) {
        free(ballast, 1); // what one page takes in of commands makes more than a segment
      }
    }
    assertThat(lab.unrecorded()).contains("No space left");
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < MOST_ROUNDS; i++) {
                fault(lab);
              }
            })
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the command cannot be kept")
        .hasMessageContaining("No space left");
    Files.delete(ballast);
    fault(lab);
    checkWhole(lab);
    assertThat(lab.unrecorded()).isNull();
    String hash = hash(lab);
    stop();
    assertThat(hash(start(Limits.DEFAULT).get(lab.id()))).isEqualTo(hash);
  }

  @Test
  void whatTheLogDropsMeanwhile_isMissingAndTheRecordingGoesOn()
      throws IOException, InterruptedException {
    mountDisk();
    Laboratory lab = openLab(start(Limits.DEFAULT.withLogWords(1 << 14)));
    fault(lab);
    long before = lab.recording().lastMoment();
    Path ballast = fill();
    try {
      for (int i = 0; i < MOST_ROUNDS; i++) {
        // However little room the commands find in their file's last page, more than the log keeps.
        fault(lab, 3_000);
      }
    } catch (StorageException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    long full = lab.log().head();
    Files.delete(ballast);
    fault(lab);
    checkWhole(lab);
    Recording recording = lab.recording();
    assertTrue(recording.reaches(before), "what was written stays");
    assertTrue(!recording.reaches(full - (1 << 14)), "what no reader has seen is missing");
    assertThat(recording.header().hasCommands()).isTrue();
  }

  @Test
  void fullDiskAtTheStart_leavesLaboratoriesWithoutRecording()
      throws IOException, InterruptedException {
    mountDisk();
    Laboratory lab = openLab(start(Limits.DEFAULT));
    fault(lab);
    String hash = hash(lab);
    stop();
    fill();
    Laboratory again = start(Limits.DEFAULT).get(lab.id());
    assertThat(again.unrecorded()).isNotNull();
    assertThat(hash(again)).isEqualTo(hash);
    assertThat(again.audit().violations()).isEmpty();
  }

  @Test
  void directoryThatIsReadOnly_isRefusedInWords() throws IOException, InterruptedException {
    mountDisk();
    openLab(start(Limits.DEFAULT));
    stop();
    mount(directory, "-o", "remount,ro");
    assertThatThrownBy(() -> DataDirectory.open(directory))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the data directory " + directory + " cannot be used")
        .hasMessageContaining("Read-only");
  }

  @Test
  void laboratoryThatIsReadOnly_isNotThereAndSaysWhyUntilItCanBeWritten()
      throws IOException, InterruptedException {
    Laboratories laboratories = start(Limits.DEFAULT);
    Laboratory lab = openLab(laboratories);
    Laboratory other = openLab(laboratories);
    fault(lab);
    fault(other);
    String hash = hash(lab);
    String hashOfOther = hash(other);
    stop();
    Path place = directory.resolve("labs").resolve(lab.id());
    mount(place, "--bind", place.toString());
    open.add(() -> unmount(place));
    mount(place, "-o", "remount,bind,ro");
    laboratories = start(Limits.DEFAULT);
    assertThat(hash(laboratories.get(other.id()))).isEqualTo(hashOfOther);
    fault(laboratories.get(other.id()));
    Laboratories without = laboratories;
    assertThatThrownBy(() -> without.get(lab.id()))
        .isInstanceOf(NoSuchLaboratoryException.class)
        .hasMessageContaining("Read-only")
        .hasMessageContaining("its recording can be played");
    stop();
    open.removeLast().run();
    assertThat(hash(start(Limits.DEFAULT).get(lab.id()))).isEqualTo(hash);
  }

  @Test
  void dataBytes_stopRecordingsFirstAndThenCommands() throws IOException {
    Limits small = SmallLimits.with(Limits.DEFAULT, "dataBytes", 1 << 20);
    Laboratories laboratories = start(small);
    Laboratory other = openLab(laboratories);
    while (other.recordingSource().size() < 200 << 10) {
      fault(other);
    }
    Laboratory lab = openLab(laboratories);
    for (int i = 0; i < MOST_ROUNDS && lab.unrecorded() == null; i++) {
      fault(lab);
    }
    assertThat(lab.unrecorded()).contains("dataBytes");
    fault(lab);
    byte[] page = new byte[16 * PAGE];
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                lab.execute(new Command.PutFile("/f", 0644, page));
              }
            })
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("dataBytes");
    assertThat(lab.audit().violations()).isEmpty();
    laboratories.end(other.id());
    fault(lab);
    checkWhole(lab);
    assertThat(lab.unrecorded()).isNull();
    String hash = hash(lab);
    stop();
    assertThat(hash(start(small).get(lab.id()))).isEqualTo(hash);
  }

  private long bytesOfFiles() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /** It is counted while files grow, shrink and go; nobody looks at all of them. */
  @Test
  void bytesOfTheDirectory_areThoseOfItsFiles() throws IOException {
    DataDirectory data = DataDirectory.open(directory);
    Limits small = SmallLimits.with(Limits.DEFAULT, "recordingBytes", 96 << 10);
    var laboratories = new Laboratories(small, "test", data);
    Laboratory lab = openLab(laboratories);
    Laboratory other = openLab(laboratories);
    fault(other);
    while (lab.recording().firstMoment() == 0) {
      for (int i = 0; i < 50; i++) {
        fault(lab);
      }
    }
    assertThat(data.bytes()).isEqualTo(bytesOfFiles());
    laboratories.branch(other, other.log().head(), "branch").recording();
    assertThat(data.bytes()).as("with a branch").isEqualTo(bytesOfFiles());
    laboratories.end(lab.id());
    assertThat(data.bytes()).as("without the first").isEqualTo(bytesOfFiles());
    laboratories.close();
    data.close();
    data = DataDirectory.open(directory);
    assertThat(data.bytes()).as("after a restart").isEqualTo(bytesOfFiles());
    laboratories = new Laboratories(small, "test", data);
    laboratories.get(other.id()).recording();
    assertThat(data.bytes()).as("rebuilt").isEqualTo(bytesOfFiles());
    laboratories.close();
    data.close();
  }

  @Test
  void recordingHours_dropWhatIsOlder() throws IOException {
    Limits day = SmallLimits.with(Limits.DEFAULT.withLogWords(1 << 14), "recordingHours", 24);
    Laboratory lab = openLab(start(day));
    while (keyframes(lab) < 3) {
      fault(lab);
    }
    long yesterday = lab.log().head();
    Instant now = Instant.now().plus(Duration.ofHours(2)); // the recorder has looked before
    lab.age(now);
    while (keyframes(lab) < 6) {
      fault(lab);
    }
    lab.age(now.plus(Duration.ofHours(23)));
    assertThat(lab.recording().firstMoment()).isZero();
    lab.age(now.plus(Duration.ofHours(25)));
    long first = lab.recording().firstMoment();
    assertThat(first).isPositive().isLessThanOrEqualTo(yesterday);
    checkWhole(lab);
    stop();
    Laboratory again = start(day).get(lab.id());
    assertThat(again.recording().firstMoment()).as("after a restart").isEqualTo(first);
    checkWhole(again);
  }
}
