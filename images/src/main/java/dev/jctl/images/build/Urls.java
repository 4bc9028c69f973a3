package dev.jctl.images.build;

import dev.jctl.images.ImageException;
import dev.jctl.images.build.BuildStep.Download;
import dev.jctl.images.build.BuildStep.Download.Repository.KeepGit;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.Globs;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.reference.Digest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pure: what ADD says of files of web servers and of git repositories. */
final class Urls {
  private static final String COMMIT = "[0-9a-f]{40}";

  private Urls() {}

  static boolean isOne(String source) {
    return source.matches("(https?|git|ssh)://.*|git@.*");
  }

  private static boolean isRepository(String url) {
    return url.matches("(git|ssh)://.*|git@.*|https?://[^?#]*\\.git([?#].*)?");
  }

  /**
   * @param number among those of its instruction
   * @param directory whether a file keeps its own name
   */
  static Download download(
      Position at,
      String url,
      int number,
      boolean directory,
      @Nullable String checksum,
      KeepGit keepGit) {
    if (isRepository(url)) {
      return repository(at, url, "repository-" + number, checksum, keepGit);
    }
    if (keepGit == KeepGit.YES) {
      throw wrong(at, url, "--keep-git-dir is for git repositories");
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
      return new Download.WebFile(
          uri,
          directory ? name : "file",
          checksum == null ? null : Digest.parse(checksum).toString());
    } catch (URISyntaxException e) {
      throw wrong(at, url, String.valueOf(e.getMessage()));
    } catch (ImageException e) {
      throw wrong(at, url, "--checksum: " + e.getMessage());
    }
  }

  private static Download.Repository repository(
      Position at, String address, String name, @Nullable String checksum, KeepGit keepGit) {
    if (checksum != null && !checksum.matches(COMMIT)) {
      throw wrong(at, address, "--checksum: expected the 40 hexadecimal digits of a commit");
    }
    try {
      return new Download.Repository(address, GitAddress.parse(address), keepGit, name, checksum);
    } catch (IllegalArgumentException e) {
      throw wrong(at, address, String.valueOf(e.getMessage()));
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
