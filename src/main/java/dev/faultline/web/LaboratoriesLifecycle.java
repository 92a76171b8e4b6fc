package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import java.util.concurrent.TimeUnit;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Ends the laboratories when the server stops, and with them the streams that follow them. The
 * default phase is the first to stop, before the web server waits for its last requests.
 */
@Component
final class LaboratoriesLifecycle implements SmartLifecycle {
  /** The web server waits for requests, but not for WebSockets to have said goodbye. */
  private static final long GOODBYE_MILLIS = 2_000;

  private final Laboratories laboratories;
  private final Streams streams;
  private volatile boolean running;

  LaboratoriesLifecycle(Laboratories laboratories, Streams streams) {
    this.laboratories = laboratories;
    this.streams = streams;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    streams.stop();
    laboratories.close();
    try {
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MILLIS);
      while (!streams.followers().isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
