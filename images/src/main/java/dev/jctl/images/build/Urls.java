package dev.jctl.images.build;

import dev.jctl.images.ImageException;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.Globs;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.reference.Digest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pure: what ADD says of files of web servers. */
final class Urls {
  private Urls() {}

  static boolean isOne(String source) {
    return source.matches("(https?|git|ssh)://.*|git@.*");
  }

  /**
   * @param directory whether it keeps its own name
   */
  static BuildStep.Download download(
      Position at, String url, boolean directory, @Nullable String checksum) {
    if (url.matches("(git|ssh)://.*|git@.*|https?://[^?#]*\\.git([?#].*)?")) {
      throw wrong(at, url, "repositories are not fetched; clone it in a RUN, or before the build");
    }
    try {
      URI uri = new URI(url);
      if (uri.getHost() == null) {
        throw wrong(at, url, "it names no host");
      }
      String name = name(uri);
      if (directory && (name.isEmpty() || Globs.isGlob(name))) {
        throw wrong(at, url, "its path does not end in a name; give a destination that is a file");
      }
      return new BuildStep.Download(
          uri,
          directory ? name : "file",
          checksum == null ? null : Digest.parse(checksum).toString());
    } catch (URISyntaxException e) {
      throw wrong(at, url, String.valueOf(e.getMessage()));
    } catch (ImageException e) {
      throw wrong(at, url, "--checksum: " + e.getMessage());
    }
  }

  private static String name(URI uri) {
    String path = Objects.requireNonNullElse(uri.getPath(), "");
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static DockerfileException wrong(Position at, String url, String why) {
    return new DockerfileException(at, "ADD: " + url + ": " + why);
  }
}
