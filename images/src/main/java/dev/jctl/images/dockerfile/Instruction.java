package dev.jctl.images.dockerfile;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One instruction as it was written; variables are not yet replaced.
 *
 * @see <a href="https://docs.docker.com/reference/dockerfile/">Dockerfile reference</a>
 */
public sealed interface Instruction {
  Position at();

  /** As it was written, on one line. */
  String text();

  /** {@code NAME=value}; {@code value} null: an ARG without a default. */
  record Setting(String name, @Nullable String value) {}

  /**
   * @param mounts values of {@code --mount}
   * @param network {@code default}, {@code none} or {@code host}
   */
  record Run(Position at, String text, Command command, List<String> mounts, String network)
      implements Instruction {
    public Run {
      mounts = List.copyOf(mounts);
    }
  }

  /** What COPY and ADD do differently from their plain form. */
  enum CopyOption {
    /** ADD: a tar archive of the context is unpacked. */
    UNPACK,
    /** ADD: so is one of a URL. */
    UNPACK_DOWNLOADS,
    /** ADD: of a git repository its {@code .git} comes, too. */
    KEEP_GIT_DIRECTORY,
    /** The result does not hang on what is there already. */
    LINK,
    /** The sources' directories are kept. */
    PARENTS
  }

  /**
   * COPY and ADD.
   *
   * @param from a stage or image; null for the context
   * @param checksum of the one URL that there is
   */
  record Copy(
      Position at,
      String text,
      List<String> sources,
      List<Heredoc> inline,
      String destination,
      @Nullable String from,
      @Nullable String chown,
      @Nullable String chmod,
      @Nullable String checksum,
      List<String> excludes,
      Set<CopyOption> options)
      implements Instruction {
    public Copy {
      sources = List.copyOf(sources);
      inline = List.copyOf(inline);
      excludes = List.copyOf(excludes);
      options = Set.copyOf(options);
    }
  }

  record Env(Position at, String text, List<Setting> settings) implements Instruction {
    public Env {
      settings = List.copyOf(settings);
    }
  }

  record Label(Position at, String text, List<Setting> settings) implements Instruction {
    public Label {
      settings = List.copyOf(settings);
    }
  }

  record Arg(Position at, String text, List<Setting> settings) implements Instruction {
    public Arg {
      settings = List.copyOf(settings);
    }
  }

  record Cmd(Position at, String text, Command command) implements Instruction {}

  record Entrypoint(Position at, String text, Command command) implements Instruction {}

  record Workdir(Position at, String text, String path) implements Instruction {}

  record User(Position at, String text, String user) implements Instruction {}

  record Expose(Position at, String text, String ports) implements Instruction {}

  record Volume(Position at, String text, List<String> paths) implements Instruction {
    public Volume {
      paths = List.copyOf(paths);
    }
  }

  record StopSignal(Position at, String text, String signal) implements Instruction {}

  record Shell(Position at, String text, List<String> arguments) implements Instruction {
    public Shell {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * @param command null: NONE
   * @param nanos durations in nanoseconds, zero where none is given
   */
  record HealthCheck(
      Position at, String text, @Nullable Command command, Durations nanos, int retries)
      implements Instruction {
    /** In nanoseconds. */
    public record Durations(long interval, long timeout, long startPeriod, long startInterval) {}
  }

  /** Done by a build that starts from the image. */
  record OnBuild(Position at, String text, String instruction) implements Instruction {}

  record Maintainer(Position at, String text, String name) implements Instruction {}
}
