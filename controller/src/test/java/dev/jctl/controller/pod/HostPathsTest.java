package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.Source;
import dev.jctl.shim.spec.ContainerSpec.VolumeMount;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPathsTest {
  @TempDir Path directory;

  private HostPaths read(String text) throws IOException {
    return HostPaths.read(Files.writeString(directory.resolve("host-paths"), text));
  }

  @Test
  void withoutAFileAllAreAllowedAndWithAnEmptyOneNone() throws IOException {
    assertThat(HostPaths.read(directory.resolve("absent")).refusal("/etc")).isEmpty();
    assertThat(read("# nothing\n").refusal("/etc")).isPresent();
  }

  @Test
  void onlyWhatIsBelowAPrefixIsAllowedHoweverItIsWritten() throws IOException {
    HostPaths paths = read("/srv/data\n/var/log/\n");
    assertThat(paths.refusal("/srv/data")).isEmpty();
    assertThat(paths.refusal("/var/log/app")).isEmpty();
    assertThat(paths.refusal("/srv/database"))
        .contains(
            "hostPath /srv/database is not allowed on this machine; allowed is what is below"
                + " /srv/data, /var/log");
    assertThat(paths.refusal("/srv/data/../../etc")).isPresent();
  }

  private static HostPathVolumeSource source(String path, @Nullable String type) {
    return new HostPathVolumeSource(path, type);
  }

  @Test
  void thePrefixIsMountedAndTheRestFoundBeneathIt() throws IOException {
    HostPaths paths = read("/srv\n/srv/data");
    assertThat(paths.mount(source("/srv/data/a/", null), "/x", true, "b", Manner.PLAIN))
        .isEqualTo(new VolumeMount(new Source.HostPath("/srv/data"), "/x", true, "a/b"));
    assertThat(paths.mount(source("/srv", ""), "/x", false, "", Manner.PLAIN))
        .isEqualTo(new VolumeMount(new Source.HostPath("/srv"), "/x", false, ""));
    assertThat(HostPaths.ALL.mount(source("/etc", "File"), "/x", false, "b", Manner.PLAIN))
        .as("what has a part cannot be a file")
        .isEqualTo(new VolumeMount(new Source.HostPath("/etc"), "/x", false, "b"));
    assertThat(paths.mount(source("/srv/a", "Socket"), "/x", false, "", Manner.PLAIN))
        .isEqualTo(new VolumeMount(new Source.HostPath("/srv", "Socket"), "/x", false, "a"));
  }
}
