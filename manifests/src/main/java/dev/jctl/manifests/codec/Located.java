package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.node.ValueNode;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import java.util.List;
import java.util.Map;

/**
 * A tree as read, with the place of each part. What an alias names is one object that is there
 * several times.
 */
sealed interface Located {
  Position position();

  record Scalar(Position position, ValueNode value) implements Located {}

  record Sequence(Position position, List<Located> items) implements Located {}

  record Mapping(Position position, Map<String, Entry> entries) implements Located {}

  /** {@code position}: that of the key. */
  record Entry(Position position, Located value) {}
}
