package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.codec.Located.Mapping;
import dev.jctl.manifests.codec.Located.Scalar;
import dev.jctl.manifests.codec.Located.Sequence;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Located trees to JSON trees. Each alias becomes a copy, as many as {@link
 * Limits#MAX_ALIASED_NODES} allows.
 */
final class TreeBuilder {
  private final Set<Located> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private int repeated;

  private TreeBuilder() {}

  static JsonNode build(Located root) {
    return new TreeBuilder().node(root);
  }

  private JsonNode node(Located located) {
    if (!seen.add(located) && ++repeated > Limits.MAX_ALIASED_NODES) {
      throw new TextError(
          located.position(),
          "aliases stand for more than "
              + Limits.MAX_ALIASED_NODES
              + " values; write them out, or split the manifest");
    }
    if (located instanceof Scalar scalar) {
      return scalar.value();
    }
    return located instanceof Sequence sequence ? array(sequence) : object((Mapping) located);
  }

  private ArrayNode array(Sequence sequence) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    sequence.items().forEach(item -> array.add(node(item)));
    return array;
  }

  private ObjectNode object(Mapping mapping) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    mapping.entries().forEach((key, entry) -> object.set(key, node(entry.value())));
    return object;
  }
}
