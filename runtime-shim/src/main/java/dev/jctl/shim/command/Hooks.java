package dev.jctl.shim.command;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Programs that are run at points of a container's life.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-platform-hooks">config.md</a>
 */
record Hooks(
    List<Hook> prestart,
    List<Hook> createRuntime,
    List<Hook> createContainer,
    List<Hook> startContainer,
    List<Hook> poststart,
    List<Hook> poststop) {
  static final Hooks NONE =
      new Hooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  Hooks {
    prestart = List.copyOf(prestart);
    createRuntime = List.copyOf(createRuntime);
    createContainer = List.copyOf(createContainer);
    startContainer = List.copyOf(startContainer);
    poststart = List.copyOf(poststart);
    poststop = List.copyOf(poststop);
  }

  /**
   * @param field where it stands in the configuration
   * @param args of the program, the first is its name
   * @param env empty: that of who runs it
   */
  record Hook(
      String field,
      String path,
      List<String> args,
      Optional<List<String>> env,
      Optional<Duration> timeout) {
    Hook {
      args = List.copyOf(args);
      env = env.map(List::copyOf);
    }

    /** The program's arguments, of which there is always a first. */
    List<String> words() {
      return args.isEmpty() ? List.of(path) : args;
    }

    /** With the path in place of the name. */
    List<String> command() {
      return Stream.concat(Stream.of(path), args.stream().skip(1)).toList();
    }
  }

  /** Whether any is to be run between the making of mounts and the change of the root. */
  boolean stopsCreation() {
    return !prestart.isEmpty() || !createRuntime.isEmpty() || !createContainer.isEmpty();
  }
}
