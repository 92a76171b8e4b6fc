package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.RequestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One selection is shared by all panels, and by those to whom its link is sent. */
class SelectionPageTest extends PageTest {
  /** A private file page that was copied, one that was only read, and a child that wrote too. */
  private static final List<Map<String, Object>> COMMANDS =
      List.of(
          mapping(),
          write(1, "once"),
          Map.of("do", "read", "pid", 1, "address", "0x10001000", "length", 4),
          Map.of("do", "fork", "pid", 1),
          write(2, "twice"));

  /** A place on the page for each kind, the item it stands for, and what else is lit with it. */
  private record Kind(String place, String item, String also) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(".process-head >> nth=1", "process:\\d", "process:2"),
          new Kind("button.vma >> nth=0", "vma:\\d", "vma:1"),
          new Kind(".strip >> nth=0 >> .page >> nth=0", "va:1:10000000", "frame:5"),
          new Kind("[data-level='0'] tr.here", "entry:\\d+", "va:1:10000000"),
          new Kind(".frame-chip", "frame:5", "va:1:10000000"),
          new Kind(".file-page.cached >> nth=0", "page:4:0", "frame:5"),
          new Kind(".copy >> nth=0", "frame:5", "page:4:0"),
          new Kind("#tlb tbody tr >> nth=0", "tlb:0", "va:2:10000000"),
          new Kind(".size >> nth=1", "rss:1", "frame:5"),
          new Kind("#changes li.insert >> nth=0", "\\w+:\\d+", ""));

  private static String pinned(Page page) {
    return String.valueOf(page.evaluate("() => globalThis.faultline.selection.pinned"));
  }

  /** What is lit once everything is drawn. */
  @SuppressWarnings("unchecked")
  private static List<String> lit(Page page) {
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))");
    return (List<String>) page.evaluate("() => [...globalThis.faultline.view.lit]");
  }

  @Test
  void everyKind_lightsUpWhatBelongsToIt_staysWhenClicked_andGoesWithEsc() {
    Page page = openLaboratory(COMMANDS);
    page.click("#tab-changes");
    for (Kind kind : KINDS) {
      page.selectOption("#shown-pid", "1");
      page.mouse().move(1, 1);
      Locator place = page.locator(kind.place).first();
      place.hover();
      List<String> hovered = lit(page);
      assertThat(hovered).as(kind.place).isNotEmpty();
      assertThat(String.join(" ", hovered)).as(kind.place).contains(kind.also);
      place.click();
      page.mouse().move(1, 1);
      assertThat(pinned(page)).as(kind.place).matches(kind.item);
      assertThat(lit(page)).as(kind.place).contains(pinned(page));
      page.keyboard().press("Escape");
      assertThat(lit(page)).as(kind.place).isEmpty();
      page.keyboard().press("End");
      page.keyboard().press("End");
      assertThat(page.locator("#mode")).hasText("LIVE");
    }
  }

  @Test
  void entryOnTheWayToTheShownAddress_isSelected_andTheAddressStays() {
    Page page = openLaboratory(COMMANDS);
    page.click("[data-level='2'] tr.here");
    assertThat(pinned(page)).startsWith("entry:");
    assertThat(page.locator("#address")).hasValue("0x10000000");
  }

  /** The moment lies in a log that comes after the page, in parts. */
  @Test
  void linkToEveryKind_isOpenedLiveAndInAReplay() {
    Page page = openLaboratory(COMMANDS);
    String lab = "/labs/" + labOf(page);
    byte[] recording = page.request().get(address("/api/v1" + lab + "/recording")).body();
    String id =
        Api.JSON
            .readTree(
                page.request()
                    .post(
                        address("/api/v1/recordings"),
                        RequestOptions.create()
                            .setHeader("Content-Type", "application/octet-stream")
                            .setData(recording))
                    .body())
            .get("id")
            .asString();
    int at = at(page) - 12;
    for (String where : List.of(lab, "/recordings/" + id)) {
      page.navigate(address(where + "?at=" + at + "&sel=1:0x10000abc,process:2"));
      for (String item :
          List.of(
              "process:2",
              "va:2:10000000",
              "entry:28672",
              "frame:5",
              "page:4:0",
              "tlb:0",
              "vma:1")) {
        String link = address(where + "?at=" + at + "&sel=1:0x10000abc," + item);
        if (!item.equals("process:2")) {
          goTo(page, link);
        }
        assertThat(page.locator("#sequence")).containsText("#" + at + " of");
        assertThat(page.locator("#address")).hasValue("0x10000abc");
        assertThat(pinned(page)).isEqualTo(item);
        assertThat(lit(page)).contains(item);
        assertThat(page.evaluate("() => globalThis.faultline.permalink.link")).isEqualTo(link);
      }
    }
  }

  /** As back and forward do. */
  private static void goTo(Page page, String link) {
    page.evaluate(
        """
        (link) => {
          history.pushState(null, '', link);
          dispatchEvent(new PopStateEvent('popstate'));
        }
        """,
        link);
  }
}
