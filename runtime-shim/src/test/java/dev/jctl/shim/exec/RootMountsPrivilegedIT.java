package dev.jctl.shim.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.exec.RootMounts.LayerList;
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
import org.junit.jupiter.params.provider.EnumSource;

/** In both ways in which kernels are told of layers; all that know the newer one know the older. */
final class RootMountsPrivilegedIT {
  private static final int LAYERS = 40;

  @TempDir Path directory;

  @BeforeEach
  void needsRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it mounts");
  }

  @AfterEach
  void unmount() {
    RootMounts.unmount(directory);
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
    try (MountTree tree = ImageTrees.overlay(layers, list)) {
      Path root = Path.of("/proc/self/fd/" + tree.fd());
      assertThat(root.resolve("top")).hasContent("d");
      assertThat(root.resolve("only-a,b:c")).exists();
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
