package dev.faultline.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.faultline.web.CommandForm.Field;
import dev.faultline.web.CommandForm.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * The commands' forms, made from their description in the API's document: a command that a script
 * can give can be given on the page. {@code x-form} of a schema says what the members alone cannot:
 * the C call, the place among the tabs, and what is offered.
 */
@Component
final class CommandForms {
  private final List<CommandForm> forms = new ArrayList<>();

  CommandForms(ApiDescription api) {
    for (JsonNode choice : api.schema("Command").get("oneOf")) {
      forms.add(form(api.document().at(choice.get("$ref").asText().substring(1))));
    }
  }

  /** Those that have a tab of their own, in their order. */
  List<CommandForm> tabs() {
    return forms.stream()
        .filter(CommandForm::isTab)
        .sorted(Comparator.comparing(CommandForm::rank))
        .toList();
  }

  List<CommandForm> others() {
    return forms.stream().filter(form -> !form.isTab()).toList();
  }

  Optional<CommandForm> of(String verb) {
    return forms.stream().filter(form -> form.verb().equals(verb)).findFirst();
  }

  private static CommandForm form(JsonNode schema) {
    JsonNode hints = schema.path("x-form");
    List<String> required = texts(schema.path("required"));
    List<Field> fields = new ArrayList<>();
    for (var member : schema.get("properties").properties()) {
      String name = member.getKey();
      if (!name.equals("do")) {
        JsonNode offer = hints.path("offers").path(name);
        fields.add(field(name, member.getValue(), required.contains(name), offer));
      }
    }
    String verb = schema.at("/properties/do/enum/0").asText();
    return new CommandForm(
        verb,
        schema.path("description").asText(),
        hints.path("call").asText(call(verb, fields)),
        hints.path("tab").asInt(0),
        fields);
  }

  private static Field field(String name, JsonNode schema, boolean required, JsonNode offer) {
    Kind kind = kind(name, schema);
    JsonNode words = kind == Kind.WORDS ? schema.at("/items/enum") : schema.path("enum");
    return new Field(
        name,
        kind,
        required,
        texts(words),
        offer.isArray()
            ? texts(offer)
            : offer.isMissingNode() ? List.of() : List.of(offer.asText()),
        schema.has("default") ? schema.get("default").asText() : null,
        schema.path("description").asText());
  }

  private static Kind kind(String name, JsonNode schema) {
    String reference = schema.path("$ref").asText();
    String type = schema.path("type").asText();
    if (name.equals("fd")) {
      return Kind.DESCRIPTOR;
    }
    if (name.equals("path")) {
      return Kind.PATH;
    }
    if (reference.endsWith("/Pid")) {
      return Kind.PROCESS;
    }
    if (reference.endsWith("/Data")) {
      return Kind.BYTES;
    }
    if (reference.endsWith("/Number") || type.equals("integer")) {
      return Kind.NUMBER;
    }
    if (type.equals("array")) {
      boolean areVectors = schema.at("/items/$ref").asText().endsWith("/IoVector");
      return areVectors
          ? Kind.VECTORS
          : schema.at("/items/enum").isMissingNode() ? Kind.LIST : Kind.WORDS;
    }
    if (type.equals("boolean")) {
      return Kind.FLAG;
    }
    return schema.has("enum") ? Kind.CHOICE : Kind.TEXT;
  }

  /** A function of all members but the process, in their order. */
  private static String call(String verb, List<Field> fields) {
    return fields.stream()
        .filter(field -> field.kind() != Kind.PROCESS)
        .map(field -> "{" + field.name() + "}")
        .collect(Collectors.joining(", ", verb + "(", ")"));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
