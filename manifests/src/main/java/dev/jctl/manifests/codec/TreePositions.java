package dev.jctl.manifests.codec;

import dev.jctl.manifests.codec.Located.Entry;
import dev.jctl.manifests.codec.Located.Mapping;
import dev.jctl.manifests.codec.Located.Sequence;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import dev.jctl.manifests.codec.ManifestDocument.Positions;
import dev.jctl.manifests.schema.FieldPath;
import java.util.Map;

/** Walks the tree as read along a path; a field is where its key is. */
record TreePositions(Located root) implements Positions {
  @Override
  public Position of(String path) {
    return walk(root, root.position(), "", path);
  }

  private static Position walk(Located node, Position here, String done, String path) {
    if (done.equals(path)) {
      return here;
    }
    return switch (node) {
      case Mapping mapping -> intoMapping(mapping, here, done, path);
      case Sequence sequence -> intoSequence(sequence, here, done, path);
      case Located.Scalar scalar -> here;
    };
  }

  private static Position intoMapping(Mapping mapping, Position here, String done, String path) {
    for (Map.Entry<String, Entry> field : mapping.entries().entrySet()) {
      String child = FieldPath.child(done, field.getKey());
      if (leadsTo(child, path)) {
        Entry entry = field.getValue();
        return walk(entry.value(), entry.position(), child, path);
      }
    }
    return here;
  }

  private static Position intoSequence(Sequence sequence, Position here, String done, String path) {
    for (int i = 0; i < sequence.items().size(); i++) {
      String item = FieldPath.index(done, i);
      if (leadsTo(item, path)) {
        Located next = sequence.items().get(i);
        return walk(next, next.position(), item, path);
      }
    }
    return here;
  }

  private static boolean leadsTo(String prefix, String path) {
    if (!path.startsWith(prefix)) {
      return false;
    }
    return path.length() == prefix.length()
        || path.charAt(prefix.length()) == '.'
        || path.charAt(prefix.length()) == '[';
  }
}
