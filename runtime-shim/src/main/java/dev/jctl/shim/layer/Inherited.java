package dev.jctl.shim.layer;

import dev.jctl.shim.io.Trees;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NativeSha256;
import dev.jctl.shim.spec.LayerEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Directories that a layer has files in and no entries of. Their mode, owner, times and attributes
 * are those that layers below give them; but overlayfs takes them from the uppermost layer that has
 * the directory. So one more layer is put above, which has these directories and nothing else: not
 * the same above every stack of layers.
 */
final class Inherited {
  static final String PREFIX = ".inherited-";
  private static final String LIST = "list";

  /** Holds the list of their names, and beside it a tree of them for each stack of layers. */
  private final Path place;

  private Inherited(Path place) {
    this.place = place;
  }

  static Inherited of(Path store, String layerId) {
    return new Inherited(store.resolve(PREFIX + layerId));
  }

  /** By its directory, of which the name begins with {@link #PREFIX}. */
  static Inherited at(Path place) {
    return new Inherited(place);
  }

  String layerId() {
    return place.getFileName().toString().substring(PREFIX.length());
  }

  boolean isEmpty() {
    return !Files.isDirectory(place);
  }

  /** In the place of what an earlier attempt left. */
  void put(Path list) throws IOException {
    Trees.delete(place);
    if (Files.size(list) > 0) {
      Files.createDirectory(place);
      Files.move(list, place.resolve(LIST));
    }
  }

  void moveTo(Path aside) throws IOException {
    if (!isEmpty()) {
      Files.move(place, aside, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /**
   * @param below ids of the layers
   */
  Path above(List<String> below) {
    return place.resolve(hash(String.join(" ", below)));
  }

  private static String hash(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(NativeSha256.of(bytes.length).digest(bytes));
  }

  /** All that there are; they can be made again. */
  List<Path> trees() {
    if (isEmpty()) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(place)) {
      return entries.filter(path -> !path.endsWith(LIST)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param layer the directory of the layer itself
   * @param view of the layers below
   * @param tree an empty directory, which is filled
   * @param log a file for its own use meanwhile
   */
  void write(Path layer, Path view, Path tree, Path log) {
    try (DirectoryFd own = DirectoryFd.open(layer.toString());
        DirectoryFd below = DirectoryFd.open(view.toString());
        LayerWriter writer = new LayerWriter(tree, log)) {
      writer.write(directory(own, "."));
      DirectoryLog.read(
          place.resolve(LIST),
          unnamed ->
              find(below, unnamed.path())
                  .ifPresent(
                      found -> {
                        writeNamedAbove(found.path(), own, tree, writer);
                        writer.write(found);
                      }));
      writer.finish(nothing -> {});
    }
  }

  /** What is above them and not there yet has an entry, and so is as the layer itself has it. */
  private static void writeNamedAbove(String path, DirectoryFd own, Path tree, LayerWriter writer) {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      String above = path.substring(0, slash);
      if (!Files.isDirectory(tree.resolve(above))) {
        writer.write(directory(own, above));
      }
    }
  }

  private static Optional<LayerEntry> find(DirectoryFd root, String path) {
    try {
      return Optional.of(directory(root, path));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static LayerEntry directory(DirectoryFd root, String path) {
    try (DirectoryFd directory = root.descend(path)) {
      return new LayerEntry.Directory(path, LayerReader.attributes(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
