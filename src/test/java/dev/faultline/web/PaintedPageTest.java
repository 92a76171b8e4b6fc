package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is painted on the page of a laboratory is what the server tells of the same moment. */
class PaintedPageTest extends PageTest {
  /** A private file page is read, copied and shared with a child, which writes to it too. */
  private static final List<Map<String, Object>> COMMANDS =
      List.of(
          mapping(),
          Map.of("do", "read", "pid", 1, "address", ADDRESS, "length", 4),
          write(1, "once"),
          anonymous("0x20000000", "PRIVATE"),
          Map.of("do", "read", "pid", 1, "address", "0x20000000", "length", 4),
          anonymous("0x30000000", "SHARED"),
          Map.of("do", "write", "pid", 1, "address", "0x30001000", "data", Map.of("text", "seen")),
          Map.of("do", "fork", "pid", 1),
          write(2, "twice"),
          advise("0x20002000", "GUARD_INSTALL"),
          advise("0x30000000", "POPULATE_WRITE"),
          Map.of("do", "read", "pid", 2, "address", "0x30001000", "length", 4),
          Map.of("do", "fork", "pid", 2),
          // more than four who refer to a frame are a number
          Map.of("do", "fork", "pid", 1),
          protect("0x10000000"),
          Map.of("do", "munmap", "pid", 1, "address", "0x10001000", "length", 4096),
          Map.of("do", "exit", "pid", 2));

  private static Map<String, Object> anonymous(String address, String sharing) {
    return Map.of(
        "do",
        "mmap",
        "pid",
        1,
        "address",
        address,
        "length",
        12288,
        "prot",
        List.of("READ", "WRITE"),
        "flags",
        List.of(sharing, "FIXED", "ANONYMOUS"));
  }

  private static Map<String, Object> advise(String address, String advice) {
    return Map.of("do", "madvise", "pid", 1, "address", address, "length", 4096, "advice", advice);
  }

  private static Map<String, Object> protect(String address) {
    return Map.of(
        "do", "mprotect", "pid", 1, "address", address, "length", 4096, "prot", List.of());
  }

  private static String source(Page page) {
    return "/api/v1/labs/" + labOf(page);
  }

  @Test
  void newestMoment_whileCommandsCome() {
    Page page = openLaboratory();
    assertThat(Painted.whileGiving(page, COMMANDS).differences(page, source(page))).isEmpty();
  }

  @Test
  void anyMoment_goneTo() {
    Page page = openLaboratory(COMMANDS);
    assertThat(Painted.atAnyMoment(page).differences(page, source(page)))
        .as("seed %d", Painted.SEED)
        .isEmpty();
  }

  /** Superpages, and pages that go to swap and come back. */
  @ParameterizedTest
  @ValueSource(strings = {"superpage", "which-page-leaves"})
  void anyMoment_ofAScenario(String scenario) {
    Page page = browser.newPage();
    page.navigate(address("/"));
    page.click("form[action='/scenarios/" + scenario + "'] button");
    ready(page);
    List<Map<String, Object>> commands = new ArrayList<>();
    Api.JSON
        .readTree(page.request().get(address("/api/v1/scenarios/" + scenario)).body())
        .get("steps")
        .forEach(step -> commands.add(Api.JSON.convertValue(step.get("command"), Map.class)));
    give(page, labOf(page), commands);
    assertThat(Painted.atSomeMoments(page).differences(page, source(page)))
        .as("seed %d", Painted.SEED)
        .isEmpty();
  }
}
