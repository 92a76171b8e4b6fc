package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How an address is translated, in numbers and in bits. */
class TranslationPageTest extends PageTest {
  private Page writeToAFilePage() {
    Page page = openLaboratory();
    command(page, "mmap");
    command(page, "read");
    command(page, "write");
    return page;
  }

  @Test
  void numbers_areWrittenInTheBaseThatWasChosen() {
    Page page = writeToAFilePage();
    assertThat(page.locator("[data-level='2'] .arithmetic")).hasText("0x1·4096+0xff·8=0x17f8");
    page.click("[data-base=dec]");
    assertThat(page.locator("[data-level='2'] .arithmetic")).hasText("1·4096+255·8=6136");
    assertThat(page.locator(".field.l2 .field-value")).hasText("= 255");
    page.focus("[data-base=bin]");
    page.keyboard().press("Space");
    assertThat(page.locator("[data-level='2'] .arithmetic"))
        .hasText("0b1·4096+0b11111111·8=0b1011111111000");
    assertThat(page.locator("#play")).hasAttribute("aria-pressed", "false");
    assertThat(page.locator(".sizes").nth(1)).containsText("page tables 3 = 12 KiB");
    assertThat(page.locator(".sizes").nth(1)).containsText("a flat table: 1.0 GiB");
  }

  @Test
  void entry_isWrittenBitByBit_oldAboveNew() {
    Page page = writeToAFilePage();
    step(page, "writes the entry");
    assertThat(page.locator(".entry-bits caption"))
        .hasText(Pattern.compile("entry at 0x3fd8: sets .*W.*frame 0x4 → 0x5"));
    assertThat(page.locator(".entry-bits tbody tr")).hasCount(2);
    assertThat(page.locator(".entry-bits tbody tr").first().locator("mark").first()).hasText("0x4");
    assertThat(page.locator(".entry-bits tbody tr").last().locator("mark").first()).hasText("0x5");
  }

  @Test
  void trap_turnsTheLight_andItsRegistersStandBesideIt() {
    Page page = writeToAFilePage();
    assertThat(page.locator(".light")).hasText("U-mode");
    step(page, "traps from");
    assertThat(page.locator(".light")).hasText("S-mode");
    assertThat(page.locator(".hart")).containsText("scause 0xf store page fault");
    assertThat(page.locator(".hart")).containsText("stval 0x3ff7ffb000");
    assertThat(page.locator(".hart")).containsText("sepc 0x0");
    assertThat(page.locator(".hart")).containsText("satp → 0x1");
    assertThat(page.locator(".hart .changed").first()).isVisible();
    page.click("#tab-inspector");
    assertThat(page.locator(".light")).isVisible();
  }

  @Test
  void processThatEnds_givesWayToOneThatLives() {
    Page page = writeToAFilePage();
    command(page, "fork");
    page.selectOption("#shown-pid", "2");
    assertThat(page.locator("#address-form select")).hasValue("2");
    command(page, "exit");
    assertThat(page.locator(".moved-on")).hasText("P2 has ended: P1 is shown");
    assertThat(page.locator("#announcer")).containsText("P2 has ended");
    assertThat(page.locator("#shown-pid")).hasValue("1");
    assertThat(page.locator("[data-level='0'] .here")).containsText("0x5");
  }

  @Test
  void byteThatIsReached_saysWhoElseSeesIt() {
    Page page = writeToAFilePage();
    assertThat(page.locator(".witnesses")).hasText("nobody else sees it");
    command(page, "fork");
    assertThat(page.locator(".witnesses")).hasText("also seen by P2 at 0x3ff7ffb000");
  }

  private static void step(Page page, String text) {
    page.locator(".step", new Page.LocatorOptions().setHasText(text))
        .locator(".step-button")
        .first()
        .click();
    assertThat(page.locator(".step.current")).containsText(text);
  }
}
