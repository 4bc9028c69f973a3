package dev.jctl.shim.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.exec.RootMounts.LayerList;
import dev.jctl.shim.exec.RootMounts.MappedLayers;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.MountTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In all ways in which kernels are told of layers; all that know a newer one know the older. */
final class RootMountsPrivilegedIT {
  private static final int LAYERS = 40;
  private static final long MS_SHARED = 1 << 20;

  /** Who the root of a sandbox is outside. */
  private static final int FIRST = 1_000_000;

  @TempDir Path scratch;
  private Path directory;

  /**
   * Beneath a shared mount, as under systemd: what is mounted beneath a copy of it is seen here.
   */
  @BeforeEach
  void mountShared() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it mounts");
    directory = Files.createDirectory(scratch.resolve("data"));
    Kernel.mount(directory.toString(), directory.toString(), "", Kernel.MS_BIND, "");
    Kernel.mount("", directory.toString(), "", MS_SHARED, "");
  }

  @AfterEach
  void unmount() {
    if (directory != null) {
      RootMounts.detach(directory);
    }
  }

  @ParameterizedTest
  @EnumSource
  void layersOfAnyNameAndNumberAreOneAboveTheOther(LayerList list) throws IOException {
    requireKnown(list);
    List<Path> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      // longer together than a page, and with what separates options and layers
      layers.add(layer("a,b:c\\d" + "-".repeat(100) + i, Integer.toString(i)));
    }
    RootMounts.mount(layers, directory, list);
    Path root = Launcher.rootfs(directory);
    assertThat(root.resolve("top")).hasContent(Integer.toString(LAYERS - 1));
    assertThat(root.resolve("only-0")).exists();
    Files.writeString(root.resolve("top"), "changed");
    assertThat(directory.resolve("upper/top")).hasContent("changed");
    assertThat(layers.getLast().resolve("top")).hasContent(Integer.toString(LAYERS - 1));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsInAnImageIsShownAlsoByPaths(LayerList list) throws IOException {
    requireKnown(list);
    List<Path> layers = new ArrayList<>();
    for (String name : List.of("a,b:c", "d")) {
      layers.add(layer(name, name));
    }
    List<MountTree> trees = layers.stream().map(MountTree::copyOfTop).toList();
    try (MountTree tree = ImageTrees.overlayOfMounts(layers, trees, list)) {
      Path root = Path.of("/proc/self/fd/" + tree.fd());
      assertThat(root.resolve("top")).hasContent("d");
      assertThat(root.resolve("only-a,b:c")).exists();
    } finally {
      trees.forEach(MountTree::close);
    }
  }

  @ParameterizedTest
  @CsvSource({"AS_TREES, ONE_BY_ONE", "BY_OWN_MOUNTS, ONE_BY_ONE", "BY_OWN_MOUNTS, ONE_TEXT"})
  void layersAreSeenAsOfTheUsersOfASandbox(MappedLayers way, LayerList list) throws IOException {
    requireKnown(list);
    assumeTrue(
        way == MappedLayers.BY_OWN_MOUNTS || MappedLayers.ofKernel() == way,
        "needs a kernel that takes trees as layers");
    List<Path> layers = List.of(layer("a", "a"), layer("b", "b"));
    Path container = Files.createDirectory(directory.resolve("container"));
    Path namespaces = Files.createDirectory(directory.resolve("namespaces"));
    UserNamespaces.make(Machinery.ofCommand(), namespaces, FIRST);
    try {
      Users users = new Users(namespaces.resolve("user"), FIRST);
      RootMounts.mount(layers, container, directory, users, way, list);
      Path root = Launcher.rootfs(container);
      assertThat(Files.getAttribute(root.resolve("only-a"), "unix:uid")).isEqualTo(FIRST);
      Files.writeString(root.resolve("top"), "changed");
      assertThat(Files.getAttribute(root.resolve("top"), "unix:uid")).isEqualTo(FIRST);
      assertThat(Files.getAttribute(container.resolve("upper/top"), "unix:uid")).isEqualTo(0);
      assertThat(layers.getLast().resolve("top")).hasContent("b");
      RootMounts.unmount(container);
      assertThat(root).isEmptyDirectory();
    } finally {
      SandboxNamespaces.remove(namespaces);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void layersAreTakenFromATreeOnWhichNothingIsMountedIfTheyAreThere(boolean link)
      throws IOException {
    assumeTrue(
        MappedLayers.ofKernel() == MappedLayers.AS_TREES,
        "needs a kernel that takes trees as layers");
    Path container = Files.createDirectory(directory.resolve("container"));
    Path layer = layer("a", "a");
    if (link) {
      layer = Files.createSymbolicLink(directory.resolve("link"), Path.of("a"));
    }
    try (MountTree bare = RootMounts.bare(directory)) {
      RootMounts.mount(List.of(layer), container, directory, bare, LayerList.ofKernel());
      Path root = Launcher.rootfs(container);
      assertThat(root.resolve("top")).hasContent("a");
      Files.writeString(root.resolve("top"), "changed");
      assertThat(container.resolve("upper/top")).hasContent("changed");
      Path inTree = Path.of("/proc/self/fd/" + bare.fd());
      assertThat(inTree.resolve("container/merged")).isEmptyDirectory();
      RootMounts.unmount(container);
    }
  }

  private static void requireKnown(LayerList list) {
    assumeTrue(
        list == LayerList.ONE_TEXT || LayerList.ofKernel() == list,
        "needs a kernel that takes layers one by one");
  }

  /** With a file that all have, which says the mark, and one that only it has. */
  private Path layer(String name, String mark) throws IOException {
    Path layer = Files.createDirectory(directory.resolve(name));
    Files.writeString(layer.resolve("top"), mark);
    Files.writeString(layer.resolve("only-" + mark), "");
    return layer;
  }
}
