package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A C program compiled in one stage and copied to the next, by us and by buildah. */
final class BuildahPrivilegedIT {
  @Test
  void aBuildInTwoStagesMakesWhatBuildahMakesAndIsCached() {
    Ran compared =
        Bench.run(
            Duration.ofMinutes(3),
            List.of("buildah", "skopeo", "umoci", "getfattr", "jq", "gcc"),
            "build",
            "host",
            "10");

    assertThat(compared.ok().out())
        .containsPattern("config +the same")
        .containsPattern("files +the same")
        .containsPattern("cached +\\d\\.");
  }
}
