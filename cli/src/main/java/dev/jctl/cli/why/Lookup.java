package dev.jctl.cli.why;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Optional;

/** What there is. */
public interface Lookup {
  /** {@code namespace}: empty for kinds without one. */
  Optional<JsonNode> find(ResourceKind kind, String namespace, String name);

  /** The last line that the container wrote before it ended; empty when nobody knows. */
  String lastLine(String namespace, String pod, String container);
}
