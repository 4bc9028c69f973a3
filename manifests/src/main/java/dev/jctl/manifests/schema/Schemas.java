package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The schemas, made from the records when this module is built. Reading them loads no record and no
 * class of the Fabric8 model, which would cost a command line most of its start-up time.
 */
public final class Schemas {
  private static final Map<ResourceKind, Schema.ObjectSchema> LOADED = new ConcurrentHashMap<>();

  private Schemas() {}

  /** The schema of whole objects of the kind, with {@code apiVersion} and {@code kind}. */
  public static Schema.ObjectSchema of(ResourceKind kind) {
    return LOADED.computeIfAbsent(kind, Schemas::load);
  }

  private static Schema.ObjectSchema load(ResourceKind kind) {
    return SchemaJson.read(resource("/schema/" + kind.plural() + ".json"));
  }

  /** What {@link SchemaGenerator} wrote. */
  static JsonNode resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            Schemas.class.getResourceAsStream(name), name + " is not on the class path")) {
      return Json.read(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
