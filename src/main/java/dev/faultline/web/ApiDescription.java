package dev.faultline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.faultline.log.Actor;
import dev.faultline.log.Table;
import io.swagger.v3.core.util.Yaml31;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/**
 * What the API is made of: the schemas that the code tells (commands with their members, settings,
 * rows of tables, limits, problem types), with the prose and the examples of {@code openapi.yaml}
 * laid over them.
 */
@Component
final class ApiDescription {
  private static final String SCHEMA = "#/components/schemas/";

  private final ObjectMapper mapper = Yaml31.mapper();
  private final ObjectNode document;

  ApiDescription(CommandReader commands, SettingsReader settings) {
    Map<String, Object> schemas = new LinkedHashMap<>();
    putCommands(schemas, commands);
    schemas.put(settings.schema().name(), settings.schema().json());
    putTables(schemas);
    Map<String, Object> responses = new LinkedHashMap<>();
    putProblems(schemas, responses);
    Map<String, Object> components = Map.of("schemas", schemas, "responses", responses);
    document = mapper.valueToTree(Map.of("components", components));
    layOver(document, read());
  }

  /** The document as far as it is described here; not to be changed. */
  JsonNode document() {
    return document;
  }

  JsonNode schema(String name) {
    return document.at("/components/schemas/" + name);
  }

  private ObjectNode read() {
    try (InputStream yaml = new ClassPathResource("openapi.yaml").getInputStream()) {
      return (ObjectNode) mapper.readTree(yaml);
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  private static void putCommands(Map<String, Object> schemas, CommandReader commands) {
    Map<String, Object> mapping = new LinkedHashMap<>();
    commands
        .schemas()
        .forEach((verb, schema) -> {
          schemas.put(schema.name(), schema.json());
          mapping.put(verb, SCHEMA + schema.name());
        });
    Map<String, Object> command = new LinkedHashMap<>();
    command.put("oneOf", mapping.values().stream().map(ApiDescription::reference).toList());
    command.put("discriminator", Map.of("propertyName", "do", "mapping", mapping));
    schemas.put("Command", command);
  }

  private static void putTables(Map<String, Object> schemas) {
    List<TableSchema> tables = Stream.of(Table.values()).map(TableSchema::new).toList();
    tables.forEach(table -> schemas.put(table.name(), table.json()));
    schemas.put(
        "Row", Map.of("anyOf", tables.stream().map(t -> reference(SCHEMA + t.name())).toList()));
    schemas.put("TableName", words(Stream.of(Table.values()).map(Table::label)));
    schemas.put(
        "Record",
        Map.of("properties", Map.of("actor", words(Stream.of(Actor.values()).map(Actor::name)))));
  }

  private static void putProblems(Map<String, Object> schemas, Map<String, Object> responses) {
    Map<String, Object> type = words(Stream.of(Rule.values()).map(Rule::type));
    schemas.put("Problem", Map.of("properties", Map.of("type", type)));
    var content =
        Map.of("application/problem+json", Map.of("schema", reference(SCHEMA + "Problem")));
    for (Rule rule : Rule.values()) {
      String text = "%d, %s. %s".formatted(rule.status().value(), rule.title(), rule.explanation());
      responses.put(rule.label(), Map.of("description", text, "content", content));
    }
  }

  private static Map<String, Object> words(Stream<String> words) {
    return Map.of("type", "string", "enum", words.toList());
  }

  private static Map<String, Object> reference(Object target) {
    return Map.of("$ref", target);
  }

  /** Objects become one, member by member; anything else that is written takes its place. */
  private static void layOver(ObjectNode generated, ObjectNode written) {
    for (var member : written.properties()) {
      if (generated.get(member.getKey()) instanceof ObjectNode below
          && member.getValue() instanceof ObjectNode above) {
        layOver(below, above);
      } else {
        generated.set(member.getKey(), member.getValue());
      }
    }
  }
}
