import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the Java client promises, against the server whose address is given; ends with 0 if it
 * holds.
 */
final class Check {
  private Check() {}

  public static void main(String[] arguments) {
    var server = new Faultline(arguments[0]);
    var tables =
        List.of(
            "process", "vma", "pte", "frame", "file", "cached_page", "descriptor", "tlb", "hart");
    try (Faultline.Lab lab = server.lab(Map.of("name", "„check“ \"\\\n", "frames", 128))) {
      same(lab.info().get("name"), "„check“ \"\\\n");
      lab.put("/data/a file", "letters".getBytes());
      same(new String(lab.get("/data/a file")), "letters");
      same(lab.files().get(0).get("path"), "/data/a file");
      Faultline.Process parent = lab.spawn("parent");
      long fd = parent.open("/data/a file", "RDWR");
      long mapped =
          parent.mmap(
              Map.of(
                  "length", 4096, "prot", List.of("READ"), "flags", List.of("SHARED"), "fd", fd));
      same(new String(parent.read(mapped, 7)), "letters");
      long page = parent.mmap(8192);
      parent.write(page, "parent");
      Faultline.Process child = parent.fork();
      Faultline.Outcome copied = child.write(page, "child!");
      has(copied.story(), "copy-on-write");
      same(new String(parent.read(page, 6)), "parent");
      has(parent.text("maps"), "/data/a file");
      same(child.translate(page, "store").get("fault"), null);

      long head = lab.head();
      var script =
          List.of(
              Map.of("do", "spawn"),
              Map.of("do", "read", "pid", 1, "address", 0, "length", 1),
              Map.of("do", "spawn"));
      same(lab.script(script, Faultline.Option.DRY_RUN).size(), 3);
      same(lab.head(), head);
      var once =
          new Faultline.Option[] {
            Faultline.Option.STOP_ON_ERROR,
            Faultline.Option.key("once-" + lab.id),
            Faultline.Option.ifHead(head)
          };
      List<Faultline.Outcome> outcomes = lab.script(script, once);
      same(outcomes.size(), 2);
      same(outcomes.get(1).signal().get("name"), "SIGSEGV");
      same(lab.script(script, once), outcomes);
      try {
        lab.script(script, Faultline.Option.ifHead(head));
        throw new AssertionError("the head has moved");
      } catch (Faultline.Problem problem) {
        same(problem.status, 412);
        same(problem.type(), "head-moved");
      }
      try {
        parent.write(0, "x");
        throw new AssertionError("nothing is mapped at 0");
      } catch (Faultline.Failed failed) {
        same(failed.outcome.signal().get("code"), "SEGV_MAPERR");
      }
      try {
        parent.run("mmap", Map.of());
        throw new AssertionError("mmap without a length");
      } catch (Faultline.Problem problem) {
        same(problem.type(), "bad-command");
        same(problem.member(), "length");
        has(problem.detail(), "missing");
        has(problem.title(), "member");
      }

      var state = new Faultline.State();
      Set<Object> sequence = new HashSet<>();
      for (Map<String, Object> change : lab.changes(0)) {
        state.apply(change);
        sequence.add(change.get("seq"));
        if (state.seq == copied.lastSeq()) {
          for (String table : tables) same(state.rows(table), lab.table(table, state.seq));
        }
      }
      same((long) sequence.size(), lab.head());

      Faultline.Recording recording = server.upload(lab.recording());
      same(recording.table("frame"), lab.table("frame"));
      same(recording.file().length > 100, true);
      try (Faultline.Lab branch = recording.branch(copied.lastSeq())) {
        same(new String(branch.process(2).read(page, 6)), "child!");
      }
      recording.end();
      same(lab.audit().get("holds"), true);

      live(
          arguments.length > 1 ? new Faultline(arguments[1]).find(lab.id) : lab,
          parent,
          page,
          tables);
    }
    System.out.println("all as promised");
  }

  /** The stream is read through a proxy that breaks it again and again. */
  private static void live(
      Faultline.Lab lab, Faultline.Process parent, long page, List<String> tables) {
    var state = new Faultline.State();
    try (Faultline.Live live = lab.follow(0)) {
      long head = 0;
      for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 20; i++) {
          parent.write(page, "round " + round);
          parent.munmap(page + 4096, 4096);
          parent.mmap(
              Map.of(
                  "address",
                  "0x" + Long.toHexString(page + 4096),
                  "length",
                  4096,
                  "prot",
                  List.of("READ", "WRITE"),
                  "flags",
                  List.of("PRIVATE", "ANONYMOUS", "FIXED")));
          head = parent.write(page + 4096, "x").lastSeq();
        }
        while (state.seq < head) {
          long before = state.seq;
          state.apply(live.next());
          same(state.seq, before + 1);
        }
        for (String table : tables) same(state.rows(table), lab.table(table, head));
      }
    }
  }

  private static void same(Object is, Object wanted) {
    if (!java.util.Objects.equals(is, wanted))
      throw new AssertionError(is + " instead of " + wanted);
  }

  private static void has(String text, String part) {
    if (!text.contains(part)) throw new AssertionError(text + " without " + part);
  }
}
