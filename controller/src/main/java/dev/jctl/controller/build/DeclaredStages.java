package dev.jctl.controller.build;

import dev.jctl.images.dockerfile.Command;
import dev.jctl.images.dockerfile.Dockerfile;
import dev.jctl.images.dockerfile.DockerfileReader;
import dev.jctl.images.dockerfile.Instruction;
import dev.jctl.images.dockerfile.Instruction.CopyOption;
import dev.jctl.images.dockerfile.Instruction.Setting;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.manifests.model.ImageBuildSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Stages in YAML → what a Dockerfile that says the same is read to. Pure. */
final class DeclaredStages {
  private DeclaredStages() {}

  static Dockerfile read(List<ImageBuildSpec.Stage> stages) {
    List<Dockerfile.Stage> all = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      ImageBuildSpec.Stage stage = stages.get(i);
      String path = "spec.build.stages[" + i + "]";
      String name = stage.name();
      all.add(
          new Dockerfile.Stage(
              new Position(path, 0),
              stage.from(),
              null,
              name == null ? null : name.toLowerCase(Locale.ROOT),
              steps(path, Objects.requireNonNullElse(stage.steps(), List.of()))));
    }
    return new Dockerfile(List.of(), all, '\\');
  }

  private static List<Instruction> steps(String path, List<ImageBuildSpec.Step> steps) {
    List<Instruction> all = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      all.add(step(new Position(path + ".steps[" + i + "]", 0), steps.get(i)));
    }
    return all;
  }

  /** Admission has seen to it that exactly one is given. */
  private static Instruction step(Position at, ImageBuildSpec.Step step) {
    if (step.run() != null) {
      return run(at, step, "RUN " + step.run(), new Command.Shell(step.run()));
    }
    if (step.exec() != null) {
      return run(at, step, "RUN " + step.exec(), new Command.Exec(step.exec()));
    }
    if (step.copy() != null) {
      return copy(at, "COPY", step.copy(), Set.of());
    }
    if (step.add() != null) {
      return copy(at, "ADD", step.add(), Set.of(CopyOption.UNPACK));
    }
    if (step.env() != null) {
      return new Instruction.Env(at, "ENV " + step.env(), settings(step.env()));
    }
    if (step.args() != null) {
      return new Instruction.Arg(at, "ARG " + step.args(), settings(step.args()));
    }
    if (step.labels() != null) {
      return new Instruction.Label(at, "LABEL " + step.labels(), settings(step.labels()));
    }
    if (step.workingDir() != null) {
      return new Instruction.Workdir(at, "WORKDIR " + step.workingDir(), step.workingDir());
    }
    if (step.user() != null) {
      return new Instruction.User(at, "USER " + step.user(), step.user());
    }
    return DockerfileReader.readOne(at, Objects.requireNonNullElse(step.instruction(), ""));
  }

  private static Instruction run(
      Position at, ImageBuildSpec.Step step, String text, Command command) {
    return new Instruction.Run(
        at,
        text,
        command,
        Objects.requireNonNullElse(step.mounts(), List.of()),
        Objects.requireNonNullElse(step.network(), "default"));
  }

  private static Instruction copy(
      Position at, String name, ImageBuildSpec.Copy copy, Set<CopyOption> options) {
    return new Instruction.Copy(
        at,
        name + " " + String.join(" ", copy.sources()) + " " + copy.to(),
        copy.sources(),
        List.of(),
        copy.to(),
        copy.from(),
        copy.chown(),
        copy.chmod(),
        null,
        Objects.requireNonNullElse(copy.exclude(), List.of()),
        options);
  }

  private static List<Setting> settings(Map<String, String> values) {
    return values.entrySet().stream().map(e -> new Setting(e.getKey(), e.getValue())).toList();
  }
}
