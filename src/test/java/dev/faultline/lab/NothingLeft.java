package dev.faultline.lab;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Looks behind every test: when all processes of its laboratories have ended and all files are
 * deleted, every frame and every swap slot must have come back.
 */
public final class NothingLeft implements AfterEachCallback {
  /** Of a test that opens more, the last ones are looked at; the others need not be kept. */
  private static final int MOST = 8;

  private static final ThreadLocal<Deque<TestLab>> OPENED =
      ThreadLocal.withInitial(ArrayDeque::new);

  /** A test has a laboratory. */
  static void opened(TestLab lab) {
    Deque<TestLab> labs = OPENED.get();
    if (labs.size() == MOST) {
      labs.removeFirst();
    }
    labs.add(lab);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Deque<TestLab> labs = OPENED.get();
    try {
      if (context.getExecutionException().isEmpty()) {
        labs.forEach(TestLab::assertNothingIsLeft);
      }
    } finally {
      labs.clear();
    }
  }
}
