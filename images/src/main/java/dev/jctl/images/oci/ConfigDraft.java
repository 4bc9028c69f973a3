package dev.jctl.images.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.images.reference.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an image that is being made. Immutable; what is not changed here stays as
 * the base image has it. OCI image spec, config.md; Docker's additions Healthcheck, OnBuild and
 * Shell.
 */
public final class ConfigDraft {
  /** Of an image without anything. */
  public static final ConfigDraft EMPTY =
      new ConfigDraft(JsonNodeFactory.instance.objectNode(), List.of());

  private static final JsonMapper MAPPER = new JsonMapper();

  private final ObjectNode config;
  private final List<JsonNode> history;

  private ConfigDraft(ObjectNode config, List<JsonNode> history) {
    this.config = config;
    this.history = history;
  }

  /**
   * Goes on from a whole configuration document.
   *
   * @throws dev.jctl.images.ImageException CORRUPT naming the document
   */
  public static ConfigDraft from(String document, byte[] content) {
    JsonCursor root = JsonCursor.parse(document, content);
    ConfigDocument.parse(document, content); // checks what is read here without looking
    ObjectNode config =
        root.node().path("config") instanceof ObjectNode node
            ? node.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    List<JsonNode> history = new ArrayList<>();
    root.node().path("history").forEach(history::add);
    return new ConfigDraft(config, List.copyOf(history));
  }

  private ConfigDraft changed(Consumer<ObjectNode> change) {
    ObjectNode copy = config.deepCopy();
    change.accept(copy);
    return new ConfigDraft(copy, history);
  }

  /** In the order in which they were set. */
  public Map<String, String> env() {
    Map<String, String> env = new LinkedHashMap<>();
    for (String entry : texts("Env")) {
      int equals = entry.indexOf('=');
      env.put(
          equals < 0 ? entry : entry.substring(0, equals),
          equals < 0 ? "" : entry.substring(equals + 1));
    }
    return env;
  }

  public List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    config.path(field).forEach(node -> texts.add(node.asText()));
    return texts;
  }

  public String text(String field) {
    return config.path(field).asText("");
  }

  public ConfigDraft withEnv(String name, String value) {
    Map<String, String> env = env();
    env.put(name, value);
    return withEnv(env);
  }

  public ConfigDraft withEnv(Map<String, String> env) {
    return withTexts(
        "Env", env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
  }

  /** An empty list takes the field away. */
  public ConfigDraft withTexts(String field, List<String> values) {
    return changed(
        node -> {
          node.remove(field);
          if (!values.isEmpty()) {
            ArrayNode list = node.putArray(field);
            values.forEach(list::add);
          }
        });
  }

  public ConfigDraft withText(String field, String value) {
    return changed(node -> node.put(field, value));
  }

  /** Adds keys to a set that is written as an object, such as {@code ExposedPorts}. */
  public ConfigDraft withKeys(String field, List<String> keys) {
    return changed(
        node -> {
          ObjectNode set = node.withObject("/" + field);
          keys.forEach(set::putObject);
        });
  }

  public ConfigDraft withLabel(String name, String value) {
    return changed(node -> node.withObject("/Labels").put(name, value));
  }

  public ConfigDraft withObject(String field, JsonNode value) {
    return changed(node -> node.set(field, value));
  }

  public ConfigDraft without(String field) {
    return changed(node -> node.remove(field));
  }

  /** Adds a step to the history. */
  public ConfigDraft withStep(String createdBy, boolean emptyLayer, @Nullable Instant created) {
    return withStep(new HistoryStep(createdBy, "", "jctl", emptyLayer), created);
  }

  /**
   * A step of the history.
   *
   * @param author empty for nobody
   */
  public record HistoryStep(String createdBy, String author, String comment, boolean emptyLayer) {}

  /** Adds a step to the history; its author is the image's. */
  public ConfigDraft withStep(HistoryStep said, @Nullable Instant created) {
    ObjectNode step = JsonNodeFactory.instance.objectNode();
    if (created != null) {
      step.put("created", created.toString());
    }
    step.put("created_by", said.createdBy()).put("comment", said.comment());
    if (!said.author().isEmpty()) {
      step.put("author", said.author());
    }
    if (said.emptyLayer()) {
      step.put("empty_layer", true);
    }
    List<JsonNode> steps = new ArrayList<>(history);
    steps.add(step);
    return new ConfigDraft(config, List.copyOf(steps));
  }

  /**
   * The whole document.
   *
   * @param created null: it says no time, so that equal builds give equal images
   */
  public byte[] document(Platform platform, List<Digest> diffIds, @Nullable Instant created) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("architecture", platform.architecture()).put("os", platform.os());
    if (created != null) {
      root.put("created", created.toString());
    }
    String author = history.isEmpty() ? "" : history.getLast().path("author").asText("");
    if (!author.isEmpty()) {
      root.put("author", author);
    }
    root.set("config", config);
    ArrayNode ids = root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    diffIds.forEach(id -> ids.add(id.toString()));
    root.putArray("history").addAll(history);
    try {
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  /** For comparing: what the image says about running it. */
  public String json() {
    return config.toString();
  }
}
