package dev.jctl.images.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a Dockerfile. */
public final class DockerfileReader {
  private final List<Instruction.Arg> globals = new ArrayList<>();
  private final List<Dockerfile.Stage> stages = new ArrayList<>();
  private List<Instruction> instructions = new ArrayList<>();
  private @Nullable RawInstruction from;
  private char escape = '\\';

  private DockerfileReader() {}

  /**
   * @param source the file's name, for messages
   * @throws DockerfileException at the first mistake
   */
  public static Dockerfile read(String source, String text) {
    DockerfileReader reader = new DockerfileReader();
    LogicalLines.of(source, text).forEach(reader::add);
    reader.endStage();
    if (reader.stages.isEmpty()) {
      throw new DockerfileException(
          new Position(source, 0), "there is no FROM: a build begins with FROM IMAGE");
    }
    return new Dockerfile(reader.globals, reader.stages, reader.escape);
  }

  /**
   * An instruction that an image or a manifest holds.
   *
   * @throws DockerfileException at {@code at}
   */
  public static Instruction readOne(Position at, String text) {
    List<RawInstruction> raw = LogicalLines.of(at.toString(), text);
    if (raw.size() != 1) {
      throw new DockerfileException(at, "expected one instruction: " + text.strip());
    }
    RawInstruction one = raw.getFirst();
    return InstructionReader.read(
        new RawInstruction(
            at, one.name(), one.flags(), one.rest(), one.heredocs(), one.text(), one.escape()));
  }

  private void add(RawInstruction raw) {
    escape = raw.escape();
    if (raw.name().equals("FROM")) {
      endStage();
      from = raw;
    } else if (from != null) {
      instructions.add(InstructionReader.read(raw));
    } else if (InstructionReader.read(raw) instanceof Instruction.Arg arg) {
      globals.add(arg);
    } else {
      throw raw.wrong("only ARG may stand before the first FROM");
    }
  }

  private void endStage() {
    if (from != null) {
      stages.add(stage(from));
      instructions = new ArrayList<>();
    }
  }

  private Dockerfile.Stage stage(RawInstruction raw) {
    raw.onlyFlags(List.of("platform"));
    String platform = raw.value("platform").orElse(null);
    List<String> words = ShellWords.split(raw.rest(), raw.escape());
    if (words.size() == 3 && words.get(1).toLowerCase(Locale.ROOT).equals("as")) {
      String name = words.get(2).toLowerCase(Locale.ROOT);
      if (!name.matches("[a-z][a-z0-9-_.]*")) {
        throw raw.wrong("\"" + words.get(2) + "\" is no name for a stage: [a-z][a-z0-9-_.]*");
      }
      return new Dockerfile.Stage(raw.at(), words.get(0), platform, name, instructions);
    }
    if (words.size() != 1) {
      throw raw.wrong("expected IMAGE or IMAGE AS NAME");
    }
    return new Dockerfile.Stage(raw.at(), words.get(0), platform, null, instructions);
  }
}
