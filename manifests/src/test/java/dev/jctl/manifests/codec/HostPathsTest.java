package dev.jctl.manifests.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class HostPathsTest {
  @Test
  void makesPathsOfImagesAbsoluteAndLeavesTheRest() {
    ManifestDocument document =
        ManifestReader.read(
                "m.yaml",
                """
                apiVersion: jctl.dev/v1
                kind: Image
                metadata: {name: web}
                spec:
                  files:
                  - {path: /bin/sh, hostPath: ../busybox}
                  - {path: /bin/ls, hostPath: /usr/bin/ls}
                  - {path: /a, content: ./b}
                """)
            .getFirst();
    assertThat(HostPaths.absolute(document, Path.of("/home/me/web")).tree().at("/spec/files"))
        .hasToString(
            "[{\"path\":\"/bin/sh\",\"hostPath\":\"/home/me/busybox\"},"
                + "{\"path\":\"/bin/ls\",\"hostPath\":\"/usr/bin/ls\"},"
                + "{\"path\":\"/a\",\"content\":\"./b\"}]");
    assertThat(document.tree().at("/spec/files/0/hostPath").asText()).isEqualTo("../busybox");
  }

  @Test
  void contextsOfABuildTooButNotWhatIsAnImage() {
    ManifestDocument document =
        ManifestReader.read(
                "stdin",
                """
                apiVersion: jctl.dev/v1
                kind: Image
                metadata: {name: web}
                spec:
                  build: {context: ., contexts: [{name: lib, path: ../lib}, {name: base, image: ./b}]}
                """)
            .getFirst();
    assertThat(HostPaths.absolute(document, Path.of("/home/me/web")).tree().at("/spec/build"))
        .hasToString(
            "{\"context\":\"/home/me/web\",\"contexts\":[{\"name\":\"lib\",\"path\":\"/home/me/lib\"},"
                + "{\"name\":\"base\",\"image\":\"./b\"}]}");
  }
}
