package dev.jctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build takes off the libraries that it runs with. */
final class RemoveSignaturesIT {
  private static final Path PROGRAM =
      Path.of(System.getProperty("jctl.root", ".")).resolve("bin/lib/RemoveSignatures.java");

  @TempDir private Path directory;

  @Test
  void leavesWhatAJarIsFor() throws Exception {
    Path jar = directory.resolve("signed library.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MULTI_RELEASE, "true");
    Attributes digest = new Attributes();
    digest.putValue("SHA-256-Digest", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    manifest.getEntries().put("a/Library.class", digest);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (String name :
          List.of(
              "META-INF/BC2048KE.SF",
              "META-INF/BC2048KE.RSA",
              "META-INF/services/a.Provider",
              "a/Library.class")) {
        out.putNextEntry(new ZipEntry(name));
        out.write(name.getBytes(StandardCharsets.US_ASCII));
      }
    }

    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                PROGRAM.toString(),
                jar.toString())
            .inheritIO()
            .start();

    assertThat(run.waitFor()).isZero();
    try (JarFile left = new JarFile(jar.toFile())) {
      assertThat(left.stream().map(ZipEntry::getName))
          .containsExactlyInAnyOrder(
              "META-INF/MANIFEST.MF", "META-INF/services/a.Provider", "a/Library.class");
      assertThat(left.getManifest().getEntries()).isEmpty();
      assertThat(left.isMultiRelease()).isTrue();
      assertThat(left.getInputStream(left.getEntry("a/Library.class")))
          .hasContent("a/Library.class");
    }
  }
}
