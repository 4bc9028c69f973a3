package dev.jctl.images.dockerfile;

import java.util.List;

/** What is run: for the shell of the image, or as it is. */
public sealed interface Command {
  /** Given to the shell. */
  record Shell(String script) implements Command {}

  /** JSON form: run without a shell. */
  record Exec(List<String> arguments) implements Command {
    public Exec {
      arguments = List.copyOf(arguments);
    }
  }

  /** A heredoc that begins with {@code #!}: a file that is run. */
  record Script(String content) implements Command {}
}
