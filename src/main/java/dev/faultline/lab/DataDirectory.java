package dev.faultline.lab;

import dev.faultline.recording.Room;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where laboratories and recordings are kept; one server at a time owns it.
 *
 * <pre>
 *   lock                      held while a server runs
 *   labs/{id}/commands        the laboratory itself: its settings and its commands
 *   labs/{id}/recording       what they changed, which can be made again from them
 *   recordings/{id}.faultline what was uploaded
 * </pre>
 */
public final class DataDirectory implements Closeable {
  private static final String COMMANDS = "commands";
  private static final String RECORDING = "recording";
  private static final String SUFFIX = ".faultline";

  private static final int ACCESS_KEY_BYTES = 32;

  private final Path root;
  private final boolean isTemporary;
  private final FileChannel lockFile;
  private final FileLock lock;
  private final Usage usage = new Usage();

  private DataDirectory(Path root, boolean isTemporary) {
    this.root = root;
    this.isTemporary = isTemporary;
    try {
      Files.createDirectories(labs());
      Files.createDirectories(recordings());
      lockFile =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException exception) {
      throw new StorageException("the data directory " + root + " cannot be used", exception);
    }
    FileLock held = tryLock();
    if (held == null) {
      closeLockFile();
      throw new StorageException("another server uses the data directory " + root, null);
    }
    lock = held;
    labIds().forEach(this::countLab);
    recordingIds().forEach(this::countRecording);
  }

  /**
   * Opens a directory, and makes it when it is not there.
   *
   * @throws StorageException when it cannot be used, or another server uses it
   */
  public static DataDirectory open(Path root) {
    return new DataDirectory(root.toAbsolutePath().normalize(), false);
  }

  /** A directory that goes when it is closed. */
  public static DataDirectory temporary() {
    try {
      var mine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      return new DataDirectory(Files.createTempDirectory("faultline", mine), true);
    } catch (IOException exception) {
      throw new StorageException("no temporary directory can be made", exception);
    }
  }

  private @Nullable FileLock tryLock() {
    try {
      return lockFile.tryLock();
    } catch (OverlappingFileLockException exception) {
      return null; // this process holds it already
    } catch (IOException exception) {
      throw new StorageException("the data directory " + root + " cannot be locked", exception);
    }
  }

  private void closeLockFile() {
    try {
      lockFile.close();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  public Path root() {
    return root;
  }

  /** True when nothing in it outlives the server. */
  public boolean isTemporary() {
    return isTemporary;
  }

  /** The key of this directory's tokens, made at the first asking; nobody else may read it. */
  public byte[] accessKey() {
    Path file = root.resolve("access.key");
    try {
      if (Files.notExists(file)) {
        byte[] key = new byte[ACCESS_KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Path written = root.resolve("access.new");
        Files.deleteIfExists(written);
        var mine =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.write(Files.createFile(written, mine), key);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      }
      byte[] key = Files.readAllBytes(file);
      if (key.length != ACCESS_KEY_BYTES) {
        throw new StorageException(file + " is damaged; without it all tokens are new", null);
      }
      return key;
    } catch (IOException exception) {
      throw new StorageException("the key " + file + " cannot be read or made", exception);
    }
  }

  private Path labs() {
    return root.resolve("labs");
  }

  private Path recordings() {
    return root.resolve("recordings");
  }

  /** The ids of the laboratories that are kept. */
  List<String> labIds() {
    return names(labs());
  }

  /** The ids of the recordings that were uploaded. */
  List<String> recordingIds() {
    return names(recordings()).stream()
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .toList();
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
    } catch (IOException exception) {
      throw new StorageException(directory + " cannot be read", exception);
    }
  }

  Path makeLab(String id) {
    try {
      return Files.createDirectory(lab(id));
    } catch (IOException exception) {
      throw new StorageException("the laboratory cannot be kept in " + root, exception);
    }
  }

  private Path lab(String id) {
    return labs().resolve(id);
  }

  Path commands(String lab) {
    return lab(lab).resolve(COMMANDS);
  }

  Path recordingOf(String lab) {
    return lab(lab).resolve(RECORDING);
  }

  Path recording(String id) {
    return recordings().resolve(id + SUFFIX);
  }

  /**
   * Keeps a laboratory's recording although the laboratory cannot go on.
   *
   * @return whether there is one
   */
  boolean keepRecordingOf(String lab) {
    try {
      if (Files.isReadable(recordingOf(lab)) && Files.notExists(recording(lab))) {
        Files.copy(recordingOf(lab), recording(lab));
        countRecording(lab);
      }
      return Files.exists(recording(lab));
    } catch (IOException exception) {
      throw new StorageException("the recording of " + lab + " cannot be kept", exception);
    }
  }

  void forgetLab(String id) {
    delete(lab(id));
    usage.forget(lab(id));
  }

  void forgetRecording(String id) {
    delete(recording(id));
    usage.forget(recording(id));
  }

  /** Looks at how many bytes a laboratory's files have. */
  void countLab(String id) {
    usage.set(lab(id), bytes(lab(id)));
  }

  void countRecording(String id) {
    usage.set(recording(id), bytes(recording(id)));
  }

  private static void delete(Path tree) {
    try {
      Files.walkFileTree(
          tree,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                throws IOException {
              Files.delete(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException exception) {
      // Somebody else has deleted it: that is what was wanted.
    } catch (IOException exception) {
      throw new StorageException(tree + " cannot be deleted", exception);
    }
  }

  /** How many bytes laboratories and recordings have. */
  public long bytes() {
    return usage.total();
  }

  /**
   * Room to be reserved, and given back when it is counted what was written: {@code dataBytes} for
   * the commands of laboratories and for uploads.
   */
  Room room(Limits limits) {
    return bytes -> check(usage.reserve(bytes, limits.dataBytes()), limits);
  }

  /** Counts what is written of a laboratory's commands, for which room has been reserved. */
  Room commandsWritten(String lab) {
    return bytes -> usage.grow(lab(lab), bytes, Long.MAX_VALUE);
  }

  /** Room for a laboratory's recording; all of them leave an eighth to the commands. */
  Room roomForRecording(String lab, Limits limits) {
    return bytes -> check(usage.grow(lab(lab), bytes, limits.dataBytes() / 8 * 7), limits);
  }

  private static void check(boolean hasRoom, Limits limits) {
    if (!hasRoom) {
      throw new LimitException(
          "dataBytes",
          limits.dataBytes(),
          "laboratories and recordings have at most dataBytes, %d bytes, together: delete one"
              .formatted(limits.dataBytes()));
    }
  }

  private static long bytes(Path tree) {
    try (Stream<Path> files = Files.walk(tree)) {
      return files.mapToLong(DataDirectory::size).sum();
    } catch (IOException | UncheckedIOException exception) {
      return 0; // it has gone meanwhile
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException exception) {
      return 0;
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    } finally {
      closeLockFile();
      if (isTemporary) {
        delete(root);
      }
    }
  }
}
