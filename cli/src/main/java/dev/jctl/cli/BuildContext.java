package dev.jctl.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A build's context on its way to an instance that cannot read the directory: packed by a process
 * of its own ({@code dev.jctl.images.store.ContextMain}), then sent as a blob, unless it is there.
 */
final class BuildContext {
  private static final String PACKER = "dev.jctl.images.store.ContextMain";
  private static final String IMAGE = "docker-image://";
  private static final int MAX_ERROR_BYTES = 1 << 16;

  private BuildContext() {}

  /**
   * A further context, as {@code spec.build.contexts} has it.
   *
   * @param image name of the Image
   * @param option {@code NAME=PATH}, {@code NAME=docker-image://REFERENCE}, or with a git
   *     repository
   */
  static ObjectNode named(Invocation in, String image, String option)
      throws IOException, InterruptedException {
    int equals = option.indexOf('=');
    if (equals < 1 || equals == option.length() - 1) {
      throw new UsageException("--build-context takes NAME=PATH, not " + option);
    }
    ObjectNode context = Json.object().put("name", option.substring(0, equals));
    String value = option.substring(equals + 1);
    if (value.startsWith(IMAGE)) {
      return context.put("image", value.substring(IMAGE.length()));
    }
    if (isRepository(value)) {
      return context.put("repository", value);
    }
    Path directory = Path.of(value).toAbsolutePath().normalize();
    return in.engine().isLocal()
        ? context.put("path", directory.toString())
        : context.put("digest", send(in, image, directory, ""));
  }

  /**
   * Whether it is what docker takes for a git repository, and not a directory.
   *
   * @throws UsageException that it is neither
   */
  static boolean isRepository(String context) {
    boolean repository = context.matches("(git|ssh)://.*|git@.*|https?://[^?#]*\\.git([?#].*)?");
    if (!repository && context.contains("://")) {
      throw new UsageException(
          context + ": expected a directory, or a git repository whose URL ends in .git");
    }
    return repository;
  }

  /**
   * @param name of the Image, whose repository holds the blob until the Image names it
   * @param dockerfile its path there; empty: none says what is left out
   * @return the digest
   */
  static String send(Invocation in, String name, Path context, String dockerfile)
      throws IOException, InterruptedException {
    Path tar = Files.createTempFile("jctl-context", ".tar");
    try {
      String digest = pack(context, dockerfile, tar);
      String blobs = "/v2/" + in.namespace() + "/" + name + "/blobs/";
      if (!in.api().has(Target.path(blobs + digest))) {
        in.api().upload(Target.path(blobs + "uploads/").with("digest", digest), tar);
      }
      return digest;
    } finally {
      Files.delete(tar);
    }
  }

  private static String pack(Path context, String dockerfile, Path tar)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile("jctl-context", ".err");
    try {
      Process packer =
          new ProcessBuilder(command(context.toString(), dockerfile))
              .redirectError(errors.toFile())
              .start();
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      try (InputStream packed = packer.getInputStream();
          OutputStream out = new DigestOutputStream(Files.newOutputStream(tar), sha256)) {
        packed.transferTo(out);
      }
      if (packer.waitFor() != 0) {
        throw new CommandFailure(ExitCode.FAILED, first(errors));
      }
      return "sha256:" + HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } finally {
      Files.delete(errors);
    }
  }

  private static String first(Path errors) throws IOException {
    try (InputStream in = Files.newInputStream(errors)) {
      return new String(in.readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8).strip();
    }
  }

  /** The controller's jars lie beside the command's. */
  private static List<String> command(String context, String dockerfile) {
    Path jar =
        Path.of(BuildContext.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    Path controller = jar.resolveSibling("../controller/jctl-controller.jar").normalize();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return List.of(
        java.toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        controller.toString(),
        PACKER,
        context,
        dockerfile);
  }
}
