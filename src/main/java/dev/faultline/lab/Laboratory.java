package dev.faultline.lab;

import dev.faultline.kernel.Audit;
import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.SignalInfo;
import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Quota;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.FoldedState;
import dev.faultline.log.OperationKind;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Story;
import dev.faultline.recording.BadRecordingException;
import dev.faultline.recording.Recording;
import dev.faultline.recording.RecordingHeader.Parent;
import dev.faultline.recording.Room;
import dev.faultline.recording.Source;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One live laboratory. Commands run one after the other under its lock; each is one operation in
 * the log, published as a whole. Readers of the log need no lock; questions about the live machine
 * take it.
 */
public final class Laboratory {
  private static final Logger LOG = LoggerFactory.getLogger(Laboratory.class);

  /** Bytes of an entry's head, and of the entry that says where a run ended. */
  private static final int BESIDE_COMMAND = 128;

  private final String id;
  private final Settings settings;
  private final Limits limits;
  private final Instant created;
  private final @Nullable Parent parent;
  private final CommandLog commands;
  private final long torn;
  private final Room room;
  private final @Nullable Recorder recorder;
  private final ReentrantLock lock = new ReentrantLock();

  /** How often somebody has asked for the end of a run. */
  private final AtomicInteger stops = new AtomicInteger();

  private final ChangeLog log;
  private final Kernel kernel;
  private final CommandRunner runner;
  private final Admission admission;
  private final Moments moments;
  private volatile long lastOperation;
  private volatile boolean ended;
  private volatile @Nullable Tally tally;
  private byte @Nullable [] owed;

  Laboratory(
      String id,
      Settings settings,
      Limits limits,
      Instant created,
      @Nullable Parent parent,
      Kept kept) {
    this.id = id;
    this.settings = settings;
    this.limits = limits;
    this.created = created;
    this.parent = parent;
    commands = kept.commands();
    torn = kept.torn();
    room = kept.room();
    log = new ChangeLog(limits.logWords());
    log.operation(OperationKind.BOOT, settings.kernel().machine().frames());
    lastOperation = log.written();
    kernel = new Kernel(settings.kernel(), quota(limits), log);
    runner = new CommandRunner(kernel, limits, log);
    admission = new Admission(kernel, log, limits);
    log.outcome(0, 0, Signal.NONE, Signal.Code.SI_KERNEL, 0);
    Function<ChangeLog, @Nullable Recorder> makes = kept.recorder();
    recorder = makes == null ? null : makes.apply(log);
    log.publish();
    moments = new Moments(log, recorder);
  }

  private static Quota quota(Limits limits) {
    return new Quota(
        limits.processes(),
        limits.files(),
        limits.fileBytes(),
        limits.strings(),
        limits.stringCharacters());
  }

  /** Where it branched off, null for a laboratory that began by itself. */
  public @Nullable Parent parent() {
    return parent;
  }

  /** From now on, what it does is counted. */
  void countIn(Tally all) {
    tally = all;
  }

  CommandLog commands() {
    return commands;
  }

  void startRecording() {
    if (recorder != null) {
      recorder.start();
    }
  }

  /**
   * Takes in what is left of the repetition, proves it, and puts its recording into its place.
   *
   * @param reached the first moment of the recording that was there
   */
  void finishRebuilding(Path written, Path place, long reached) {
    if (recorder != null) {
      recorder.catchUp();
      recorder.replace(written, place, reached);
    }
  }

  /** Drops what has been recorded for longer than it may be. */
  void age(Instant now) {
    recorder().age(now);
  }

  /** How many bytes of an unanswered command were cut off when its server was started. */
  public long torn() {
    return torn;
  }

  /** Why what happens is not recorded for now; null when it is. */
  public @Nullable String unrecorded() {
    return recorder == null
        ? "its recording could not be begun when it was opened"
        : recorder.stopped();
  }

  /** The first moment that log or recording reach back to. */
  public long firstMoment() {
    return moments.first();
  }

  /** The recording so far; it begins with the laboratory as long as it stays within its bound. */
  public Recording recording() {
    return recorder().recording();
  }

  /** All bytes of that recording, as its file would be if it ended here. */
  public Source recordingSource() {
    return recorder().snapshot();
  }

  private Recorder recorder() {
    if (recorder == null) {
      throw new StorageException("laboratory " + id + " is not recorded", null);
    }
    return recorder;
  }

  public String id() {
    return id;
  }

  public Settings settings() {
    return settings;
  }

  public Instant created() {
    return created;
  }

  public ChangeLog log() {
    return log;
  }

  /** The first sequence number of the operation that came last. */
  public long lastOperation() {
    return lastOperation;
  }

  public boolean hasEnded() {
    return ended;
  }

  /** Ends the laboratory: no more commands; its readers are told. */
  void end() {
    ended = true;
    log.close();
  }

  /** Waits for the command that runs, and ends what is written. */
  void close() {
    lock.lock();
    try {
      if (recorder != null) {
        recorder.close();
      }
    } finally {
      commands.close();
      lock.unlock();
    }
  }

  /**
   * Runs a command to its end.
   *
   * @throws NoSuchProcessException when it names a process that is not there
   * @throws LimitException when it would pass a limit
   */
  public Outcome execute(Command command) {
    lock.lock();
    try {
      if (ended) {
        throw new NoSuchLaboratoryException(id);
      }
      Process process = processOf(command);
      admission.check(command, process);
      if (recorder != null) {
        recorder.keepUp();
      }
      byte[] entry = new Logged.Asked(command).encode();
      long reserved = entry.length + BESIDE_COMMAND;
      room.take(reserved);
      try {
        appendOwed();
        commands.append(commands.head() + 1, entry);
        return run(command, process, entry, null);
      } finally {
        room.take(-reserved);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Does several things with nobody else's command between them. */
  public <T> T alone(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** Does again what was done elsewhere or before, whatever the limits are by now. */
  void repeat(Command command, Again again) {
    lock.lock();
    try {
      Process process = processOf(command);
      admission.checkRepeated(command);
      if (again.origin() == Again.Origin.ELSEWHERE) {
        admission.check(command, process);
      }
      byte[] entry = new Logged.Asked(command).encode();
      if (again.isKept()) {
        commands.append(commands.head() + 1, entry);
        if (!again.limited().equals(Logged.Limited.NOT)) {
          commands.append(commands.head() + 1, again.limited().encode());
        }
      }
      if (recorder != null) {
        recorder.keepUp();
      }
      run(command, process, entry, again);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Process processOf(Command command) {
    return command instanceof Command.InProcess in ? process(in.pid()) : null;
  }

  /**
   * @param again null for a new command
   */
  private Outcome run(
      Command command, @Nullable Process process, byte[] entry, @Nullable Again again) {
    long first = log.written() + 1;
    lastOperation = first;
    runner.begin(command);
    RunLimit limit = limit(again);
    Result result = null;
    Errno errno = null;
    SignalInfo signal = null;
    try {
      result = runner.perform(command, process, limit);
      if (result == null || isStopped(result)) {
        signal = kernel.delivered();
      }
    } catch (LinuxError error) {
      errno = error.errno();
    } catch (OutOfFrames none) {
      if (!kernel.isActorDoomed()) {
        log.step(StepKind.NO_FRAME_LEFT, kernel.frames().total());
        errno = Errno.ENOMEM;
      }
    }
    if (process != null && kernel.isActorDoomed()) {
      kernel.kill(process, 0);
      result = null;
      errno = null;
      signal = kernel.delivered();
    }
    kernel.machine().harts().settle();
    log.outcome(
        result == null ? 0 : result.number(),
        errno == null ? 0 : errno.number(),
        signal == null ? Signal.NONE : signal.signal(),
        signal == null ? Signal.Code.SI_KERNEL : signal.code(),
        signal == null ? 0 : signal.address());
    byte[] limited = limited(result, limit, again);
    if (recorder != null) {
      recorder.command(first, entry);
      if (limited != null) {
        recorder.command(first, limited);
      }
    }
    log.publish();
    kernel.checkLedger();
    long last = log.head();
    Story story = Story.of(log, first, last);
    var outcome = new Outcome(result, errno, signal, story.why(), first, last, story.sentence());
    Tally all = tally;
    if (again == null && all != null) {
      all.count(outcome, story.faults());
    }
    return outcome;
  }

  private RunLimit limit(@Nullable Again again) {
    if (again == null) {
      int before = stops.get();
      return RunLimit.of(limits, () -> hasEnded() || stops.get() != before);
    }
    return RunLimit.repeated(again.limited(), again.millis(limits), this::hasEnded);
  }

  /** What has to be kept of a run that ended by a limit, so that it can be repeated. */
  private byte @Nullable [] limited(
      @Nullable Result result, RunLimit limit, @Nullable Again again) {
    if (!(result instanceof Result.Ran(RunEnd end))
        || end.reason() != RunEnd.Reason.TIME && end.reason() != RunEnd.Reason.INSTRUCTIONS) {
      return null;
    }
    if (again != null && !again.isOpen()) {
      if (limit.isLate()) {
        throw new BadRecordingException(
            "a run that ended once goes on after " + end.instructions() + " instructions");
      }
      return again.limited().encode();
    }
    byte[] limited = limit.limited().encode();
    owed = limited;
    try {
      appendOwed();
    } catch (StorageException exception) {
      LOG.warn("where a run of {} ended waits for room", id, exception);
    }
    return limited;
  }

  /** Appends where the last run ended, which the next command must not precede. */
  private void appendOwed() {
    byte[] limited = owed;
    if (limited != null) {
      commands.append(commands.head() + 1, limited);
      owed = null;
    }
  }

  /** Whether a signal stopped a step or a run, or ended the process. */
  private static boolean isStopped(Result result) {
    RunEnd end =
        switch (result) {
          case Result.Stepped(RunEnd stepped, Standing standing) -> stepped;
          case Result.Ran(RunEnd ran) -> ran;
          default -> null;
        };
    return end != null
        && (end.reason() == RunEnd.Reason.SIGNAL || end.reason() == RunEnd.Reason.EXIT);
  }

  /** Whoever runs something stops soon, as if its time were over; nothing happens without a run. */
  public void stopRun() {
    stops.incrementAndGet();
  }

  /** Asks the live kernel something, between commands. */
  public <T> T ask(Function<Kernel, T> question) {
    lock.lock();
    try {
      return question.apply(kernel);
    } finally {
      lock.unlock();
    }
  }

  /** Asks something about a living process. */
  public <T> T ask(int pid, BiFunction<Kernel, Process, T> question) {
    lock.lock();
    try {
      return question.apply(kernel, process(pid));
    } finally {
      lock.unlock();
    }
  }

  /** Asks something about a process, be it alive or not. */
  public <T> T askOfAny(int pid, Function<Process, T> question) {
    lock.lock();
    try {
      return question.apply(anyProcess(pid));
    } finally {
      lock.unlock();
    }
  }

  private Process anyProcess(int pid) {
    Process process = kernel.processes().find(pid);
    if (process == null) {
      throw new NoSuchProcessException(pid, "there is no process " + pid);
    }
    return process;
  }

  private Process process(int pid) {
    Process process = anyProcess(pid);
    if (!process.isAlive()) {
      throw new NoSuchProcessException(
          pid,
          "process "
              + pid
              + (process.condition().wasKilled() ? " has been killed" : " has exited"));
    }
    return process;
  }

  /** Recounts everything. */
  public Audit audit() {
    lock.lock();
    try {
      return moments.askHead(folded -> Audit.of(kernel, folded));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The state right after the record with this sequence number.
   *
   * @throws SequenceGoneException when neither the log nor the recording reaches back to it
   */
  public FoldedState stateAt(long sequence) {
    return moments.at(sequence);
  }

  /** What to tell those who want a moment that neither log nor recording reaches back to. */
  public SequenceGoneException gone(long moment) {
    return moments.gone(moment);
  }
}
