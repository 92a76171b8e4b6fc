package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.NoSuchLaboratoryException;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Ends the laboratories when the server stops, and with them the streams that follow them. The
 * default phase is the first to stop, before the web server waits for its last requests.
 */
@Component
final class LaboratoriesLifecycle implements SmartLifecycle {
  private final Laboratories laboratories;
  private volatile boolean running;

  LaboratoriesLifecycle(Laboratories laboratories) {
    this.laboratories = laboratories;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    for (Laboratory lab : laboratories.all()) {
      try {
        laboratories.end(lab.id());
      } catch (NoSuchLaboratoryException exception) {
        // Somebody else has ended it meanwhile.
      }
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
