package dev.faultline.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to the server on which each connection breaks after some random number of bytes. */
final class BreakingProxy implements AutoCloseable {
  /** Enough for a short answer: what is to be broken are streams. */
  private static final int LEAST_BYTES = 80_000;

  private static final int MOST_BYTES = 400_000;

  private final ServerSocket listening;
  private final int target;
  private final Random random;
  private final List<Socket> open = new ArrayList<>();
  final AtomicInteger broken = new AtomicInteger();

  BreakingProxy(int target, long seed) throws IOException {
    this.target = target;
    random = new Random(seed);
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), target);
        synchronized (open) {
          open.add(client);
          open.add(server);
        }
        int bytes = random.nextInt(LEAST_BYTES, MOST_BYTES);
        Thread.ofVirtual().start(() -> pass(client, server, Integer.MAX_VALUE));
        Thread.ofVirtual().start(() -> pass(server, client, bytes));
      }
    } catch (IOException exception) {
      // closed
    }
  }

  /** Passes on so many bytes, and resets both ends where more would come. */
  private void pass(Socket from, Socket to, int bytes) {
    int left = bytes;
    byte[] buffer = new byte[4096];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        if (length >= left) {
          to.getOutputStream().write(buffer, 0, left);
          to.setSoLinger(true, 0);
          broken.incrementAndGet();
          return;
        }
        to.getOutputStream().write(buffer, 0, length);
        left -= length;
      }
    } catch (IOException exception) {
      // the other direction has closed both
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    synchronized (open) {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}
