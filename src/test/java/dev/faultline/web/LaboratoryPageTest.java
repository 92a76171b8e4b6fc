package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import dev.faultline.Debian;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The page of a laboratory, used as a person uses it: in a real browser, by mouse or by keyboard.
 */
class LaboratoryPageTest extends PageTest {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  /** Of each address, how many processes have it in a strip, and at how many places. */
  private static final String PLACES_OF_PAGES =
      """
      () => {
        const pages = [...document.querySelectorAll('.strip .page')];
        const ofEach = Object.values(Object.groupBy(pages, ({ dataset }) => dataset.item.split(':')[2]));
        const places = (same) => new Set(same.map((page) => page.getBoundingClientRect().x)).size;
        return ofEach.map((same) => `${same.length} at ${places(same)}`);
      }
      """;

  private static final Pattern LIT = Pattern.compile("\\blit\\b");

  @Test
  void privatePage_written_isToldAsCopyOnWriteStepByStep() {
    Page page = openLaboratory();
    putLibraryAndMapIt(page);
    assertThat(page.locator(".vma")).hasText(Pattern.compile("rw-p 00000000 */lib/libdemo\\.so"));
    assertThat(facts(page)).containsText("VSZ 20 KiB");
    assertThat(facts(page)).containsText("RSS 0 KiB");

    command(page, "read");
    assertThat(page.locator("#answer")).containsText("\"AAAAAAAA\"");
    assertThat(sentence(page)).containsText("file page fault, retried");
    assertThat(page.locator(".outcome-now")).hasText("● major fault, mended");
    assertThat(frame(page)).containsText("refs 2 = 1 mapping + 1 cache");

    command(page, "write");
    assertThat(sentence(page)).containsText("copy-on-write fault");
    assertThat(page.locator(".outcome-now")).hasText("◐ minor fault, mended");
    assertThat(page.locator(".copy"))
        .containsText(Pattern.compile("copied from page 0.* at #\\d+"));
    assertThat(frame(page)).containsText("refs 1 = 1 mapping");

    page.click("[data-step=first]");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    assertThat(page.locator(".copy")).hasCount(0);
    assertThat(frame(page)).containsText("refs 2 = 1 mapping + 1 cache");
    page.click("[data-step=next]");
    assertThat(page.locator(".step.current")).containsText("issues");
    assertThat(page.locator(".step.current .actor")).hasText("CPU");
    page.locator(".step", containing("copies 4096 bytes")).locator(".step-button").click();
    assertThat(page.locator("#announcer")).containsText("KERNEL copies 4096 bytes");
    assertThat(page.locator(".light")).hasText("S-mode");
    page.click("[data-step=last]");
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator(".copy")).hasCount(1);

    command(page, "munmap");
    assertThat(page.locator(".vma")).hasCount(0);
    assertThat(page.locator(".file-page.cached")).hasCount(1);

    command(page, "read");
    assertThat(page.locator("#answer")).containsText("SIGSEGV SEGV_MAPERR");
    assertThat(page.locator("#answer")).containsText("no VMA contains");
    assertThat(page.locator(".outcome-now")).containsText("✖ fault, not mended");
  }

  /** What {@code examples/map-a-library.sh} does, by clicking. */
  @Test
  void realLoader_mappedByClicking_isCopiedOnlyWhereItIsWritten() {
    Path library = Debian.file("musl", "usr/lib/riscv64-linux-musl/libc.so");
    String path = "/lib/ld-musl-riscv64.so.1";
    Page page = openLaboratory();
    page.setViewportSize(1280, 800);
    page.click("[data-command=put]");
    page.setInputFiles("form[data-do=put] input[type=file]", library);
    page.fill("form[data-do=put] [name=path]", path);
    page.click("form[data-do=put] button.primary");
    assertThat(page.locator("#files")).containsText("645,792 bytes");
    page.click("[data-command=open]");
    page.fill("form[data-do=open] [name=path]", path);
    flag(page, "open", "RDWR", false);
    command(page, "open");

    mmap(page, "4", "", "0xa1000", "0", List.of("READ", "EXEC"));
    mmap(page, "4", "0x3ff7ffc000", "0x2000", "0x9c000", List.of("READ", "WRITE"));
    mmap(page, "", "0x3ff7ffe000", "0x2000", "0", List.of("READ", "WRITE"));
    write(page, "0x3ff7ffd404", "hex", "00".repeat(0xbfc));
    assertThat(page.locator(".vma")).hasCount(3);
    assertThat(page.locator(".vma").first()).containsText("3ff7f5f000-3ff7ffc000 r-xp 00000000");
    assertThat(page.locator(".vma").nth(1)).containsText("3ff7ffc000-3ff7ffe000 rw-p 0009c000");
    read(page, "0x3ff7ffcb30");
    assertThat(frame(page)).containsText("refs 2 = 1 mapping + 1 cache");

    write(page, "0x3ff7ffcb30", "text", "Faultline");
    assertThat(sentence(page)).containsText("copy-on-write fault");
    assertThat(sentence(page)).containsText("refs 2 → 1 and 0 → 1, retried");
    assertThat(frame(page)).containsText("copied from page 156 of " + path);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("laboratory-real-loader.png")));

    page.click("[data-command=munmap]");
    page.fill("form[data-do=munmap] [name=address]", "0x3ff7f5f000");
    page.fill("form[data-do=munmap] [name=length]", "0xa1000");
    command(page, "munmap");
    assertThat(page.locator(".vma")).hasCount(0);
    assertThat(sentence(page)).containsText("2 private frames freed");
    read(page, "0x3ff7f5f000");
    assertThat(page.locator("#answer")).containsText("SIGSEGV SEGV_MAPERR");
  }

  private static void mmap(
      Page page, String fd, String address, String length, String offset, List<String> prot) {
    page.click("[data-command=mmap]");
    String form = "form[data-do=mmap] ";
    page.selectOption(form + "[name=fd]", fd);
    page.fill(form + "[name=address]", address);
    page.fill(form + "[name=length]", length);
    page.fill(form + "[name=offset]", offset);
    for (String bit : List.of("READ", "WRITE", "EXEC")) {
      page.setChecked(form + "[name=prot][value=" + bit + "]", prot.contains(bit));
    }
    flag(page, "mmap", "FIXED", !address.isEmpty());
    command(page, "mmap");
  }

  /** Ticks a word of a list that folds out. */
  private static void flag(Page page, String command, String word, boolean on) {
    String form = "form[data-do=" + command + "] ";
    page.click(form + "summary");
    page.setChecked(form + "[value=" + word + "]", on);
    page.click(form + "summary");
  }

  private static void write(Page page, String address, String as, String bytes) {
    page.click("[data-command=write]");
    page.fill("form[data-do=write] [name=address]", address);
    page.selectOption("form[data-do=write] [name=as]", as);
    page.fill("form[data-do=write] [name=data]", bytes);
    command(page, "write");
  }

  private static void read(Page page, String address) {
    page.click("[data-command=read]");
    page.fill("form[data-do=read] [name=address]", address);
    command(page, "read");
  }

  @Test
  void twoBrowsers_onOneLaboratory_bothFollow() {
    Page first = openLaboratory();
    Page second = browser.newStrangersPage();
    second.navigate(first.url());
    ready(second);

    command(first, "mmap");
    assertThat(second.locator(".vma")).hasCount(1);
    command(second, "write");
    assertThat(sentence(first)).containsText("copy-on-write fault");

    first.click("[data-step=back]");
    command(second, "read");
    assertThat(first.locator("#go-live")).hasText("1 newer: go live");
    assertThat(sentence(first)).containsText("copy-on-write fault");
    first.click("#go-live");
    assertThat(sentence(first)).containsText("read 8 bytes");
    assertThat(first.locator("#sequence")).hasText(second.textContent("#sequence"));
  }

  @Test
  void browserThatReloads_seesTheStateAndTheLastStory() {
    Page page = openLaboratory();
    command(page, "mmap");
    command(page, "write");
    String sequence = page.textContent("#sequence");
    page.reload();
    assertThat(page.locator("#sequence")).hasText(sequence);
    assertThat(page.locator(".vma")).hasCount(1);
    assertThat(sentence(page)).containsText("copy-on-write fault");
    page.click("[data-step=first]");
    assertThat(page.locator(".copy")).hasCount(0);
  }

  @Test
  void keyboardAlone_doesTheWholeJob() {
    Page page = browser.newPage();
    page.navigate(address("/"));
    page.locator(".open-lab > button").focus();
    page.keyboard().press("Enter");
    ready(page);

    page.keyboard().press("c");
    page.keyboard().press("Tab");
    while (!focused(page).equals("submit")) {
      page.keyboard().press("Tab");
    }
    page.keyboard().press("Enter");
    assertThat(page.locator(".vma")).hasCount(1);

    page.keyboard().press("Escape");
    page.keyboard().press("c");
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    assertThat(page.locator("[data-command=write]")).isFocused();
    page.keyboard().press("Tab");
    while (!focused(page).equals("submit")) {
      page.keyboard().press("Tab");
    }
    page.keyboard().press("Enter");
    assertThat(sentence(page)).containsText("copy-on-write fault");

    page.keyboard().press("Home");
    assertThat(page.locator(".place")).hasText(Pattern.compile("0 of \\d+"));
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowLeft");
    assertThat(page.locator(".place")).hasText(Pattern.compile("1 of \\d+"));
    page.keyboard().press("End");
    assertThat(page.locator("#mode")).hasText("LIVE");

    page.keyboard().press("g");
    assertThat(page.locator("#goto")).isVisible();
    page.keyboard().type("0x4000000000");
    page.keyboard().press("Enter");
    assertThat(page.locator("#goto")).isHidden();
    assertThat(page.locator(".field.sign")).containsText("not alike");
    page.keyboard().press("Escape");
    page.keyboard().press("?");
    assertThat(page.locator("#help")).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.locator("#help")).isHidden();
  }

  @Test
  void filePage_hoveredOrClicked_lightsUpWhatBelongsToIt() {
    Page page = openLaboratory();
    command(page, "mmap");
    command(page, "read");
    Locator filePage = page.locator(".file-page.cached");
    filePage.hover();
    assertThat(page.locator("tr.here.r, tr.here.cow")).hasClass(LIT);
    assertThat(page.locator("#frame-detail"))
        .containsText("page 0 of /data/letters in the page cache");
    filePage.click();
    page.mouse().move(1, 1);
    assertThat(filePage).hasClass(LIT);
    page.keyboard().press("Escape");
    assertThat(filePage).not().hasClass(LIT);
  }

  @Test
  void eagerLaboratory_mapping_copiesEveryPageAtOnce() {
    Page page = browser.newPage();
    page.navigate(address("/"));
    page.click("summary");
    page.check("[value=eager]");
    page.click(".open-lab > button");
    ready(page);
    command(page, "mmap");
    assertThat(sentence(page)).containsText("eager: 5 pages copied at once");
    assertThat(page.locator(".copy")).hasCount(5);
  }

  @Test
  void canvases_asTables_tellTheSameInWords() {
    Page page = openLaboratory();
    command(page, "mmap");
    command(page, "write");
    page.click("[data-frames=table]");
    assertThat(page.locator("#frame-list"))
        .containsText("private copy of P1, copied from page 0 of /data/letters");
    page.click("[data-shape=list]");
    assertThat(page.locator("[data-level='0'] tr")).hasCount(1);
    assertThat(page.locator("[data-level='0'] tr")).containsText("VRW-U-AD");
    page.click("[data-shape=grid]");
    assertThat(page.locator("canvas.grid")).hasCount(3);
  }

  @Test
  void forkedProcess_sharesUntilOneOfThemWrites() {
    Page page = openLaboratory();
    command(page, "mmap");
    command(page, "write");
    command(page, "fork");
    assertThat(sentence(page)).containsText("P1 forked P2: 1 entry shared, 1 of them lost W");
    assertThat(page.locator(".vma")).hasCount(2);
    assertThat(page.evaluate(PLACES_OF_PAGES)).asInstanceOf(LIST).containsOnly("2 at 1");
    assertThat(page.locator(".proof"))
        .hasText(Pattern.compile("✓ refs = mappings .*, in all \\d frames that changed"));
    assertThat(frame(page)).containsText("refs 2 = 2 mappings");
    page.locator(".strip .page").first().hover();
    assertThat(page.locator(".sharing path")).hasCount(2);
    page.mouse().move(1, 1);
    assertThat(page.locator(".sharing path")).hasCount(0);
    command(page, "write");
    assertThat(sentence(page)).containsText("copy-on-write fault");
    page.locator(".strip .page").first().hover();
    assertThat(page.locator(".sharing path")).hasCount(1);
    command(page, "exit");
    assertThat(page.locator(".vma")).hasCount(1);
  }

  /** The moment that the README shows: the entry is rewritten, and the TLB does not know it yet. */
  @Test
  void entryRewritten_leavesAStaleTlbRowUntilTheFence() {
    Page page = openLaboratory();
    page.setViewportSize(1280, 800);
    putLibraryAndMapIt(page);
    command(page, "read");
    command(page, "write");
    page.locator(".step", containing("writes the entry")).locator(".step-button").click();
    assertThat(page.locator("#tlb .stale"))
        .hasCSS("background-image", Pattern.compile("repeating-linear-gradient.*"));
    page.waitForTimeout(200);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("laboratory-stale-row.png")));
    page.click("[data-step=next]");
    assertThat(page.locator("#tlb .stale")).hasCount(0);
  }

  /** Forms are made from the description of the commands; each sends what its C call says. */
  @Test
  void commandsWithoutATab_areGivenThroughMore() {
    Page page = openLaboratory();
    command(page, "mmap");
    assertThat(page.locator(".vma")).containsText("rw-p");
    command(page, "mprotect");
    assertThat(page.locator(".vma")).containsText("r--p");
    choose(page, "mremap");
    page.fill("form[data-do=mremap] [name=newLength]", "8192");
    assertThat(page.locator(".c-call"))
        .hasText(
            Pattern.compile(
                "mremap\\(\\(void \\*\\) 0x\\w+, 20480, 8192, MREMAP_MAYMOVE, NULL\\)"));
    command(page, "mremap");
    assertThat(page.locator(".vma")).containsText("0 of 2 pages");
    command(page, "mincore");
    assertThat(page.locator("#answer")).containsText("of 2 pages in memory");
    choose(page, "pwrite");
    page.selectOption("form[data-do=pwrite] [name=fd]", "");
    page.fill("form[data-do=pwrite] [name=path]", "/data/letters");
    command(page, "pwrite");
    assertThat(page.locator(".file-page.dirty")).hasCount(1);
    command(page, "brk");
    assertThat(page.locator(".vma")).hasCount(2);
    command(page, "close");
    assertThat(page.locator(".descriptors")).hasCount(0);
  }

  @Test
  void programSteppedInTheCodeTab_showsWhereItStandsAndWhatChanged() {
    Page page = openLaboratory();
    choose(page, "mmap");
    page.selectOption("form[data-do=mmap] [name=fd]", "");
    page.fill("form[data-do=mmap] [name=address]", "0x10000");
    page.setChecked("form[data-do=mmap] [value=EXEC]", true);
    flag(page, "mmap", "FIXED", true);
    assertThat(page.locator(".c-call")).containsText("MAP_ANONYMOUS");
    command(page, "mmap");
    write(page, "0x10000", "hex", "1305a0026f000000");
    page.click("#tab-code");
    page.fill("#code [name=at]", "0x10000");
    page.click("#code [data-run=step]");
    assertThat(page.locator(".code-lines .here")).containsText("0x10004");
    assertThat(page.locator(".registers .changed")).containsText("a0 0x2a");
    assertThat(sentence(page)).containsText("li a0, 42");
    assertThat(page.locator("#answer")).containsText("pc 0x10004");
  }

  @Test
  void processThatHasEnded_isNotAskedForItsCode() {
    Page page = openLaboratory();
    page.click("#tab-code");
    assertThat(page.locator(".registers li").first()).isVisible();
    page.click("#tab-step");
    command(page, "exit");
    for (String tab : List.of("code", "proc")) {
      page.click("#tab-" + tab);
      assertThat(page.locator("#" + tab)).containsText("P1 has ended");
    }
  }

  @Test
  void endedLaboratory_saysSo() {
    Page page = openLaboratory();
    page.evaluate(
        "lab => fetch('/api/v1/labs/' + lab, {method: 'DELETE'})",
        page.getAttribute("body", "data-lab"));
    assertThat(page.locator("#mode")).hasText("ENDED");
    assertThat(page.locator("#ended-now")).containsText("This laboratory has ended");
    assertThat(page.locator("#commands")).hasAttribute("inert", "");
  }

  @Test
  void formWithNonsense_isRefusedInWords() {
    Page page = openLaboratory();
    page.click("[data-command=munmap]");
    page.locator("form[data-do=munmap] [name=address]").fill("0x1001");
    page.click("form[data-do=munmap] button.primary");
    assertThat(page.locator("#answer")).containsText("-1 EINVAL");
    assertThat(page.locator("#answer")).containsText("not a multiple of the page size");
  }

  @Test
  void screens_atTwoSizes_inLightAndDark() {
    Page page = openLaboratory();
    putLibraryAndMapIt(page);
    command(page, "read");
    command(page, "write");
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      for (int[] size : new int[][] {{1280, 800}, {1920, 1080}}) {
        page.setViewportSize(size[0], size[1]);
        page.waitForTimeout(100);
        assertThat(overflowing(page)).isEmpty();
        String name =
            "laboratory-" + size[0] + "x" + size[1] + "-" + scheme.name().toLowerCase(Locale.ROOT);
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")));
      }
    }
  }

  /** Panels that stand outside the window: all must be in it without scrolling the page. */
  @SuppressWarnings("unchecked")
  private static List<String> overflowing(Page page) {
    return (List<String>)
        page.evaluate(
            """
            () => [...document.querySelectorAll('.panel')].filter((panel) => {
              const box = panel.getBoundingClientRect();
              return box.right > innerWidth || box.bottom > innerHeight || box.width < 100 || box.height < 60;
            }).map((panel) => panel.className)
            """);
  }

  /**
   * A library of five pages, the first full of A, the next of B; opened and mapped PRIVATE, read
   * and write.
   */
  private static void putLibraryAndMapIt(Page page) {
    String letters =
        "ABCDE"
            .chars()
            .mapToObj(c -> Character.toString(c).repeat(4096))
            .reduce("", String::concat);
    page.click("[data-command=put]");
    page.setInputFiles(
        "form[data-do=put] input[type=file]",
        new FilePayload("libdemo.so", "application/octet-stream", letters.getBytes(US_ASCII)));
    page.fill("form[data-do=put] [name=path]", "/lib/libdemo.so");
    page.click("form[data-do=put] button.primary");
    assertThat(page.locator("#files")).containsText("/lib/libdemo.so");
    page.click("[data-command=open]");
    page.fill("form[data-do=open] [name=path]", "/lib/libdemo.so");
    flag(page, "open", "RDWR", false);
    page.click("form[data-do=open] button.primary");
    assertThat(page.locator("#answer")).containsText("descriptor 4");
    page.click("[data-command=mmap]");
    assertThat(page.locator("form[data-do=mmap] [name=fd]")).hasValue("4");
    assertThat(page.locator(".c-call"))
        .hasText("mmap(NULL, 20480, PROT_READ | PROT_WRITE, MAP_PRIVATE, 4, 0)");
    page.click("form[data-do=mmap] button.primary");
    assertThat(sentence(page)).containsText("one VMA at");
  }

  private static Locator sentence(Page page) {
    return page.locator(".sentence");
  }

  private static Locator facts(Page page) {
    return page.locator(".sizes").first();
  }

  /** Where the walk of the shown address ends. */
  private static Locator frame(Page page) {
    return page.locator(".byte");
  }

  private static Page.LocatorOptions containing(String text) {
    return new Page.LocatorOptions().setHasText(text);
  }

  private static String focused(Page page) {
    return (String) page.evaluate("() => document.activeElement.type ?? ''");
  }
}
