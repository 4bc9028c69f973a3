package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.Keyring;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.IncomingBlob;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up, for real: a small tmpfs. */
class FullImageDiskPrivilegedIT {
  @TempDir Path temp;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it mounts a tmpfs");
    disk = Files.createDirectory(temp.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", disk.toString());
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private void makeRoom() throws Exception {
    run("mount", "-o", "remount,size=8m", disk.toString());
  }

  /** Half of a blob fits: it is neither the registry's fault, nor gone on with from there. */
  @Test
  void aPullSaysThatTheDiskIsFullAndLaterBringsTheWholeImage() throws Exception {
    Path layout = temp.resolve("layout");
    Skopeo.layout(layout);
    try (ScriptedRegistry registry = new ScriptedRegistry(layout);
        ImageStore store = ContentImageStore.open(disk.resolve("store"), Stores.AMD64)) {
      String manifest = manifest(layout);
      ImageSource source =
          new ImageSource.Reference(registry.host() + "/team/web@" + manifest, Keyring.EMPTY);
      assertThatThrownBy(() -> store.load(source, progress -> {}))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE))
          .hasMessageStartingWith(registry.host() + "/team/web@" + manifest + ": blob sha256:")
          .hasMessageEndingWith(": No space left on device. Free some space and try again");
      assertThat(disk.resolve("store/ingest")).isEmptyDirectory();
      makeRoom();
      assertThat(Contents.of(store, store.load(source, progress -> {}))).hasSize(4);
    }
  }

  private String manifest(Path layout) {
    try (ImageStore roomy = ContentImageStore.open(temp.resolve("roomy"), Stores.AMD64)) {
      return roomy.load(new ImageSource.Archive(layout, null), progress -> {}).manifestDigest();
    }
  }

  /** Of what a build adds: nobody's server can fill it. */
  @Test
  void aFileWithoutEndIsGivenUpWhereHalfOfTheRoomIsTaken() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
              out.write(new byte[1 << 10]);
            }
          }
        });
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/endless");
    try (ImageStore store = ContentImageStore.open(disk.resolve("store"), Stores.AMD64);
        ImageBuild build = store.build(null)) {
      long room = Files.getFileStore(disk).getUsableSpace() / 2;
      assertThatThrownBy(() -> build.download("ADD x", uri, "endless", null))
          .hasFieldOrPropertyWithValue("reason", Reason.NO_SPACE)
          .hasMessage("ADD x: it has more than %d bytes, for which there is no room", room);
      assertThat(disk.resolve("store/ingest")).isEmptyDirectory();
    } finally {
      server.stop(0);
    }
  }

  /** A client goes on where it is told that it was: what a full disk took beyond does not count. */
  @Test
  void anUploadThatFoundTheDiskFullGoesOnWhereItWas() throws Exception {
    byte[] content = new byte[300_000];
    new Random(7).nextBytes(content);
    Digest digest = Digest.of(content);
    BlobStore blobs = BlobStore.open(disk.resolve("store"), size -> Digest.sha256());
    try (IncomingBlob upload = blobs.incoming()) {
      upload.append(new ByteArrayInputStream(content, 0, 50_000));
      assertThatThrownBy(() -> upload.append(new ByteArrayInputStream(content, 50_000, 200_000)))
          .hasFieldOrPropertyWithValue("reason", Reason.NO_SPACE);
      makeRoom();
      int taken = (int) upload.count();
      assertThat(taken).isBetween(50_000, 100_000);
      upload.append(new ByteArrayInputStream(content, taken, content.length - taken));
      upload.finish("test", digest, Instant.now());
    }
    assertThat(blobs.path(digest)).hasBinaryContent(content);
    assertThat(disk.resolve("store/ingest")).isEmptyDirectory();
  }
}
