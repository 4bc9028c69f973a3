package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CgroupsPathTest {
  @Test
  void aPathIsTakenFromAHierarchysRoot() {
    assertThat(CgroupsPath.of("/libpod_parent/libpod-7", "c"))
        .isEqualTo(new CgroupsPath("libpod_parent", "libpod-7"));
    assertThat(CgroupsPath.of("/c", "c")).isEqualTo(new CgroupsPath("", "c"));
    assertThat(CgroupsPath.of(null, "c")).isEqualTo(new CgroupsPath("", "jshim-c"));
  }

  @Test
  void theFormOfSystemdIsThePathOfItsScope() {
    assertThat(CgroupsPath.of("machine-a.slice:libpod:7", "c"))
        .isEqualTo(new CgroupsPath("machine.slice/machine-a.slice", "libpod-7.scope"));
    assertThat(CgroupsPath.of(":docker:7", "c"))
        .isEqualTo(new CgroupsPath("system.slice", "docker-7.scope"));
  }

  @Test
  void nothingAboveAHierarchysRootIsNamed() {
    assertThatThrownBy(() -> CgroupsPath.of("/a/../../b", "c"))
        .hasMessageStartingWith("linux.cgroupsPath: ");
    assertThatThrownBy(() -> CgroupsPath.of("/", "c")).hasMessageStartingWith("linux.cgroupsPath");
  }
}
