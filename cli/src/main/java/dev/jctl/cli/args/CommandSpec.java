package dev.jctl.cli.args;

import java.util.List;

/**
 * What a command is called and takes.
 *
 * @param usage what follows {@code jctl}
 * @param operands what its words are, for completion
 */
public record CommandSpec(
    String name,
    String usage,
    String summary,
    Operands operands,
    List<Option> options,
    List<String> examples) {
  public CommandSpec {
    options = List.copyOf(options);
    examples = List.copyOf(examples);
  }

  public enum Operands {
    NONE,
    /** A kind, then names of that kind; or kind/name. */
    KIND_THEN_NAMES,
    /** The name of a Pod or Container, or kind/name. */
    POD,
    /** The name of an Image. */
    IMAGE
  }
}
