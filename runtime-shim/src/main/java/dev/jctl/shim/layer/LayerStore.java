package dev.jctl.shim.layer;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Trees;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.InodeFlags;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.LayerEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unpacked layers, one directory each. A layer is written aside and renamed when it is whole.
 *
 * <p>Nobody waits for the disk: a layer is usable at once, and is synced behind the caller's back;
 * only then a marker says that it is durable. After a power failure layers without the marker are
 * dropped, since they may be damaged, and unpacked again when they are needed.
 */
public final class LayerStore {
  private static final Logger LOG = LoggerFactory.getLogger(LayerStore.class);
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final String DURABLE = ".durable-";
  private static final String ASIDE = ".aside-";
  private static final String TREE = "tree";
  private static final String LOG_FILE = "log";

  private final Path root;
  private final ConcurrentHashMap<String, CompletableFuture<@Nullable Void>> unpacking =
      new ConcurrentHashMap<>();
  private final AtomicLong serial = new AtomicLong();
  private final ReentrantLock inheriting = new ReentrantLock();

  /**
   * @param root made when it is not there
   */
  public LayerStore(Path root) throws IOException {
    this.root = Files.createDirectories(root);
    InodeFlags.spread(root);
  }

  public Path directory(String layerId) {
    if (!ID.matcher(layerId).matches()) {
      throw new RuntimeFailure(Reason.INVALID, "not a layer id: " + layerId);
    }
    return root.resolve(layerId);
  }

  /** Shows what layers, lowest first, come to, as a directory while {@code user} runs. */
  @FunctionalInterface
  public interface Viewer {
    void show(List<Path> layers, Consumer<Path> user);
  }

  /**
   * What an overlay is to be made of that is to show these layers; all of them are here.
   *
   * @param layerIds lowest first, as what is given back
   */
  public List<Path> stack(List<String> layerIds, Viewer viewer) {
    List<Path> stack = new ArrayList<>();
    for (int i = 0; i < layerIds.size(); i++) {
      Path layer = directory(layerIds.get(i));
      Inherited inherited = Inherited.of(root, layerIds.get(i));
      if (i == 0 || inherited.isEmpty()) {
        stack.add(layer);
      } else {
        List<Path> below = List.copyOf(stack);
        Path tree = inherited.above(layerIds.subList(0, i));
        makeInherited(inherited, tree, layer, user -> viewer.show(below, user));
        stack.addAll(List.of(layer, tree));
      }
    }
    return stack;
  }

  private void makeInherited(
      Inherited inherited, Path tree, Path layer, Consumer<Consumer<Path>> below) {
    inheriting.lock();
    try {
      if (!Files.isDirectory(tree)) {
        whileAside(
            "directories that layer " + layer.getFileName() + " has from below",
            aside -> {
              Path made = Files.createDirectory(aside.resolve(TREE));
              below.accept(view -> inherited.write(layer, view, made, aside.resolve(LOG_FILE)));
              Files.move(made, tree, StandardCopyOption.ATOMIC_MOVE);
            });
      }
    } finally {
      inheriting.unlock();
    }
  }

  public Set<String> layers() {
    return entries().stream()
        .map(path -> path.getFileName().toString())
        .filter(name -> !name.startsWith("."))
        .collect(Collectors.toUnmodifiableSet());
  }

  private List<Path> entries() {
    try (Stream<Path> entries = Files.list(root)) {
      return entries.toList();
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.KERNEL, "list " + root + ": " + e.getMessage(), e);
    }
  }

  /** See {@link dev.jctl.shim.ContainerRuntime#unpackLayer}. */
  public void unpack(String layerId, Iterator<LayerEntry> entries) {
    Path target = directory(layerId);
    CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> others = unpacking.putIfAbsent(layerId, mine);
    if (others != null) {
      join(others);
      return;
    }
    try {
      if (!Files.isDirectory(target)) {
        unpackAside(target, entries);
      }
      mine.complete(null);
    } catch (RuntimeException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      unpacking.remove(layerId);
    }
  }

  private static void join(CompletableFuture<@Nullable Void> others) {
    try {
      others.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeFailure failure) {
        throw new RuntimeFailure(failure.reason(), String.valueOf(failure.getMessage()), e);
      }
      throw e;
    }
  }

  private Path aside() {
    return root.resolve(ASIDE + serial.incrementAndGet());
  }

  private void unpackAside(Path target, Iterator<LayerEntry> entries) {
    whileAside(
        "unpack layer " + target.getFileName(),
        aside -> {
          Path tree = Files.createDirectory(aside.resolve(TREE));
          Path inherited = aside.resolve("inherited");
          write(tree, entries, aside.resolve(LOG_FILE), inherited);
          Inherited.of(root, target.getFileName().toString()).put(inherited);
          Files.move(tree, target, StandardCopyOption.ATOMIC_MOVE);
        });
    Thread.ofVirtual().name("sync-layer").start(() -> makeDurable(target));
  }

  private static void write(Path tree, Iterator<LayerEntry> entries, Path log, Path inheritedList) {
    try (LayerWriter writer = new LayerWriter(tree, log);
        DirectoryLog inherited = new DirectoryLog(inheritedList)) {
      while (entries.hasNext()) {
        writer.write(entries.next());
      }
      writer.finish(inherited::unnamed);
    }
  }

  private interface AsideWork {
    void in(Path aside) throws IOException;
  }

  /** In a directory that is there meanwhile, and counts for nothing. */
  private void whileAside(String what, AsideWork work) {
    Path aside = aside();
    try {
      Trees.delete(aside);
      Files.createDirectory(aside);
      work.in(aside);
      Trees.delete(aside);
    } catch (KernelException e) {
      throw undo(aside, failure(what, e));
    } catch (IOException | UncheckedIOException e) {
      throw undo(aside, failure(what, e));
    } catch (RuntimeException e) {
      throw undo(aside, e);
    }
  }

  private static RuntimeFailure failure(String what, KernelException e) {
    boolean full = e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT);
    return failure(what, full, e);
  }

  private static RuntimeFailure failure(String what, Exception e) {
    return failure(what, String.valueOf(e.getMessage()).contains("No space left"), e);
  }

  private static RuntimeFailure failure(String what, boolean full, Exception e) {
    return new RuntimeFailure(
        full ? Reason.NO_SPACE : Reason.KERNEL, what + ": " + e.getMessage(), e);
  }

  private static RuntimeException undo(Path aside, RuntimeException cause) {
    try {
      Trees.delete(aside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    return cause;
  }

  private void makeDurable(Path layer) {
    try (DirectoryFd directory = DirectoryFd.open(layer.toString())) {
      directory.syncFileSystem();
      if (!Files.isDirectory(layer)) {
        return; // removed meanwhile, and perhaps the store with it
      }
      Files.createFile(marker(layer));
      if (!Files.isDirectory(layer)) {
        Files.deleteIfExists(marker(layer)); // just now
      }
    } catch (KernelException | IOException e) {
      LOG.debug("layer {} is not marked as durable: {}", layer, e.getMessage());
    }
  }

  private Path marker(Path layer) {
    return root.resolve(DURABLE + layer.getFileName());
  }

  /**
   * Makes it invisible at once; a no-op when it is not there. The caller knows that nobody uses it,
   * and then gives the result to {@link #discard}.
   */
  public Optional<Path> detach(String layerId) {
    Path layer = directory(layerId);
    Path aside = aside();
    try {
      Files.deleteIfExists(marker(layer));
      if (!Files.isDirectory(layer)) {
        return Optional.empty();
      }
      Files.createDirectory(aside);
      Files.move(layer, aside.resolve(TREE), StandardCopyOption.ATOMIC_MOVE);
      Inherited.of(root, layerId).moveTo(aside.resolve("inherited"));
      return Optional.of(aside);
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.KERNEL, "remove layer " + layerId + ": " + e.getMessage(), e);
    }
  }

  /** Deletes what was detached. */
  public void discard(Path detached) {
    try {
      Trees.delete(detached);
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.KERNEL, "delete layer: " + e.getMessage(), e);
    }
  }

  /** At a start: drops what was left half-way, or over. */
  public void sweep() {
    for (Path entry : entries()) {
      String name = entry.getFileName().toString();
      if (name.startsWith(ASIDE) || isOfNoLayer(name, entry)) {
        deleteLogged(entry);
      }
    }
  }

  private boolean isOfNoLayer(String name, Path entry) {
    return name.startsWith(Inherited.PREFIX)
        && !Files.isDirectory(root.resolve(Inherited.at(entry).layerId()));
  }

  /** After a reboot: drops what may not have reached the disk. */
  public void dropUnsynced() {
    for (String layer : layers()) {
      Inherited.of(root, layer).trees().forEach(LayerStore::deleteLogged);
      if (!Files.exists(marker(root.resolve(layer)))) {
        LOG.info("layer {} may be incomplete after the reboot: dropped", layer);
        deleteLogged(root.resolve(layer));
      }
    }
  }

  private static void deleteLogged(Path path) {
    try {
      Trees.delete(path);
    } catch (IOException e) {
      LOG.warn("delete {}: {}", path, e.getMessage());
    }
  }
}
