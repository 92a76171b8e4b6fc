package dev.faultline.web;

import dev.faultline.lab.Limits;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads request bodies, never more than the limits allow. */
@Component
final class Bodies {
  /** Commands are flat: an array of objects that hold a list or an object. */
  private static final int DEEPEST = 16;

  /** A command with all its members and flags has fewer tokens. */
  private static final long TOKENS_PER_COMMAND = 100;

  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_MEMBER = 1_000;

  private final JsonMapper mapper;
  private final Limits limits;

  Bodies(Limits limits) {
    this.limits = limits;
    var constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxTokenCount(TOKENS_PER_COMMAND * (limits.commands() + 1))
            .maxNumberLength(LONGEST_NUMBER)
            .maxNameLength(LONGEST_MEMBER)
            .maxStringLength(limits.requestBytes())
            .build();
    mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  byte[] bytes(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(limits.requestBytes() + 1);
    if (bytes.length > limits.requestBytes()) {
      throw new TooLargeException("(body)", "requestBytes", limits.requestBytes(), "bytes");
    }
    return bytes;
  }

  JsonNode json(InputStream body) throws IOException {
    return json(bytes(body));
  }

  JsonNode json(byte[] bytes) {
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
