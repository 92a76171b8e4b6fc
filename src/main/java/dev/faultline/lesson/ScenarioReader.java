package dev.faultline.lesson;

import dev.faultline.lab.Command;
import dev.faultline.lab.Settings;
import dev.faultline.lesson.Scenario.Beside;
import dev.faultline.lesson.Scenario.Look;
import dev.faultline.lesson.Scenario.Step;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.Node;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a scenario from YAML. CONTRIBUTING.md has an example with every member; what a member means
 * stands at {@link Scenario} and {@link Expectation}.
 */
public final class ScenarioReader {
  /** The details that the page of a laboratory can open. */
  private static final List<String> TABS = List.of("step", "changes", "proc", "code", "inspector");

  private static final int PAGE = 4096;
  private static final int MODE = 0644;

  private final CommandLanguage language;

  public ScenarioReader(CommandLanguage language) {
    this.language = language;
  }

  /**
   * @param file how problems name it
   * @throws BadScenarioException when something in it is wrong
   */
  public Scenario read(String id, String file, Reader yaml) {
    Entry whole = new Entry(file, "", compose(file, yaml));
    Map<String, Entry> members =
        whole.members(
            "title", "group", "teaches", "watch", "lab", "files", "prepare", "steps", "beside");
    String title = whole.need(members, "title").text();
    Entry lab = members.get("lab");
    Settings settings = settings(lab == null ? whole : lab, title, lab, null);
    List<Command> prepared = new ArrayList<>();
    if (members.containsKey("files")) {
      members.get("files").list().forEach(put -> prepared.add(file(put)));
    }
    List<Entry> prepare =
        members.containsKey("prepare") ? members.get("prepare").list() : List.of();
    int files = prepared.size();
    prepare.forEach(command -> prepared.add(command.read(language::command)));
    Entry steps = whole.need(members, "steps");
    List<Step> read = steps.list().stream().map(this::step).toList();
    long moments = read.stream().filter(step -> step.moment() != null).count();
    if (moments != 1) {
      throw steps.bad("must have one step with a moment, not " + moments);
    }
    Entry beside = members.get("beside");
    return new Scenario(
        id,
        title,
        whole.need(members, "group").text(),
        whole.need(members, "teaches").text(),
        whole.need(members, "watch").text(),
        settings,
        List.copyOf(prepared),
        read,
        beside == null
            ? null
            : beside(beside, title, lab, prepared.subList(0, files), prepare, read));
  }

  private static Node compose(String file, Reader yaml) {
    Node node;
    try {
      node = new Yaml(new LoaderOptions()).compose(yaml);
    } catch (MarkedYAMLException exception) {
      int line = exception.getProblemMark() == null ? 1 : exception.getProblemMark().getLine() + 1;
      throw new BadScenarioException(file, line, "is no YAML: " + exception.getProblem());
    }
    if (node == null) {
      throw new BadScenarioException(file, 1, "is empty");
    }
    return node;
  }

  /** The settings of {@code lab}, those of {@code over} in their place. */
  private Settings settings(Entry at, String title, @Nullable Entry lab, @Nullable Entry over) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", title);
    for (Entry layer : new @Nullable Entry[] {lab, over}) {
      if (layer != null) {
        layer.members().forEach((member, value) -> json.set(member, value.json()));
      }
    }
    return at.read(unused -> language.settings(json));
  }

  private static Command file(Entry entry) {
    Map<String, Entry> members = entry.members("path", "pages", "text", "program", "mode");
    Entry mode = members.get("mode");
    int bits = mode == null ? MODE : (int) mode.number();
    return new Command.PutFile(entry.need(members, "path").text(), bits, bytes(entry, members));
  }

  private static byte[] bytes(Entry entry, Map<String, Entry> members) {
    if (members.containsKey("pages")) {
      return pages(members.get("pages").text());
    }
    if (members.containsKey("text")) {
      return members.get("text").text().getBytes(StandardCharsets.UTF_8);
    }
    Entry program = entry.need(members, "program");
    try (InputStream bytes =
        ScenarioReader.class.getResourceAsStream("/scenarios/" + program.text())) {
      if (bytes == null) {
        throw program.bad("is not beside the scenario: " + program.text());
      }
      return bytes.readAllBytes();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /** A page filled with each letter; a dot at the end is half a page of the last one. */
  private static byte[] pages(String letters) {
    boolean half = letters.endsWith(".");
    int whole = letters.length() - (half ? 1 : 0);
    byte[] bytes = new byte[whole * PAGE - (half ? PAGE / 2 : 0)];
    for (int from = 0; from < bytes.length; from += PAGE) {
      Arrays.fill(
          bytes, from, Math.min(bytes.length, from + PAGE), (byte) letters.charAt(from / PAGE));
    }
    return bytes;
  }

  private Step step(Entry entry) {
    Map<String, Entry> members =
        entry.members("title", "say", "command", "look", "tab", "moment", "expect");
    Entry command = entry.need(members, "command");
    Entry tab = members.get("tab");
    if (tab != null && !TABS.contains(tab.text())) {
      throw tab.bad("must be one of " + String.join(", ", TABS));
    }
    Entry expect = members.get("expect");
    return new Step(
        entry.need(members, "title").text(),
        entry.need(members, "say").text(),
        command.json(),
        command.read(language::command),
        Entry.orNull(members.get("look"), ScenarioReader::look),
        Entry.orNull(tab, Entry::text),
        Entry.orNull(members.get("moment"), moment -> moment.word(StepKind.class)),
        expect == null ? Expectation.SUCCESS : expectation(expect));
  }

  private static Look look(Entry entry) {
    Map<String, Entry> members = entry.members("pid", "address");
    return new Look(
        (int) entry.need(members, "pid").number(), entry.need(members, "address").number());
  }

  private static Expectation expectation(Entry entry) {
    Map<String, Entry> members =
        entry.members("result", "reads", "errno", "signal", "tells", "silent", "frames", "pages");
    return new Expectation(
        Entry.orNull(members.get("result"), Entry::number),
        Entry.orNull(members.get("reads"), Entry::text),
        Entry.orNull(members.get("errno"), errno -> errno.word(Errno.class)),
        Entry.orNull(members.get("signal"), Entry::text),
        kinds(members.get("tells")),
        kinds(members.get("silent")),
        Entry.orNull(members.get("frames"), frames -> (int) frames.number()),
        members.containsKey("pages")
            ? members.get("pages").list().stream().map(ScenarioReader::page).toList()
            : List.of());
  }

  private static List<StepKind> kinds(@Nullable Entry list) {
    return list == null
        ? List.of()
        : list.list().stream().map(kind -> kind.word(StepKind.class)).toList();
  }

  private static Expectation.Page page(Entry entry) {
    Map<String, Entry> members = entry.members("pid", "address", "refs");
    return new Expectation.Page(
        (int) entry.need(members, "pid").number(),
        entry.need(members, "address").number(),
        (int) entry.need(members, "refs").number());
  }

  /** {@code replace} names words of the commands, and those that stand there instead. */
  private Beside beside(
      Entry entry,
      String title,
      @Nullable Entry lab,
      List<Command> files,
      List<Entry> prepare,
      List<Step> steps) {
    Map<String, Entry> members = entry.members("title", "here", "lab", "replace");
    Map<String, Entry> replace =
        members.containsKey("replace") ? members.get("replace").members() : Map.of();
    List<Command> prepared = new ArrayList<>(files);
    for (Entry command : prepare) {
      prepared.add(command.read(json -> language.command(replaced(json, replace))));
    }
    List<JsonNode> commands = steps.stream().map(step -> replaced(step.json(), replace)).toList();
    commands.forEach(command -> entry.read(unused -> language.command(command)));
    return new Beside(
        entry.need(members, "title").text(),
        entry.need(members, "here").text(),
        settings(entry, title, lab, members.get("lab")),
        List.copyOf(prepared),
        commands);
  }

  private static JsonNode replaced(JsonNode json, Map<String, Entry> words) {
    if (json.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      json.properties()
          .forEach(member -> object.set(member.getKey(), replaced(member.getValue(), words)));
      return object;
    }
    if (json.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      json.forEach(element -> array.add(replaced(element, words)));
      return array;
    }
    Entry other = json.isString() ? words.get(json.stringValue()) : null;
    return other == null ? json : other.json();
  }
}
