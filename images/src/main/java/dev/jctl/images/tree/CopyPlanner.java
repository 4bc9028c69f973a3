package dev.jctl.images.tree;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageBuild.CopyRequest;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.dockerfile.Globs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sources, what is there and where they go → the entries of a layer. Pure; files' contents are
 * named, not read. Dockerfile reference, "COPY".
 */
public final class CopyPlanner {
  private final CopyRequest request;
  private final LayerTree onto;
  private final LayerTree from;
  private final Ownership ownership;
  private final List<Pattern> excludes;
  private final Map<String, Planned> planned = new TreeMap<>();

  /** What one path of the new layer becomes. */
  public sealed interface Planned {
    record Made(Entry entry) implements Planned {}

    /** The content of a file of the sources. */
    record Content(Attributes attributes, long size, Place place) implements Planned {}

    /** A text. */
    record Text(Attributes attributes, String content) implements Planned {}

    /** A tar whose entries go into the directory of that path. */
    record Archive(long size, Place place) implements Planned {}
  }

  /** Where a file's content is: the layer, and which of its entries. */
  public record Place(int layer, int ordinal) {}

  private CopyPlanner(CopyRequest request, LayerTree onto, LayerTree from, Ownership ownership) {
    this.request = request;
    this.onto = onto;
    this.from = from;
    this.ownership = ownership;
    this.excludes = request.excludes().stream().map(CopyPlanner::exclude).toList();
  }

  private static Pattern exclude(String pattern) {
    return Globs.path(pattern.replaceFirst("^(\\.?/)+", ""));
  }

  /**
   * Parents first.
   *
   * @throws IllegalArgumentException saying which source or target is wrong
   */
  public static Map<String, Planned> plan(
      CopyRequest request, LayerTree onto, LayerTree from, Ownership ownership) {
    CopyPlanner planner = new CopyPlanner(request, onto, from, ownership);
    planner.copyAll();
    return planner.planned;
  }

  /** Names and contents of what the sources select, sorted. */
  public static List<String> selection(
      LayerTree from, List<String> sources, List<String> excludes) {
    List<Pattern> left = excludes.stream().map(CopyPlanner::exclude).toList();
    List<String> lines = new ArrayList<>();
    for (Sources.Match match : Sources.select(from, sources)) {
      lines.add("source " + match.path());
      describe(lines, "", match.node());
      if (match.node().isDirectory()) {
        from.below(match.path())
            .forEach(
                (path, node) -> {
                  String relative = relative(match.path(), path);
                  if (!isExcluded(left, relative)) {
                    describe(lines, relative, node);
                  }
                });
      }
    }
    return lines;
  }

  private static void describe(List<String> lines, String path, Node node) {
    lines.add(
        path
            + "\0"
            + node.kind()
            + "\0"
            + Integer.toOctalString(node.attributes().mode())
            + "\0"
            + node.digest());
  }

  private static String relative(String directory, String path) {
    return directory.isEmpty() ? path : path.substring(directory.length() + 1);
  }

  private static boolean isExcluded(List<Pattern> excludes, String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      String part = path.substring(0, end);
      if (excludes.stream().anyMatch(p -> p.matcher(part).matches())) {
        return true;
      }
    }
    return false;
  }

  private void copyAll() {
    List<Sources.Match> matches = Sources.select(from, request.sources());
    int count = matches.size() + request.files().size();
    String destination = onto.resolve(request.destination());
    boolean slash = request.destination().endsWith("/");
    if (count > 1 && !slash && request.sources().size() + request.files().size() > 1) {
      throw new IllegalArgumentException(
          "several sources: the destination must be a directory and end with /");
    }
    if (count == 0) {
      makeDirectory(destination, null);
    }
    boolean directory = slash || count > 1 || isDirectory(destination);
    for (Sources.Match match : matches) {
      copy(match, destination, directory);
    }
    request
        .files()
        .forEach(
            (name, text) -> {
              String target = directory ? join(destination, name) : destination;
              leaf(target, new Planned.Text(attributes(null, 0644), text));
            });
  }

  private boolean isDirectory(String path) {
    return onto.directory(path).isPresent();
  }

  private void copy(Sources.Match match, String destination, boolean directory) {
    boolean parents = request.options().contains(CopyRequest.Option.PARENTS);
    if (match.node().isDirectory()) {
      String target = parents ? join(destination, match.kept()) : destination;
      tree(match, target);
      return;
    }
    if (unpacks(match)) {
      parentsOf(join(destination, "x"), match.node());
      planned.put(
          join(destination, "\0" + planned.size()),
          new Planned.Archive(size(match.node()), place(match.node())));
      return;
    }
    String name = parents ? match.kept() : match.name();
    leaf(directory || parents ? join(destination, name) : destination, match.node());
  }

  private boolean unpacks(Sources.Match match) {
    CopyRequest.Option option =
        match.path().startsWith(ImageBuild.DOWNLOADS + "/")
            ? CopyRequest.Option.UNPACK_DOWNLOADS
            : CopyRequest.Option.UNPACK;
    return request.options().contains(option) && Archives.isOne(match.name());
  }

  private static long size(Node node) {
    return node.kind() instanceof Node.Kind.File(long size) ? size : 0;
  }

  private static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  /** The content of a directory; the directory that it goes to keeps what it has of its own. */
  private void tree(Sources.Match match, String target) {
    makeDirectory(target, match.node());
    from.below(match.path())
        .forEach(
            (path, node) -> {
              String relative = relative(match.path(), path);
              if (isExcluded(excludes, relative)) {
                return;
              }
              String place = join(target, relative);
              if (node.isDirectory()) {
                subdirectory(place, node);
              } else {
                leaf(place, node);
              }
            });
  }

  private void subdirectory(String path, Node source) {
    String place = throughLinks(path);
    parentsOf(place, source);
    refuseFileInTheWay(place);
    planned.put(place, made(new Entry.Directory(place, attributes(source, 0755))));
  }

  private void leaf(String path, Node node) {
    String place = inDirectory(path);
    parentsOf(place, node);
    planned.put(place, planned(place, node));
  }

  private void leaf(String path, Planned.Text text) {
    String place = inDirectory(path);
    parentsOf(place, null);
    planned.put(place, text);
  }

  private String inDirectory(String path) {
    String parent = onto.resolve(LayerTree.parent(path));
    String place = join(parent, path.substring(path.lastIndexOf('/') + 1));
    if (isDirectory(place) || planned.get(place) instanceof Planned.Made(Entry.Directory d)) {
      throw new IllegalArgumentException(
          "/" + place + " is a directory: a file cannot take its place");
    }
    return place;
  }

  /** A directory that a link in the image leads to stays that link. */
  private String throughLinks(String path) {
    String resolved = onto.resolve(path);
    return isDirectory(resolved)
        ? resolved
        : join(onto.resolve(LayerTree.parent(path)), path.substring(path.lastIndexOf('/') + 1));
  }

  private void refuseFileInTheWay(String path) {
    if (onto.has(path) && !isDirectory(path)) {
      throw new IllegalArgumentException(
          "/" + path + " is no directory: a directory cannot take its place");
    }
  }

  private Planned planned(String path, Node node) {
    Attributes attributes = attributes(node, 0644);
    return switch (node.kind()) {
      case Node.Kind.Directory d -> made(new Entry.Directory(path, attributes));
      case Node.Kind.File(long size) -> new Planned.Content(attributes, size, place(node));
      case Node.Kind.Symlink(String target) -> made(new Entry.Symlink(path, attributes, target));
      case Node.Kind.Fifo f -> made(new Entry.Fifo(path, attributes));
      case Node.Kind.Device(boolean block, int major, int minor) ->
          made(new Entry.Device(path, attributes, block, major, minor));
    };
  }

  private static Planned made(Entry entry) {
    return new Planned.Made(entry);
  }

  private static Place place(Node node) {
    return new Place(node.layer(), node.ordinal());
  }

  /** A layer names the directories above its files: what it does not say would be forgotten. */
  private void parentsOf(String path, @Nullable Node like) {
    String parent = LayerTree.parent(path);
    if (!parent.isEmpty()) {
      makeDirectory(parent, like);
    }
  }

  private void makeDirectory(String path, @Nullable Node like) {
    if (path.isEmpty() || planned.containsKey(path)) {
      return;
    }
    refuseFileInTheWay(path);
    parentsOf(path, like);
    Attributes kept =
        onto.directory(path)
            .orElseGet(
                () ->
                    new Attributes(
                        0755,
                        ownership.newUid(),
                        ownership.newGid(),
                        like == null ? 0 : like.attributes().mtimeNanos(),
                        Map.of()));
    planned.put(path, made(new Entry.Directory(path, kept)));
  }

  private Attributes attributes(@Nullable Node source, int otherwise) {
    return new Attributes(
        source == null
            ? ownership.mode(new Node.Kind.File(0), otherwise)
            : ownership.mode(source.kind(), source.attributes().mode()),
        source == null ? ownership.newUid() : ownership.uid(source.attributes()),
        source == null ? ownership.newGid() : ownership.gid(source.attributes()),
        source == null ? 0 : source.attributes().mtimeNanos(),
        source == null ? Map.of() : ownership.xattrs(source.attributes()));
  }
}
