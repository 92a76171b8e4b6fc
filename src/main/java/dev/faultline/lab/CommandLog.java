package dev.faultline.lab;

import java.io.Closeable;

/**
 * What has been asked of one laboratory, in order: all that has to survive, since a laboratory is
 * what its commands make of it. Entries are numbered from 1 without gaps, and an entry is appended
 * at the number that its writer expects to be next: of two writers that both believe to own a
 * laboratory, one is refused. An entry that was appended is there for every reader, and after the
 * end of this process.
 */
public interface CommandLog extends Closeable {
  /** The number of the last entry, 0 for none. */
  long head();

  /**
   * Appends an entry.
   *
   * @throws OutOfSequenceException when {@code sequence} is not the next number
   * @throws StorageException when it cannot be kept; the log is as it was before
   */
  void append(long sequence, byte[] entry);

  /** What is done with an entry; false ends the reading. */
  @FunctionalInterface
  interface Reader {
    boolean entry(long sequence, byte[] entry);
  }

  /** Gives the entries after number {@code after} to {@code reader}, as far as there are any. */
  void read(long after, Reader reader);

  /**
   * Waits until there are entries after number {@code after}, at most so many milliseconds.
   *
   * @return whether there are
   */
  boolean await(long after, long millis) throws InterruptedException;

  @Override
  void close();

  /** Somebody else has appended meanwhile, or this entry was appended before. */
  final class OutOfSequenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfSequenceException(long wanted, long next) {
      super("entry " + wanted + " cannot be appended: the next one is " + next);
    }
  }
}
