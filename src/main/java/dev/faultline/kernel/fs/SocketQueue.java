package dev.faultline.kernel.fs;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was sent to a socket and not received yet ({@code sk_receive_queue}). */
final class SocketQueue {
  /** {@code net.core.wmem_default}, and what a message counts for besides its bytes. */
  static final int CAPACITY = 212_992;

  /** The longest message ({@code unix_dgram_sendmsg}). */
  static final int LONGEST = CAPACITY - 32;

  private static final int OVERHEAD = 768;

  /** {@code net.unix.max_dgram_qlen}. */
  private static final int MOST_DATAGRAMS = 10;

  /**
   * @param from the name of the socket that sent it; empty for one without
   * @param files that came along, each held until it is received
   */
  record Message(byte[] bytes, String from, List<Description> files, Socket.Peer sender) {}

  private final boolean keepsMessages;
  private final Deque<Message> messages = new ArrayDeque<>();
  private int bytes;
  private long arrivals;
  private long departures;

  /**
   * @param keepsMessages whether each message is received by itself
   */
  SocketQueue(boolean keepsMessages) {
    this.keepsMessages = keepsMessages;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /** What {@code FIONREAD} tells. */
  int count() {
    return keepsMessages && !messages.isEmpty() ? messages.getFirst().bytes.length : bytes;
  }

  private int free() {
    return CAPACITY - bytes - OVERHEAD * messages.size();
  }

  long arrivals() {
    return arrivals;
  }

  long departures() {
    return departures;
  }

  /** How many bytes of a message there is room for: all or none where messages are kept. */
  int room(int length, boolean isDatagram) {
    if (isDatagram && messages.size() > MOST_DATAGRAMS) {
      return -1;
    }
    int free = free();
    boolean isTooMuch = keepsMessages && free < length && !messages.isEmpty();
    if (free <= 0 || isTooMuch) {
      return -1;
    }
    return keepsMessages ? length : Math.min(length, free);
  }

  void add(Message message) {
    message.files.forEach(Description::hold);
    messages.add(message);
    bytes += message.bytes.length;
    arrivals++;
  }

  /**
   * What is there now; null when nothing is. Bytes of a stream are received together, up to a
   * message that files came with.
   */
  Socket.@Nullable Received take(int most, boolean stays) {
    if (messages.isEmpty()) {
      return null;
    }
    Message first = messages.getFirst();
    if (keepsMessages) {
      if (!stays) {
        remove();
      }
      byte[] taken = Arrays.copyOf(first.bytes, Math.min(most, first.bytes.length));
      return new Socket.Received(taken, first.bytes.length, first.from, first.files, first.sender);
    }
    var taken = new ByteArrayOutputStream();
    Deque<Message> left = stays ? new ArrayDeque<>(messages) : messages;
    List<Description> files = List.of();
    while (files.isEmpty() && !left.isEmpty() && taken.size() < most) {
      Message next = left.getFirst();
      int length = Math.min(most - taken.size(), next.bytes.length);
      taken.write(next.bytes, 0, length);
      left.removeFirst();
      if (length < next.bytes.length) {
        byte[] rest = Arrays.copyOfRange(next.bytes, length, next.bytes.length);
        left.addFirst(new Message(rest, next.from, List.of(), next.sender));
      }
      files = next.files;
    }
    if (!stays) {
      bytes -= taken.size();
      departures++;
    }
    return new Socket.Received(taken.toByteArray(), taken.size(), first.from, files, first.sender);
  }

  private void remove() {
    bytes -= messages.removeFirst().bytes.length;
    departures++;
  }

  /** Nobody will receive them. */
  void drop(FileSystem files) {
    messages.forEach(message -> message.files.forEach(file -> file.letGo(files)));
    messages.clear();
    bytes = 0;
    departures++;
  }
}
