package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;

/**
 * One object of a manifest.
 *
 * @param source {@code file.yaml}, or {@code <stdin>}
 * @param tree as written, defaults not filled in
 */
public record ManifestDocument(
    String source, ResourceKind kind, ObjectNode tree, Positions positions) {
  /** Where a field is in the text. */
  @FunctionalInterface
  public interface Positions {
    /**
     * {@code path} as in {@link dev.jctl.manifests.schema.FieldError#path}; the nearest known
     * ancestor when unknown. 1-based.
     */
    Position of(String path);
  }

  public record Position(int line, int column) {}
}
