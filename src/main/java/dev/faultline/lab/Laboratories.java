package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import dev.faultline.recording.BadRecordingException;
import dev.faultline.recording.Recording;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.RecordingHeader.Parent;
import dev.faultline.recording.Room;
import dev.faultline.recording.SegmentHashes;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of live laboratories. With a data directory, those that were alive when the server
 * last stopped are there again, rebuilt from their commands.
 */
public final class Laboratories {
  private static final Logger LOG = LoggerFactory.getLogger(Laboratories.class);

  /** Nobody reads the log of a throw-away laboratory. */
  private static final int REPLICA_WORDS = 1 << 15;

  /** What an empty laboratory takes in the data directory, or a little more. */
  private static final int LEAST_BYTES = 64 << 10;

  private final Limits limits;
  private final String engine;
  private final @Nullable DataDirectory data;
  private final Map<String, Laboratory> labs = new ConcurrentHashMap<>();

  private final Tally tally = new Tally();

  /** Why those that were there when the last server stopped are not there any more. */
  private final Map<String, String> lost = new ConcurrentHashMap<>();

  /** Laboratories that are gone when the process ends. */
  public Laboratories(Limits limits) {
    this(limits, "", null);
  }

  /**
   * Laboratories that are kept.
   *
   * @param engine the version that recordings name
   */
  public Laboratories(Limits limits, String engine, @Nullable DataDirectory data) {
    this.limits = limits;
    this.engine = engine;
    this.data = data;
    if (data != null) {
      data.labIds().forEach(id -> rebuild(data, id));
    }
  }

  /** What they have all done. */
  public Tally tally() {
    return tally;
  }

  public Limits limits() {
    return limits;
  }

  /** The version that this server's recordings name. */
  public String engine() {
    return engine;
  }

  /**
   * Opens a laboratory.
   *
   * @throws LimitException when there are too many, or it wants too many frames
   */
  public Laboratory open(Settings settings) {
    return add(settings, null);
  }

  private synchronized Laboratory add(Settings settings, @Nullable Parent parent) {
    if (labs.size() >= limits.labs()) {
      throw new LimitException(
          "labs", limits.labs(), "there are " + limits.labs() + " laboratories, which is the most");
    }
    checkSize(settings);
    String id = Ids.next();
    Laboratory lab =
        data == null
            ? new Laboratory(id, settings, limits, Instant.now(), parent, Kept.nothing())
            : makeKept(data, id, settings, parent);
    lab.countIn(tally);
    labs.put(id, lab);
    return lab;
  }

  private Laboratory makeKept(
      DataDirectory directory, String id, Settings settings, @Nullable Parent parent) {
    Room room = directory.room(limits);
    room.take(LEAST_BYTES);
    try {
      directory.makeLab(id);
      Instant created = Instant.now();
      RecordingHeader header = header(settings, created, parent);
      CommandLog commands =
          FileCommandLog.create(directory.commands(id), header, directory.commandsWritten(id));
      var recorder = recorder(directory, id, directory.recordingOf(id), header, null);
      var kept = new Kept(commands, 0, room, recorder);
      var lab = new Laboratory(id, settings, limits, created, parent, kept);
      directory.countLab(id);
      lab.startRecording();
      return lab;
    } finally {
      room.take(-LEAST_BYTES);
    }
  }

  private Function<ChangeLog, @Nullable Recorder> recorder(
      DataDirectory directory,
      String id,
      Path path,
      RecordingHeader header,
      @Nullable SegmentHashes former) {
    Room room = directory.roomForRecording(id, limits);
    return log -> new Recorder(id, log, path, header, limits, room, former);
  }

  /** A laboratory that cannot be recorded is there all the same. */
  private static @Nullable Recorder orNone(String id, Supplier<@Nullable Recorder> recorder) {
    try {
      return recorder.get();
    } catch (StorageException exception) {
      LOG.error("laboratory {} is not recorded: {}", id, exception.getMessage());
      return null;
    }
  }

  private void checkSize(Settings settings) {
    int frames = settings.kernel().machine().frames();
    if (frames > limits.frames()) {
      throw new LimitException(
          "frames", limits.frames(), "a laboratory has at most " + limits.frames() + " frames");
    }
    if (settings.kernel().swapSlots() > limits.swap()) {
      throw new LimitException(
          "swap", limits.swap(), "a laboratory has at most " + limits.swap() + " swap slots");
    }
  }

  private RecordingHeader header(Settings settings, Instant created, @Nullable Parent parent) {
    return new RecordingHeader(
        engine,
        settings.name(),
        settings.seed(),
        created.toString(),
        RecordCodec.describe(settings.kernel()),
        RecordCodec.encode(Settings.class, settings),
        parent,
        dev.faultline.log.Schema.CURRENT);
  }

  /**
   * Opens a laboratory that has done what {@code parent} had done at a moment, and goes its own way
   * from there.
   *
   * @param name of the branch, null for the parent's
   * @throws NoBoundaryException when the moment is not the end of a command
   */
  public Laboratory branch(Laboratory parent, long sequence, @Nullable String name) {
    Settings settings = parent.settings();
    Laboratory branch =
        add(name == null ? settings : settings.named(name), new Parent(parent.id(), sequence));
    return repeated(
        branch,
        sequence,
        Again.Origin.HERE,
        repetition -> parent.commands().read(0, (number, entry) -> repetition.take(entry)));
  }

  /**
   * The same from a recording.
   *
   * @throws CannotBranchException when another engine has made it, or this one comes to another
   *     state with its commands
   */
  public Laboratory branch(Recording recording, String id, long sequence, @Nullable String name)
      throws IOException {
    Settings settings = settingsOf(recording);
    Laboratory branch =
        add(name == null ? settings : settings.named(name), new Parent(id, sequence));
    repeated(
        branch,
        sequence,
        Again.Origin.ELSEWHERE,
        repetition -> recording.commands(0, command -> repetition.take(command.bytes())));
    try {
      prove(recording, branch);
    } catch (CannotBranchException exception) {
      end(branch.id());
      throw exception;
    }
    return branch;
  }

  /**
   * What a recording's laboratory was made with.
   *
   * @throws CannotBranchException when this engine cannot make it again
   */
  private Settings settingsOf(Recording recording) {
    RecordingHeader header = recording.header();
    if (!header.engine().equals(engine)) {
      throw new CannotBranchException(
          "the recording was made by Faultline %s and this is %s: it can be played, not branched"
              .formatted(header.engine(), engine));
    }
    if (!header.hasCommands()) {
      throw new CannotBranchException(
          "the recording has given up its commands to stay small: it can be played, not branched");
    }
    Settings settings = RecordCodec.decode(Settings.class, header.settings());
    checkSize(settings);
    return settings;
  }

  /** Holds what a recording's commands have led to against the state that it names. */
  void prove(Recording recording, Laboratory made) {
    long moment = made.log().head();
    if (recording.reaches(moment)
        && !recording.player(moment).hash().equals(Recording.hash(made.stateAt(moment)))) {
      throw new CannotBranchException(
          "the commands of the recording do not lead to its state at " + moment);
    }
  }

  /** Gives all entries to a repetition. */
  @FunctionalInterface
  private interface Entries {
    void giveTo(Repetition repetition) throws IOException;
  }

  private Laboratory repeated(Laboratory lab, long until, Again.Origin origin, Entries entries) {
    try {
      var repetition = new Repetition(lab, until, true, origin);
      entries.giveTo(repetition);
      repetition.end();
      return lab;
    } catch (IOException exception) {
      end(lab.id());
      throw new StorageException("the commands cannot be read", exception);
    } catch (RuntimeException exception) {
      end(lab.id());
      throw exception;
    }
  }

  /** A laboratory of nobody's, for the commands of {@code original} to be done in again. */
  Laboratory replica(Laboratory original) {
    return replica(original.id(), original.settings());
  }

  /** The same for the commands of a recording. */
  Laboratory replica(Recording recording, String id) {
    return replica(id, settingsOf(recording));
  }

  private Laboratory replica(String id, Settings settings) {
    return new Laboratory(
        id, settings, limits.withLogWords(REPLICA_WORDS), Instant.EPOCH, null, Kept.nothing());
  }

  /** Whatever is wrong with one laboratory, the others come back. */
  private void rebuild(DataDirectory directory, String id) {
    FileCommandLog commands = null;
    try (Recording former = former(directory.recordingOf(id))) {
      commands = FileCommandLog.open(directory.commands(id), directory.commandsWritten(id));
      rebuild(directory, id, commands, former);
    } catch (BadRecordingException
        | Recorder.RepeatException
        | NoSuchProcessException
        | StorageException
        | IOException exception) {
      if (commands != null) {
        commands.close();
      }
      lose(directory, id, String.valueOf(exception.getMessage()));
    }
  }

  private void lose(DataDirectory directory, String id, String why) {
    String kept = "";
    try {
      kept = directory.keepRecordingOf(id) ? "; its recording can be played: recordings/" + id : "";
    } catch (StorageException exception) {
      LOG.error("{}", exception.getMessage());
    }
    lost.put(id, why + kept);
    LOG.error("laboratory {} cannot go on: {}{}", id, why, kept);
  }

  private void rebuild(
      DataDirectory directory, String id, FileCommandLog commands, @Nullable Recording former)
      throws IOException {
    if (commands.torn() > 0) {
      LOG.warn(
          "laboratory {}: {} bytes of a command that was never answered were cut off",
          id,
          commands.torn());
    }
    boolean isForeign = !commands.header().engine().equals(engine);
    if (isForeign && former == null) {
      throw new BadRecordingException(
          "it was made by Faultline %s and this is %s, and it has no recording to prove it by"
              .formatted(commands.header().engine(), engine));
    }
    RecordingHeader header = isForeign ? commands.header().madeBy(engine) : commands.header();
    SegmentHashes hashes = former == null ? null : new SegmentHashes(former);
    Path written = directory.recordingOf(id).resolveSibling("recording.new");
    Files.deleteIfExists(written);
    var lab =
        new Laboratory(
            id,
            RecordCodec.decode(Settings.class, header.settings()),
            limits,
            Instant.parse(header.created()),
            header.parent(),
            new Kept(
                commands,
                commands.torn(),
                directory.room(limits),
                log ->
                    orNone(id, () -> recorder(directory, id, written, header, hashes).apply(log))));
    var repetition = new Repetition(lab, Long.MAX_VALUE, false, Again.Origin.HERE);
    commands.read(0, (number, entry) -> repetition.take(entry));
    repetition.finish();
    lab.finishRebuilding(
        written, directory.recordingOf(id), former == null ? 0 : former.firstMoment());
    directory.countLab(id);
    lab.startRecording();
    lab.countIn(tally);
    labs.put(id, lab);
    if (isForeign) {
      LOG.info(
          "laboratory {} was made by Faultline {} and is the same with {}",
          id,
          commands.header().engine(),
          engine);
    }
  }

  private static @Nullable Recording former(Path path) throws IOException {
    if (Files.notExists(path)) {
      return null;
    }
    try {
      return Recording.open(Source.of(path, Long.MAX_VALUE));
    } catch (BadRecordingException exception) {
      return null; // it was killed before its first segment
    }
  }

  /**
   * @throws NoSuchLaboratoryException when there is none with this id
   */
  public Laboratory get(String id) {
    Laboratory lab = labs.get(id);
    if (lab == null) {
      String why = lost.get(id);
      throw why == null
          ? new NoSuchLaboratoryException(id)
          : new NoSuchLaboratoryException(id, why);
    }
    return lab;
  }

  /** All of them, the oldest first. */
  public Collection<Laboratory> all() {
    List<Laboratory> all = new ArrayList<>(labs.values());
    all.sort(Comparator.comparing(Laboratory::created).thenComparing(Laboratory::id));
    return all;
  }

  /** Ends a laboratory and forgets it. */
  public void end(String id) {
    Laboratory lab = labs.remove(id);
    if (lab == null) {
      throw new NoSuchLaboratoryException(id);
    }
    lab.end();
    lab.close();
    if (data != null) {
      data.forgetLab(id);
    }
  }

  /** Ends every laboratory; those that are kept come back with the next server. */
  public void close() {
    for (Laboratory lab : all()) {
      lab.end();
    }
    for (Laboratory lab : all()) {
      labs.remove(lab.id());
      lab.close();
    }
  }
}
