package dev.faultline.web;

import org.springframework.web.socket.CloseStatus;

/**
 * The last word of a stream.
 *
 * @param canResume whether the laboratory will be there again, to be followed on from {@code at}
 */
record Farewell(String reason, boolean canResume, long at) {
  static Farewell ended(long at) {
    return new Farewell("the laboratory has ended", false, at);
  }

  static Farewell stopping(long at) {
    return new Farewell("the server stops; resume after " + at, true, at);
  }

  /** 1000 is final; 1012, "service restart", is to be tried again. */
  CloseStatus closeStatus() {
    return (canResume ? CloseStatus.SERVICE_RESTARTED : CloseStatus.NORMAL).withReason(reason);
  }
}
