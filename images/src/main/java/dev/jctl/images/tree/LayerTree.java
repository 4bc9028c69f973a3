package dev.jctl.images.tree;

import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files that a stack of layers comes to. Paths are relative and normal; the root is empty. OCI
 * image spec, layer.md, "Applying changesets".
 */
public final class LayerTree {
  private static final int MAX_LINKS = 40;
  private static final Attributes IMPLICIT = new Attributes(0755, 0, 0, 0, Map.of());

  private final NavigableMap<String, Node> nodes = new TreeMap<>();

  private LayerTree() {}

  /** Lowest layer first. */
  public static LayerTree of(List<LayerIndex> layers) {
    LayerTree tree = new LayerTree();
    for (int layer = 0; layer < layers.size(); layer++) {
      tree.apply(layers.get(layer).items(), layer);
    }
    return tree;
  }

  /** What hides something counts first, wherever it stands: it is about the layers below. */
  private void apply(List<LayerIndex.Item> items, int layer) {
    for (LayerIndex.Item item : items) {
      if (item.entry() instanceof Entry.Whiteout hidden) {
        nodes.remove(hidden.path());
        below(hidden.path()).clear();
      } else if (item.entry() instanceof Entry.Opaque opaque) {
        below(opaque.path()).clear();
      }
    }
    for (int ordinal = 0; ordinal < items.size(); ordinal++) {
      add(items.get(ordinal), layer, ordinal);
    }
  }

  private void add(LayerIndex.Item item, int layer, int ordinal) {
    switch (item.entry()) {
      case Entry.Directory e -> {
        parents(e.path(), layer, ordinal);
        put(e.path(), new Node(new Node.Kind.Directory(), e.attributes(), layer, ordinal, ""));
      }
      case Entry.File e ->
          leaf(
              e.path(),
              new Node(
                  new Node.Kind.File(e.size()), e.attributes(), layer, ordinal, item.digest()));
      case Entry.Symlink e ->
          leaf(
              e.path(),
              new Node(new Node.Kind.Symlink(e.target()), e.attributes(), layer, ordinal, ""));
      case Entry.Fifo e ->
          leaf(e.path(), new Node(new Node.Kind.Fifo(), e.attributes(), layer, ordinal, ""));
      case Entry.Device e ->
          leaf(
              e.path(),
              new Node(
                  new Node.Kind.Device(e.block(), e.major(), e.minor()),
                  e.attributes(),
                  layer,
                  ordinal,
                  ""));
      case Entry.HardLink e -> {
        Node target = nodes.get(e.target());
        if (target != null) {
          leaf(e.path(), target);
        }
      }
      case Entry.Whiteout e -> {}
      case Entry.Opaque e -> {}
    }
  }

  private void leaf(String path, Node node) {
    parents(path, node.layer(), node.ordinal());
    below(path).clear();
    put(path, node);
  }

  private void put(String path, Node node) {
    nodes.put(path, node);
  }

  private void parents(String path, int layer, int ordinal) {
    for (String parent = parent(path); !parent.isEmpty(); parent = parent(parent)) {
      Node there = nodes.get(parent);
      if (there != null && there.isDirectory()) {
        return;
      }
      put(parent, new Node(new Node.Kind.Directory(), IMPLICIT, layer, ordinal, ""));
    }
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** All that lies below a path, at any depth, by name. */
  NavigableMap<String, Node> below(String path) {
    return path.isEmpty()
        ? nodes.tailMap("", false)
        : nodes.subMap(path + "/", false, path + "0", false); // '0' comes after '/'
  }

  /** The entry itself, not where it leads; null for none. The root is always a directory. */
  @Nullable Node node(String path) {
    Node node = nodes.get(path);
    return node == null && path.isEmpty()
        ? new Node(new Node.Kind.Directory(), IMPLICIT, -1, -1, "")
        : node;
  }

  public boolean has(String path) {
    return node(path) != null;
  }

  /** Its attributes, when there is a directory of that very name. */
  public Optional<Attributes> directory(String path) {
    Node node = node(path);
    return node == null || !node.isDirectory() ? Optional.empty() : Optional.of(node.attributes());
  }

  /**
   * Where a path leads: links are followed as in a process whose root this is. What is not there is
   * taken as it is written.
   *
   * @throws IllegalArgumentException when links go round in a circle
   */
  public String resolve(String path) {
    Deque<String> todo = new ArrayDeque<>(List.of(path.split("/")));
    String at = "";
    int links = 0;
    while (!todo.isEmpty()) {
      String name = todo.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = parent(at);
        continue;
      }
      String next = at.isEmpty() ? name : at + "/" + name;
      Node node = nodes.get(next);
      if (node != null && node.kind() instanceof Node.Kind.Symlink(String target)) {
        if (++links > MAX_LINKS) {
          throw new IllegalArgumentException("too many symbolic links at /" + path);
        }
        at = target.startsWith("/") ? "" : at;
        List.of(target.split("/")).reversed().forEach(todo::push);
      } else {
        at = next;
      }
    }
    return at;
  }
}
