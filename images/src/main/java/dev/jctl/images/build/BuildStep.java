package dev.jctl.images.build;

import dev.jctl.images.dockerfile.Instruction.CopyOption;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.oci.ConfigDraft;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One step of a stage, with every variable replaced. */
public sealed interface BuildStep {
  Position at();

  /** As the history shows it. */
  String text();

  /** What the image says once it is done. */
  ConfigDraft after();

  /**
   * A command in a container.
   *
   * @param env all variables, also those of ARG
   * @param keyEnv those that its result hangs on: without proxies
   * @param network {@code default}, {@code none} or {@code host}
   */
  record Run(
      Position at,
      String text,
      ConfigDraft after,
      List<String> arguments,
      Map<String, String> env,
      Map<String, String> keyEnv,
      String user,
      String workingDir,
      List<RunMount> mounts,
      String network)
      implements BuildStep {
    public Run {
      arguments = List.copyOf(arguments);
      mounts = List.copyOf(mounts);
    }
  }

  /**
   * Files of the context, of another stage or of an image.
   *
   * @param downloads what is taken from web servers and git repositories
   * @param destination absolute; a slash at the end means a directory
   * @param files texts that stand in the Dockerfile, by name
   */
  record Copy(
      Position at,
      String text,
      ConfigDraft after,
      @Nullable String from,
      List<String> sources,
      List<Download> downloads,
      Map<String, String> files,
      String destination,
      @Nullable String chown,
      @Nullable String chmod,
      List<String> excludes,
      Set<CopyOption> options)
      implements BuildStep {
    public Copy {
      sources = List.copyOf(sources);
      downloads = List.copyOf(downloads);
      excludes = List.copyOf(excludes);
      options = Set.copyOf(options);
    }
  }

  /** What ADD takes from elsewhere. */
  sealed interface Download {
    /** Below which it is a source: of the file, or of the directory. */
    String name();

    /** As it was written. */
    String address();

    /**
     * A file of a web server.
     *
     * @param checksum {@code sha256:…}; null: whatever it is
     */
    record WebFile(URI uri, String name, @Nullable String checksum) implements Download {
      @Override
      public String address() {
        return uri.toString();
      }
    }

    /**
     * The files of a commit of a git repository.
     *
     * @param checksum the commit that it must be; null: whatever it is
     */
    record Repository(
        String address, GitAddress files, KeepGit keepGit, String name, @Nullable String checksum)
        implements Download {
      /** Whether its {@code .git} comes too. */
      public enum KeepGit {
        NO,
        YES
      }
    }
  }

  /** A directory that is there afterwards. */
  record Directory(Position at, String text, ConfigDraft after, String path) implements BuildStep {}

  /** Changes only what the image says. */
  record Note(Position at, String text, ConfigDraft after) implements BuildStep {}
}
