package dev.faultline.web;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.faultline.lab.Limits;

/** Every limit, and how much is in use of those that all laboratories share. */
record ServerLimits(@JsonUnwrapped Limits limits, Used used) {
  /**
   * What counts against the limits of the same names.
   *
   * @param labs laboratories that are alive
   * @param recordings uploaded recordings
   * @param dataBytes bytes of laboratories and recordings in the data directory
   */
  record Used(int labs, int recordings, long dataBytes) {}
}
