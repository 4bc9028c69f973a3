package dev.jctl.images.dockerfile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build as it was written.
 *
 * @param globals ARGs before the first FROM
 * @param escape the character that takes the meaning of the next one away
 */
public record Dockerfile(List<Instruction.Arg> globals, List<Stage> stages, char escape) {
  public Dockerfile {
    globals = List.copyOf(globals);
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("a build without a stage");
    }
  }

  /**
   * @param from an earlier stage, an Image, a reference or {@code scratch}; variables not replaced
   * @param platform of what it starts from; variables not replaced; null: the machine's
   * @param name null: only its number
   */
  public record Stage(
      Position at,
      String from,
      @Nullable String platform,
      @Nullable String name,
      List<Instruction> instructions) {
    public Stage {
      instructions = List.copyOf(instructions);
    }
  }
}
