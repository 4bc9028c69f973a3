package dev.jctl.cli.client;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Changes of a collection, one after the other. */
public final class WatchStream implements AutoCloseable {
  private final InputStream body;
  private @Nullable JsonParser events;

  WatchStream(InputStream body) {
    this.body = body;
  }

  /**
   * {@code type}: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR (then {@code object} is a Status).
   */
  public record Event(String type, JsonNode object) {
    public boolean isDeleted() {
      return type.equals("DELETED");
    }

    public String revision() {
      return object.path("metadata").path("resourceVersion").asText("");
    }
  }

  /** Waits for the next; empty when the stream ended, for whatever reason: list again. */
  public Optional<Event> next() {
    try {
      JsonParser parser = events == null ? Json.values(body) : events;
      events = parser;
      JsonNode event = Json.next(parser);
      return event == null
          ? Optional.empty()
          : Optional.of(new Event(event.path("type").asText(""), event.path("object")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("closing a watch", e);
    }
  }
}
