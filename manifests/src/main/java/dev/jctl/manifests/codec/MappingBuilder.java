package dev.jctl.manifests.codec;

import dev.jctl.manifests.codec.Located.Entry;
import dev.jctl.manifests.codec.Located.Mapping;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import java.util.LinkedHashMap;
import java.util.Map;

/** A mapping under construction: no key twice; what is merged in gives way to what is written. */
final class MappingBuilder {
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Entry> merged = new LinkedHashMap<>();
  private boolean hasMerge;
  private int mergedEntries;

  void put(String key, Entry entry) {
    Entry earlier = entries.putIfAbsent(key, entry);
    if (earlier != null) {
      throw new TextError(entry.position(), duplicate(key, earlier.position()));
    }
  }

  private static String duplicate(String key, Position first) {
    return "key \"" + key + "\" is already set at line " + first.line() + "; remove one of the two";
  }

  /** The value of {@code <<}: a mapping, or several of which the first wins. */
  void merge(Position key, Located value) {
    if (hasMerge) {
      throw new TextError(key, "key \"<<\" is there twice; merge a list of aliases instead");
    }
    hasMerge = true;
    if (value instanceof Located.Sequence several) {
      several.items().forEach(this::mergeOne);
    } else {
      mergeOne(value);
    }
  }

  private void mergeOne(Located value) {
    if (!(value instanceof Mapping mapping)) {
      throw new TextError(
          value.position(), "\"<<\" merges mappings only: give it an alias of one, or a list");
    }
    mergedEntries += mapping.entries().size();
    mapping.entries().forEach(merged::putIfAbsent);
  }

  /** What {@code <<} cost so far. */
  int mergedEntries() {
    return mergedEntries;
  }

  Mapping build(Position position) {
    merged.forEach(entries::putIfAbsent);
    return new Mapping(position, entries);
  }
}
