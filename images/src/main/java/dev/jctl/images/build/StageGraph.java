package dev.jctl.images.build;

import dev.jctl.images.dockerfile.Dockerfile;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.Instruction;
import dev.jctl.images.dockerfile.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which stages a build needs, and what each of them hangs on. Pure. */
public final class StageGraph {
  private final Dockerfile file;
  private final Map<String, String> given;
  private final Set<String> contexts;

  /**
   * @param given values for ARGs
   * @param contexts names, in lower case, that stand for something else than a stage
   */
  public StageGraph(Dockerfile file, Map<String, String> given, Set<String> contexts) {
    this.file = file;
    this.given = given;
    this.contexts = contexts;
  }

  /**
   * @param target name or number of the stage that is wanted; null: the last
   * @return every stage that it needs, in the order of the file; a stage comes after those it needs
   */
  public List<Integer> needed(@Nullable String target) {
    SortedSet<Integer> needed = new TreeSet<>();
    add(target(target), needed);
    return new ArrayList<>(needed);
  }

  private int target(@Nullable String target) {
    int last = file.stages().size() - 1;
    if (target == null || target.isEmpty()) {
      return last;
    }
    return named(target, last + 1)
        .orElseThrow(
            () ->
                new DockerfileException(
                    new Position(file.stages().getFirst().at().source(), 0),
                    "there is no stage " + target));
  }

  private void add(int stage, SortedSet<Integer> needed) {
    if (needed.add(stage)) {
      for (String source : sources(stage)) {
        stage(source, stage).ifPresent(earlier -> add(earlier, needed));
      }
    }
  }

  /** Everything that a stage takes files from: what it starts from, COPY --from, mounts. */
  List<String> sources(int stage) {
    Dockerfile.Stage wanted = file.stages().get(stage);
    List<String> sources = new ArrayList<>();
    sources.add(StagePlanner.from(file, wanted, given));
    for (Instruction instruction : wanted.instructions()) {
      switch (instruction) {
        case Instruction.Copy copy when copy.from() != null -> sources.add(copy.from());
        case Instruction.Run run -> run.mounts().forEach(mount -> addFrom(mount, sources));
        default -> {}
      }
    }
    return sources;
  }

  private static void addFrom(String mount, List<String> sources) {
    for (String part : mount.split(",", -1)) {
      if (part.startsWith("from=")) {
        sources.add(part.substring("from=".length()));
      }
    }
  }

  /**
   * The stage of that name or number before a stage; empty for what is an image or a context.
   *
   * @param before number of the stage that asks
   */
  public OptionalInt stage(String name, int before) {
    return contexts.contains(name.toLowerCase(Locale.ROOT))
        ? OptionalInt.empty()
        : named(name, before);
  }

  private OptionalInt named(String name, int before) {
    for (int i = before - 1; i >= 0; i--) {
      if (name.toLowerCase(Locale.ROOT).equals(file.stages().get(i).name())) {
        return OptionalInt.of(i);
      }
    }
    boolean number = name.matches("\\d{1,4}") && Integer.parseInt(name) < before;
    return number ? OptionalInt.of(Integer.parseInt(name)) : OptionalInt.empty();
  }
}
