package dev.faultline.lab;

import java.util.ArrayList;
import java.util.List;

/** A command log that ends with this process, for laboratories that nobody wants to keep. */
final class MemoryCommandLog implements CommandLog {
  private final List<byte[]> entries = new ArrayList<>();

  @Override
  public synchronized long head() {
    return entries.size();
  }

  @Override
  public synchronized void append(long sequence, byte[] entry) {
    if (sequence != entries.size() + 1) {
      throw new OutOfSequenceException(sequence, entries.size() + 1);
    }
    entries.add(entry);
    notifyAll();
  }

  @Override
  public void read(long after, Reader reader) {
    for (long sequence = after + 1; sequence <= head(); sequence++) {
      byte[] entry;
      synchronized (this) {
        entry = entries.get((int) sequence - 1);
      }
      if (!reader.entry(sequence, entry)) {
        return;
      }
    }
  }

  @Override
  public synchronized boolean await(long after, long millis) throws InterruptedException {
    if (head() <= after) {
      wait(millis);
    }
    return head() > after;
  }

  @Override
  public void close() {}
}
