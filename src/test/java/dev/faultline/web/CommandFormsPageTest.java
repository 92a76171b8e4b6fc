package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.RequestOptions;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every command of the API has a form that can be sent as it is offered. */
class CommandFormsPageTest extends PageTest {
  /** These end what the others act on. */
  private static final List<String> LAST = List.of("unlink", "close", "munmap", "kill", "exit");

  /** What the form of each command says and comes to, in the order in which they were sent. */
  private static final String SEND_ALL =
      """
      async (last) => {
        const { commands } = globalThis.faultline;
        const forms = [...document.querySelectorAll('#commands form')].filter((form) => form.dataset.do !== 'put');
        const place = (form) => last.indexOf(form.dataset.do);
        const told = [];
        for (const form of forms.sort((a, b) => place(a) - place(b))) {
          commands.open(form.dataset.do);
          const call = document.querySelector('.c-call').textContent;
          document.querySelector('[data-copy]').click();
          const missing = [...form.elements].filter((field) => !field.checkValidity()).map((field) => field.name);
          const copied = await navigator.clipboard.readText();
          const answer = await fetch(form.getAttribute('hx-post'), { method: 'POST', body: new URLSearchParams(new FormData(form)) });
          const html = new DOMParser().parseFromString(await answer.text(), 'text/html');
          const text = (selector) => html.querySelector(selector)?.textContent.trim() ?? '';
          const { head } = await (await fetch(`/api/v1/labs/${document.body.dataset.lab}`)).json();
          while (globalThis.faultline.laboratory.history.head < head) await new Promise((done) => setTimeout(done, 10));
          told.push({ verb: form.dataset.do, call, copied, missing, status: answer.status, verdict: text('.verdict b'), why: text('.why'), kind: html.querySelector('.answer').className });
        }
        return told;
      }
      """;

  @Test
  @SuppressWarnings("unchecked")
  void everyCommand_hasAForm_thatSaysItsCallAndItsCurl_andComesToSomethingWithAWhy() {
    Page page = openLaboratory();
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    command(page, "mmap");
    command(page, "write");
    var told = (List<Map<String, Object>>) page.evaluate(SEND_ALL, LAST);
    assertThat(told).extracting(form -> form.get("verb")).containsAll(commandsOfTheApi(page));
    for (Map<String, Object> form : told) {
      String verb = (String) form.get("verb");
      assertThat((String) form.get("call")).as(verb).isNotBlank().doesNotContain("?", "undefined");
      assertThat((List<String>) form.get("missing"))
          .as("%s: fields without an offer", verb)
          .isEmpty();
      assertThat((String) form.get("copied"))
          .startsWith("curl -H 'Content-Type: application/json' -d '{\"do\":\"" + verb + "\"")
          .endsWith("/commands");
      assertThat(form.get("status")).as("%s", form).isEqualTo(200);
      if (!String.valueOf(form.get("kind")).contains("done")) {
        assertThat((String) form.get("why")).as("why of %s", form).isNotEmpty();
      }
    }
    // the console has the errors of no request: all answered 200
    assertThat(page.locator("#mode")).hasText("LIVE");
  }

  @Test
  void mmapWithoutADescriptor_isOfferedAsAnonymousMemory() {
    Page page = openLaboratory(List.of(Map.of("do", "close", "pid", 1, "fd", 3)));
    assertThat(page.locator(".c-call")).containsText("MAP_ANONYMOUS");
    command(page, "mmap");
    assertThat(page.locator("#answer .done")).isVisible();
  }

  @Test
  void commandGivenWhileAnEarlierStepIsShown_isChosenFromWhatIsThereNow() {
    Page page = openLaboratory();
    page.click("[data-step=first]");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    assertThat(page.locator("form[data-do=mmap] [name=fd]")).hasValue("3");
    sendWith(page, "form[data-do=mmap] button.primary");
    assertThat(page.locator("#answer .done")).isVisible();
    assertThat(page.locator(".vma-path")).hasText("/data/letters");
  }

  private TreeSet<String> commandsOfTheApi(Page page) {
    JsonNode document =
        Api.JSON.readTree(
            page.request().get(address("/api/v1/openapi"), RequestOptions.create()).body());
    var verbs = new TreeSet<String>();
    for (JsonNode choice : document.at("/components/schemas/Command/oneOf")) {
      String name = choice.get("$ref").asString().replaceFirst(".*/", "");
      verbs.add(document.at("/components/schemas/" + name + "/properties/do/enum/0").asString());
    }
    assertThat(verbs).contains("mmap", "run");
    return verbs;
  }
}
