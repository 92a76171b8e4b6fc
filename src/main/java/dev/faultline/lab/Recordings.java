package dev.faultline.lab;

import dev.faultline.recording.BadRecordingException;
import dev.faultline.recording.NdJson;
import dev.faultline.recording.Recording;
import dev.faultline.recording.Room;
import dev.faultline.recording.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recordings that were uploaded. */
public final class Recordings {
  private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);

  /**
   * A recording that is kept here.
   *
   * @param source all bytes of its file
   */
  public record Kept(String id, Recording recording, Source source) {}

  private final DataDirectory data;
  private final Limits limits;
  private final Map<String, Kept> kept = new TreeMap<>();

  public Recordings(DataDirectory data, Limits limits) {
    this.data = data;
    this.limits = limits;
    for (String id : data.recordingIds()) {
      try {
        kept.put(id, open(id));
      } catch (BadRecordingException | IOException exception) {
        LOG.warn("recording {} cannot be opened: {}", id, exception.getMessage());
      }
    }
  }

  /** Deletes what has been kept for as long as it may be. */
  private void expire() {
    if (limits.recordingHours() == 0) {
      return;
    }
    FileTime oldest = FileTime.from(Instant.now().minus(Duration.ofHours(limits.recordingHours())));
    for (String id : List.copyOf(kept.keySet())) {
      try {
        if (Files.getLastModifiedTime(data.recording(id)).compareTo(oldest) < 0) {
          delete(id);
          LOG.info("recording {} is gone: it was {} hours old", id, limits.recordingHours());
        }
      } catch (IOException exception) {
        LOG.warn("recording {} cannot be deleted: {}", id, exception.getMessage());
      }
    }
  }

  private Kept open(String id) throws IOException {
    Source source = Source.of(data.recording(id), Long.MAX_VALUE);
    return new Kept(id, Recording.open(source), source);
  }

  /**
   * Takes a recording in, as a file or as lines of JSON, and plays all of it to see that it can be
   * played.
   *
   * @throws BadRecordingException when it cannot
   * @throws LimitException when there is no room for it
   */
  public Kept add(byte[] upload) throws IOException {
    byte[] bytes = isJson(upload) ? fromLines(upload) : upload;
    Recording.open(Source.of(bytes)).check();
    return keep(bytes);
  }

  private synchronized Kept keep(byte[] bytes) throws IOException {
    expire();
    if (kept.size() >= limits.recordings()) {
      throw new LimitException(
          "recordings",
          limits.recordings(),
          "there are " + limits.recordings() + " recordings, which is the most");
    }
    Room room = data.room(limits);
    room.take(bytes.length);
    String id = Ids.next();
    Path place = data.recording(id);
    Path written = place.resolveSibling(id + ".part");
    try {
      Files.write(written, bytes);
      Files.move(written, place, StandardCopyOption.ATOMIC_MOVE);
      data.countRecording(id);
    } catch (IOException exception) {
      Files.deleteIfExists(written);
      throw new StorageException("the recording cannot be kept", exception);
    } finally {
      room.take(-bytes.length);
    }
    Kept added = open(id);
    kept.put(id, added);
    return added;
  }

  private static boolean isJson(byte[] upload) {
    return upload.length > 0 && upload[0] == '{';
  }

  private static byte[] fromLines(byte[] upload) throws IOException {
    var bytes = new ByteArrayOutputStream();
    NdJson.read(NdJson.lines(new ByteArrayInputStream(upload)), bytes::writeBytes);
    return bytes.toByteArray();
  }

  public synchronized Collection<Kept> all() {
    expire();
    return List.copyOf(kept.values());
  }

  /**
   * @throws NoSuchRecordingException when there is none with this id
   */
  public synchronized Kept get(String id) {
    expire();
    Kept found = kept.get(id);
    if (found == null) {
      throw new NoSuchRecordingException(id);
    }
    return found;
  }

  public synchronized void delete(String id) throws IOException {
    Kept gone = kept.remove(id);
    if (gone == null) {
      throw new NoSuchRecordingException(id);
    }
    data.forgetRecording(id);
    gone.recording.close();
  }

  public synchronized void close() throws IOException {
    for (Kept each : kept.values()) {
      each.recording.close();
    }
    kept.clear();
  }
}
