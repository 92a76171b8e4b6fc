package dev.faultline.lesson;

import dev.faultline.lab.Command;
import dev.faultline.lab.Settings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How commands and settings are written: scenarios use the words of the HTTP API. */
public interface CommandLanguage {
  /**
   * @throws IllegalArgumentException when it is none; the message begins with the member's name
   */
  Command command(JsonNode json);

  /**
   * @throws IllegalArgumentException when they are none; the message begins with the member's name
   */
  Settings settings(ObjectNode json);
}
