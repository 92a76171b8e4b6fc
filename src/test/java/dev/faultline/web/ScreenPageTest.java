package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stays as it is on the one screen while everything else changes. */
class ScreenPageTest extends PageTest {
  private Page page;

  @BeforeEach
  void open() {
    page = openLaboratory(List.of(mapping()));
    page.setViewportSize(1280, 800);
  }

  private Object places() {
    return page.evaluate(
        """
        () => [...document.querySelectorAll('.panels > .panel, #mode')].map((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          const name = element.className.split(' ').at(-1);
          return element.id === 'mode' ? `mode ${y}` : `${name} ${[x, y, width, height]}`;
        }).join('; ')
        """);
  }

  @Test
  void panels_stayWhereTheyAre_whateverHappens() {
    Object before = places();
    command(page, "write");
    assertThat(places()).as("a command").isEqualTo(before);
    page.click("[data-step=back]");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    assertThat(places()).as("paused").isEqualTo(before);
    page.keyboard().press("Escape");
    page.keyboard().press("0");
    assertThat(page.locator("#replay-now")).isVisible();
    assertThat(places()).as("an earlier moment").isEqualTo(before);
    page.click("#leave-replay");
    command(page, "fork");
    assertThat(page.locator(".process")).hasCount(2);
    assertThat(places()).as("two processes").isEqualTo(before);
  }

  @Test
  void whatChanged_keepsItsOutlineUntilTheNextStep() {
    command(page, "write");
    Locator entry = page.locator("[data-level='0'] tr.changed");
    step("writes the entry");
    assertThat(entry).hasCount(1);
    page.click("[data-step=back]");
    assertThat(entry).hasCount(0);
  }

  @Test
  void everyStep_saysWhoActs() {
    command(page, "write");
    int steps = page.locator(".step").count();
    assertThat(steps).isGreaterThan(10);
    assertThat(page.locator(".step .actor").allTextContents())
        .hasSize(steps)
        .isSubsetOf("CPU", "MMU", "KERNEL", "DISK")
        .contains("CPU", "MMU", "KERNEL");
  }

  @Test
  void fastPlay_isSilent() {
    command(page, "write");
    page.click("[data-step=first]");
    assertThat(page.locator("#announcer")).hasText("Before the first step");
    page.selectOption("#speed", "20");
    page.click("#play");
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator("#announcer")).hasText("Before the first step");
  }

  private void step(String text) {
    page.locator(".step", new Page.LocatorOptions().setHasText(text))
        .locator(".step-button")
        .first()
        .click();
    assertThat(page.locator(".step.current")).containsText(text);
  }
}
