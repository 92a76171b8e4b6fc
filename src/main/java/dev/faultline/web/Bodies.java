package dev.faultline.web;

import dev.faultline.lab.LimitException;
import dev.faultline.lab.Limits;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads request bodies, never more than the limit allows. */
@Component
final class Bodies {
  private final JsonMapper mapper;
  private final Limits limits;

  Bodies(JsonMapper mapper, Limits limits) {
    this.mapper = mapper;
    this.limits = limits;
  }

  byte[] bytes(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(limits.requestBytes() + 1);
    if (bytes.length > limits.requestBytes()) {
      throw new LimitException(
          "requestBytes",
          limits.requestBytes(),
          "a request's body has at most " + limits.requestBytes() + " bytes");
    }
    return bytes;
  }

  JsonNode json(InputStream body) throws IOException {
    byte[] bytes = bytes(body);
    try {
      JsonNode tree = mapper.readTree(bytes);
      if (tree == null || tree.isMissingNode()) {
        throw new BadJsonException("the body is empty");
      }
      return tree;
    } catch (JacksonException exception) {
      throw new BadJsonException(exception.getOriginalMessage());
    }
  }
}
