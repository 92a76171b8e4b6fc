package dev.faultline.web;

import dev.faultline.lab.Command;
import dev.faultline.lab.Settings;
import dev.faultline.lesson.CommandLanguage;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Scenarios are written in the words of the API. */
record ApiLanguage(CommandReader commands, SettingsReader settings) implements CommandLanguage {
  @Override
  public Command command(JsonNode json) {
    return told(() -> commands.readAll(json).getFirst());
  }

  @Override
  public Settings settings(ObjectNode json) {
    return told(() -> settings.read(new Members(json, "")));
  }

  private static <T> T told(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (BadRequestException | TooLargeException exception) {
      throw new IllegalArgumentException(exception.getMessage(), exception);
    }
  }
}
