package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A recording that is being written and has at most so many bytes: when it would have more, its
 * oldest segments go. What stays begins at a keyframe, so it is a recording like any other, and is
 * copied into a file that takes the old one's place; at least a quarter of the bound is free then,
 * so that a byte is copied three times at the most. All commands stay, since a branch begins with
 * the first; only where they would take more than a quarter of the bound they go, and the header
 * says so.
 *
 * <p>A state that is large for the bound stretches it to eight times its keyframe: with less, every
 * few segments would be one.
 */
public final class RollingFile implements Closeable {
  private static final int MOST_KEYFRAMES = 8;
  private static final int COMMAND_SHARE = 4;

  private final long mostBytes;
  private final Room room;
  private final RecordingWriter writer;
  private Path path;
  private EntryFile file;

  /**
   * @param path where it is written; a file that is there must be gone
   * @param state what it begins with
   * @param room asked before it grows
   */
  public RollingFile(
      Path path, RecordingHeader header, FoldedState state, long mostBytes, Room room)
      throws IOException {
    this.path = path;
    this.mostBytes = mostBytes;
    this.room = room;
    file = EntryFile.create(path, header);
    writer = new RecordingWriter(bytes -> append(bytes), state, List.of(), file.end());
  }

  private void append(byte[] bytes) throws IOException {
    room.take(bytes.length);
    try {
      file.append(bytes);
    } catch (IOException exception) {
      room.take(-bytes.length);
      throw exception;
    }
  }

  /** The one that writes, for whoever compares. */
  public RecordingWriter writer() {
    return writer;
  }

  /**
   * A command, before the first record that it caused. What could not be written, here or in {@link
   * #record}, may be given again.
   */
  public void command(long sequence, byte[] command) throws IOException {
    bound();
    if (file.header().hasCommands()) {
      writer.command(sequence, command);
    }
  }

  public void record(LogRecord record) throws IOException {
    bound();
    writer.record(record);
  }

  /** Goes on at a later moment. */
  public void skipTo(FoldedState state) throws IOException {
    writer.skipTo(state);
  }

  private void bound() throws IOException {
    long most = Math.max(mostBytes, MOST_KEYFRAMES * writer.keyframeBytes());
    if (file.end() > most) {
      boolean keepsCommands = writer.commandBytes() <= most / COMMAND_SHARE;
      rewrite(first(writer.segments(), file.end() - most / 2), keepsCommands);
    }
  }

  /** Drops the segments that nobody needs who shows this moment and later ones. */
  public void dropBefore(long moment) throws IOException {
    List<SegmentInfo> segments = writer.segments();
    int from = 0;
    for (int i = 1; i < segments.size() && segments.get(i).first() <= moment + 1; i++) {
      from = segments.get(i).hasKeyframe() ? i : from;
    }
    if (from > 0) {
      rewrite(from, true);
    }
  }

  /** Drops all commands, because some are missing: nobody could branch from the others. */
  public void dropCommands() throws IOException {
    if (file.header().hasCommands()) {
      rewrite(0, false);
    }
  }

  private void rewrite(int from, boolean mayKeepCommands) throws IOException {
    Path written = path.resolveSibling(path.getFileName() + ".rolled");
    try {
      rewrite(written, from, mayKeepCommands && file.header().hasCommands());
    } catch (IOException exception) {
      Files.deleteIfExists(written);
      throw exception;
    }
  }

  private void rewrite(Path written, int from, boolean keepsCommands) throws IOException {
    List<SegmentInfo> segments = writer.segments();
    Files.deleteIfExists(written);
    EntryFile next =
        EntryFile.create(written, keepsCommands ? file.header() : file.header().withoutCommands());
    List<SegmentInfo> moved = new ArrayList<>();
    long oldest = from < segments.size() ? segments.get(from).first() : Long.MAX_VALUE;
    long commands = 0;
    for (long offset = file.first(); offset < file.end(); ) {
      Frame frame = file.entry(offset);
      offset = frame.end();
      long at = next.end();
      if (frame.kind() == Frame.Kind.COMMAND && keepsCommands) {
        next.append(frame.bytes());
        commands += next.end() - at;
      } else if (frame.kind() == Frame.Kind.SEGMENT && frame.sequence() >= oldest) {
        next.append(frame.bytes());
        moved.add(Segment.of(frame.sequence(), frame.payload()).info(at, next.end()));
      }
    }
    Files.move(written, path, StandardCopyOption.ATOMIC_MOVE);
    room.take(next.end() - file.end());
    // The old file is not closed: somebody may read it still; it goes with its last reader.
    file = next;
    writer.movedTo(moved, next.end(), commands);
  }

  /** The oldest keyframe at or after a place in the file, or the last one of all. */
  private static int first(List<SegmentInfo> segments, long place) {
    int first = segments.size();
    for (int i = segments.size() - 1; i >= 0; i--) {
      boolean isWanted = first == segments.size() || segments.get(i).offset() >= place;
      if (segments.get(i).hasKeyframe() && isWanted) {
        first = i;
      }
    }
    return first;
  }

  /** The recording up to here, as a file that would end here. */
  public Source snapshot() {
    return file.with(writer.tail());
  }

  /** The first moment that can be shown. */
  public long firstMoment() {
    List<SegmentInfo> segments = writer.segments();
    return segments.isEmpty() ? writer.firstMoment() : segments.getFirst().first() - 1;
  }

  public long bytes() {
    return file.end();
  }

  /** The file has been moved to another place. */
  public void movedTo(Path place) {
    path = place;
  }

  /** Writes what is left and the index. */
  public void finish() throws IOException {
    writer.finish();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
