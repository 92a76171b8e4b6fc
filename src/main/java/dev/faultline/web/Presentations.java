package dev.faultline.web;

import dev.faultline.lab.Laboratory;
import dev.faultline.lab.LimitException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** What is presented in each laboratory, as long as the laboratory is there, and who watches. */
@Component
final class Presentations {
  private final Map<Laboratory, Presentation> byLaboratory =
      Collections.synchronizedMap(new WeakHashMap<>());
  private final AtomicInteger watching = new AtomicInteger();
  private final int most;

  /**
   * @param most viewers at once
   */
  Presentations(@Value("${faultline.viewers:10000}") int most) {
    this.most = most;
  }

  Presentation of(Laboratory laboratory) {
    return byLaboratory.computeIfAbsent(laboratory, key -> new Presentation());
  }

  /**
   * Watches, until {@link #leave}.
   *
   * @param by who it is, where they may present too; else empty
   * @throws LimitException when as many watch as there may be
   */
  Presentation join(Laboratory laboratory, String by) {
    if (watching.incrementAndGet() > most) {
      watching.decrementAndGet();
      throw new LimitException(
          "viewers", most, "there are " + most + " viewers, which is the most");
    }
    Presentation presentation = of(laboratory);
    presentation.join(by);
    return presentation;
  }

  void leave(Presentation presentation, String by) {
    presentation.leave(by);
    watching.decrementAndGet();
  }
}
