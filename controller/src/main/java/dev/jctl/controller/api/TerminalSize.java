package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ResourceCodec;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Of a terminal, in characters. */
record TerminalSize(int columns, int rows) {
  /**
   * A message of the resize channel: JSON with {@code Width} and {@code Height}. As Go reads it,
   * the case of these does not matter, and the client for JavaScript writes them small. Empty when
   * one is missing or no number above 0, which is how some clients say that they have no terminal.
   */
  static Optional<TerminalSize> parse(byte[] message, int offset, int length) throws IOException {
    JsonNode size = ResourceCodec.MAPPER.readTree(message, offset, length);
    int columns = number(size, "width");
    int rows = number(size, "height");
    return columns > 0 && rows > 0
        ? Optional.of(new TerminalSize(columns, rows))
        : Optional.empty();
  }

  private static int number(JsonNode size, String name) {
    return size.properties().stream()
        .filter(field -> field.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .mapToInt(JsonNode::asInt)
        .findFirst()
        .orElse(0);
  }
}
