package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import dev.faultline.Debian;
import dev.faultline.Programs;
import dev.faultline.Tar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Programs on the page: loaded, run to where somebody wants to look, read from and written to. */
class ProgramPageTest extends PageTest {
  @Test
  void bundledProgram_asksForLinesUntilTheInputEnds() {
    Page page = openTerminal();
    load(page, "echo");
    until(page, "exit");
    assertThat(page.locator("#answer")).containsText("blocked");
    assertThat(written(page).locator(".err")).hasText("> ");
    page.fill("#terminal [name=line]", "\u001b[31mred");
    page.locator("#terminal [name=line]").press("Enter");
    assertThat(written(page).locator(".in")).hasText("␛[31mred\n");
    until(page, "exit");
    assertThat(written(page).locator(".out")).hasText("␛[31mred\n");
    page.click("#terminal [data-end]");
    assertThat(written(page)).containsText("⟨end of input⟩");
    until(page, "exit");
    assertThat(page.locator("#answer")).containsText("status 0");
    page.click("#tab-strace");
    assertThat(page.locator("#strace pre"))
        .containsText(Pattern.compile("read\\(0, .*exit_group\\(0\\) = \\?", Pattern.DOTALL));
    page.selectOption("#strace [name=pid]", "1");
    assertThat(page.locator("#strace")).containsText("no instruction that calls the kernel");
    assertThat(page.locator("#terminal [name=pid]")).hasValue("1");
  }

  @Test
  void program_stopsAtAFaultAtASystemCallAndAtAnAddress() {
    Page page = openTerminal();
    load(page, "pages");
    until(page, "syscall");
    assertThat(page.locator("#answer")).containsText("syscall");
    until(page, "fault");
    assertThat(page.locator("#answer")).containsText("fault");
    assertThat(page.locator(".sentence")).containsText("fault");
    page.click("#tab-code");
    String write =
        page.locator(".code-lines li", containing("sd s1, 0(s0)"))
            .locator(".address")
            .textContent();
    page.click("#tab-terminal");
    page.fill("#terminal [name=breakpoint]", write);
    until(page, "address");
    assertThat(page.locator("#answer")).containsText("breakpoint");
    assertThat(written(page).locator(".out")).hasText(".");
    page.click("#tab-code");
    assertThat(page.locator(".code-lines .here")).containsText("sd s1, 0(s0)");
  }

  @Test
  void uploadedProgram_isLoadedByKeyboardAlone() {
    Page page = openTerminal();
    page.setInputFiles(
        "#terminal input[type=file]",
        new FilePayload("mine", "application/octet-stream", Programs.file("hello")));
    assertThat(page.locator("#terminal .terminal-note")).hasText("/bin/mine is there");
    assertThat(page.locator("#terminal [name=program]")).hasValue("/bin/mine");
    page.locator("#terminal [name=arguments]").focus();
    page.keyboard().type("one two");
    page.keyboard().press("Enter");
    assertThat(page.locator("#terminal .terminal-note")).containsText("is loaded");
    page.locator("#terminal [data-until=exit]").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("#answer")).containsText("status 3");
    assertThat(written(page).locator(".out")).hasText("hello\n");
  }

  /** An archive with a program, its library and the loader; the rest is clicks. */
  @Test
  void loader_mapsALibrary_systemCallBySystemCall() {
    Page page = openTerminal();
    byte[] loader = bytes(Debian.file("musl", "usr/lib/riscv64-linux-musl/libc.so"));
    byte[] archive =
        Tar.of(
            Map.of(
                "lib/ld-musl-riscv64.so.1", loader,
                "lib/libfoo.so", Programs.bytes("libfoo.so"),
                "bin/library.elf", Programs.file("library")));
    page.setInputFiles(
        "#terminal input[type=file]", new FilePayload("library.tar", "application/x-tar", archive));
    assertThat(page.locator("#terminal .terminal-note")).hasText("library.tar is unpacked");
    load(page, "/bin/library.elf");
    Locator mapped = page.locator(".vma", containing("libfoo.so"));
    Locator opened = page.locator(".descriptors", containing("libfoo.so"));
    for (int calls = 0; mapped.count() == 0; calls++) {
      assertThat(calls).as("system calls until the library is mapped").isLessThan(40);
      until(page, "syscall");
    }
    assertThat(opened.count()).as("it is open while it is mapped").isPositive();
    page.click("#tab-strace");
    assertThat(page.locator("#strace pre"))
        .containsText(Pattern.compile("open.*/lib/libfoo\\.so.*mmap\\(", Pattern.DOTALL));
    page.click("#tab-proc");
    assertThat(page.locator("#proc pre")).containsText("/lib/libfoo.so");
    page.selectOption("#proc select", "status");
    assertThat(page.locator("#proc pre")).containsText("VmRSS:");
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  @Test
  void fileThatIsNoProgram_isRefusedWithTheReason() {
    Page page = openTerminal();
    page.setInputFiles(
        "#terminal input[type=file]",
        new FilePayload("text", "text/plain", "not a program".getBytes(StandardCharsets.UTF_8)));
    assertThat(page.locator("#terminal .terminal-note"))
        .hasText("/bin/text is there, but is no ELF file");
    page.click("#terminal [type=submit].primary");
    assertThat(page.locator("#terminal .terminal-note")).containsText("ENOEXEC");
  }

  private Page openTerminal() {
    Page page = openLaboratory();
    page.click("#tab-terminal");
    return page;
  }

  private static void load(Page page, String program) {
    page.selectOption("#terminal [name=program]", program);
    page.click("#terminal .load .primary");
    assertThat(page.locator("#terminal .terminal-note")).containsText("is loaded");
  }

  private static void until(Page page, String what) {
    sendWith(page, "#terminal [data-until=" + what + "]");
  }

  private static Locator written(Page page) {
    return page.locator(".terminal-text");
  }

  private static Page.LocatorOptions containing(String text) {
    return new Page.LocatorOptions().setHasText(text);
  }
}
