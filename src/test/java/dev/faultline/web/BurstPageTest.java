package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Many changes at once, on a page that is looked at. */
class BurstPageTest extends PageTest {
  /** At least so many; interface.md asks for 200,000. */
  private static final int CHANGES = Integer.getInteger("faultline.burst", 20_000);

  private static final int PAGES = 16;

  /** As many as the page may take in before it listens to its reader again. */
  private static final int LARGEST_BITE = 16_384;

  /** Mapped anew and written to, page by page, over and over: more than 21 records a command. */
  private static List<Map<String, Object>> commands() {
    List<Map<String, Object>> commands = new ArrayList<>();
    while (commands.size() * 21 < CHANGES) {
      commands.add(
          Map.of(
              "do",
              "mmap",
              "pid",
              1,
              "address",
              ADDRESS,
              "length",
              PAGES * 4096,
              "prot",
              List.of("READ", "WRITE"),
              "flags",
              List.of("PRIVATE", "ANONYMOUS", "FIXED")));
      for (int i = 0; i < PAGES; i++) {
        String address = "0x" + Long.toHexString(Long.decode(ADDRESS) + i * 4096L);
        commands.add(
            Map.of("do", "write", "pid", 1, "address", address, "data", Map.of("text", "x")));
      }
    }
    return commands;
  }

  private static int count(Map<String, Object> seen, String of) {
    return (int) Objects.requireNonNull(seen.get(of));
  }

  @Test
  @SuppressWarnings("unchecked")
  void burst_isFollowedToItsLastChange_biteByBite() {
    Page page = openLaboratory();
    var seen =
        (Map<String, Object>)
            page.evaluate(
                """
                async ({lab, commands}) => {
                  const { laboratory } = globalThis.faultline;
                  const { history, schema, state } = laboratory;
                  const seen = { jumps: 0, bite: 0 };
                  let head = history.head;
                  const first = head;
                  laboratory.addEventListener('beginning', () => seen.jumps++);
                  laboratory.addEventListener('change', () => {
                    seen.bite = Math.max(seen.bite, laboratory.history.head - head);
                    head = laboratory.history.head;
                  });
                  const answer = await fetch(`/api/v1/labs/${lab}/commands`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(commands) });
                  seen.status = answer.status;
                  const told = await fetch(`/api/v1/labs/${lab}`);
                  const last = Number(told.headers.get('ETag').replace(/\\D/g, ''));
                  while (laboratory.history.head < last) await new Promise((done) => setTimeout(done, 20));
                  seen.changes = last - first;
                  let next = 1;
                  seen.whole = history.start === 0;
                  for (const { sequence } of history.records(1, last)) seen.whole &&= sequence === next++;
                  seen.whole &&= next === last + 1;
                  seen.differing = [];
                  for (const { name } of schema.tables) {
                    const { rows } = await (await fetch(`/api/v1/labs/${lab}/tables/${name}`)).json();
                    if (rows.length !== state.table(name).size) seen.differing.push(name);
                  }
                  return seen;
                }
                """,
                Map.of("lab", labOf(page), "commands", commands()));
    assertThat(seen).containsEntry("status", 200).containsEntry("jumps", 0);
    assertThat(seen).containsEntry("whole", true).containsEntry("differing", List.of());
    assertThat(count(seen, "changes")).isGreaterThanOrEqualTo(CHANGES);
    assertThat(count(seen, "bite")).isLessThanOrEqualTo(LARGEST_BITE);
  }
}
