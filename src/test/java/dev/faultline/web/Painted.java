package dev.faultline.web;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a page of a laboratory has painted at many moments, panels' texts and canvases' cells alike
 * ({@code page/painted.js}), to be held against what the server tells of the same moments.
 */
record Painted(Object moments) {
  static final int SEED = 99;
  private static final int SEEKS = Integer.getInteger("faultline.seeks", 27);

  /** At moments that are gone to by chance, each panel in all of its shapes. */
  static Painted atAnyMoment(Page page) {
    return at(page, SEEKS);
  }

  /** The same at fewer moments, for a page that shows much at each. */
  static Painted atSomeMoments(Page page) {
    return at(page, SEEKS / 3);
  }

  private static Painted at(Page page, int seeks) {
    watch(page);
    return new Painted(
        page.evaluate(
            "({seeks, seed}) => painted.seeks(seeks, seed)", Map.of("seeks", seeks, "seed", SEED)));
  }

  /** While commands are given to the laboratory that the page follows. */
  static Painted whileGiving(Page page, List<Map<String, Object>> commands) {
    watch(page);
    return new Painted(
        page.evaluate(
            "({lab, commands}) => painted.whileGiving(lab, commands)",
            Map.of("lab", PageTest.labOf(page), "commands", commands)));
  }

  /**
   * A page that is high enough for all of every panel is painted anew, and what it paints is known.
   */
  private static void watch(Page page) {
    if ((boolean) page.evaluate("() => 'painted' in globalThis")) return;
    try (InputStream script = Painted.class.getResourceAsStream("/page/painted.js")) {
      byte[] bytes = Objects.requireNonNull(script).readAllBytes();
      page.evaluate(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
    page.setViewportSize(1400, 3800);
    page.evaluate("() => painted.ready()");
  }

  /**
   * Where it is not what a server tells.
   *
   * @param source such as {@code /api/v1/labs/...}
   */
  @SuppressWarnings("unchecked")
  List<String> differences(Page page, String source) {
    watch(page);
    return (List<String>)
        page.evaluate(
            "({source, moments}) => painted.differences(source, moments)",
            Map.of("source", source, "moments", moments));
  }
}
