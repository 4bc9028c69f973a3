package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageBuild.CopyRequest;
import dev.jctl.images.ImageBuild.CopyRequest.Option;
import dev.jctl.images.ImageBuild.CopyRequest.Owners;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.Platforms;
import dev.jctl.images.build.BuildStep;
import dev.jctl.images.build.StepKey;
import dev.jctl.images.dockerfile.Dockerfile;
import dev.jctl.images.dockerfile.Instruction.CopyOption;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.oci.ConfigDraft;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The steps of one stage, one after the other. */
final class StageJob {
  private static final int MAX_NAME = 180;

  private final BuildJob job;
  private final ImageBuild build;
  private final Dockerfile file;
  private final int number;
  private final String name;
  private final List<Layer> layers;
  private final List<Step> history = new ArrayList<>();
  private ConfigDraft config;

  private record Step(String text, boolean empty) {}

  StageJob(
      BuildJob job, ImageBuild build, Dockerfile file, int number, String name, StageResult base) {
    this.job = job;
    this.build = build;
    this.file = file;
    this.number = number;
    this.name = name;
    this.layers = new ArrayList<>(base.layers());
    this.config = base.config();
  }

  StageResult run(List<BuildStep> steps) throws InterruptedException {
    int i = 0;
    for (BuildStep step : steps) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      i++;
      String heading = "[" + name + " " + i + "/" + steps.size() + "] " + step.text();
      job.progress(step.text());
      Optional<Layer> layer = layer(step, i, heading);
      layer.ifPresent(layers::add);
      history.add(new Step(step.text(), layer.isEmpty()));
      config = step.after();
      job.stepDone();
    }
    return new StageResult(layers, withHistory());
  }

  private ConfigDraft withHistory() {
    Long epoch = job.spec().sourceDateEpoch();
    Instant created = epoch == null ? null : Instant.ofEpochSecond(epoch);
    ConfigDraft all = config;
    for (Step step : history) {
      all = all.withStep(step.text(), step.empty(), created);
    }
    return all;
  }

  private Optional<Layer> layer(BuildStep step, int serial, String heading)
      throws InterruptedException {
    return switch (step) {
      case BuildStep.Note note -> {
        job.log().line(heading);
        yield Optional.empty();
      }
      case BuildStep.Directory directory ->
          remembered(
              heading,
              StepKey.directory(directory, diffIds()),
              () -> build.directory(layers, directory.path()));
      case BuildStep.Copy copy -> copy(copy, heading);
      case BuildStep.Run run -> run(run, serial, heading);
    };
  }

  private List<String> diffIds() {
    return layers.stream().map(Layer::diffId).toList();
  }

  private Optional<Layer> remembered(String heading, String key, Callable<Optional<Layer>> make)
      throws InterruptedException {
    if (!Boolean.TRUE.equals(job.spec().noCache())) {
      Optional<Optional<Layer>> earlier = build.earlier(key);
      if (earlier.isPresent()) {
        job.log().line(heading + " (as before)");
        return earlier.get();
      }
    }
    job.log().line(heading);
    try {
      Optional<Layer> layer = make.call();
      build.remember(key, layer);
      return layer;
    } catch (RuntimeException | InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<Layer> copy(BuildStep.Copy step, String heading) throws InterruptedException {
    boolean link = step.options().contains(CopyOption.LINK);
    List<Layer> onto = link ? List.of() : layers;
    SourceFiles from = step.sources().isEmpty() ? SourceFiles.NONE : from(step.at(), step.from());
    boolean context = from.owners() == Owners.ROOT;
    String what = step.at() + ": " + step.text();
    Downloads downloads = new Downloads(build, job.tools().repositories(), what, step.downloads());
    List<String> source;
    try {
      source =
          new ArrayList<>(
              context && !from.layers().isEmpty()
                  ? List.of(
                      build.fingerprint(from.layers().getFirst(), step.sources(), step.excludes()))
                  : from.layers().stream().map(Layer::diffId).toList());
      source.addAll(downloads.names());
    } catch (IllegalArgumentException e) {
      throw new BuildFailure("BuildFailed", what + ": " + e.getMessage());
    }
    return remembered(
        heading,
        StepKey.copy(step, link ? List.of() : diffIds(), source),
        () ->
            build.copy(
                new CopyRequest(
                    what,
                    onto,
                    joined(from.layers(), downloads.layers()),
                    from.owners(),
                    joined(step.sources(), downloads.sources()),
                    step.files(),
                    step.destination(),
                    step.chown(),
                    step.chmod(),
                    step.excludes(),
                    options(step.options()))));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static Set<Option> options(Set<CopyOption> options) {
    Set<Option> some = EnumSet.noneOf(Option.class);
    if (options.contains(CopyOption.UNPACK)) {
      some.add(Option.UNPACK);
    }
    if (options.contains(CopyOption.UNPACK_DOWNLOADS)) {
      some.add(Option.UNPACK_DOWNLOADS);
    }
    if (options.contains(CopyOption.PARENTS)) {
      some.add(Option.PARENTS);
    }
    return some;
  }

  private SourceFiles from(Position at, @Nullable String from) throws InterruptedException {
    return job.files(build, file, at, from, number);
  }

  private Optional<Layer> run(BuildStep.Run step, int serial, String heading)
      throws InterruptedException {
    StepMounts.Contents contents =
        job.tools().mounts().contents(build, step, source -> from(step.at(), source));
    String key = StepKey.run(step, diffIds(), contents.names());
    return remembered(heading, key, () -> contain(step, serial, contents));
  }

  private Optional<Layer> contain(BuildStep.Run step, int serial, StepMounts.Contents contents)
      throws InterruptedException {
    StoredImage image = job.tools().kept().keep(() -> image(step));
    try (StepMounts.Mounted mounted = job.tools().mounts().mount(build, job, step, contents)) {
      RunPods.Request request =
          new RunPods.Request(
              job.target().ref(),
              job.target().uid(),
              objectName(serial),
              step,
              job.spec().network(),
              mounted.places(),
              mounted.secrets());
      return job.tools()
          .runs()
          .run(
              request,
              image.imageId(),
              line -> job.log().line("  " + line),
              (entries, mountPoints) ->
                  build.changes(step.at() + ": " + step.text(), layers, entries, mountPoints));
    } finally {
      job.tools().kept().release(image);
    }
  }

  private String objectName(int serial) {
    String image = job.target().ref().name();
    String cut = image.substring(0, Math.min(MAX_NAME, image.length())).replaceAll("[.-]+$", "");
    return cut + "-build-" + number + "-" + serial;
  }

  /** What is there so far, with the command and what it is to see. */
  private StoredImage image(BuildStep.Run step) {
    ConfigDraft draft =
        ConfigDraft.EMPTY
            .withEnv(step.env())
            .withTexts("Entrypoint", step.arguments())
            .withText("User", step.user())
            .withText("WorkingDir", step.workingDir());
    if (layers.isEmpty()) {
      throw new BuildFailure(
          "BuildFailed", step.at() + ": RUN: there is nothing to run in an empty image");
    }
    return build.image(
        draft.document(
            new Platform("linux", Platforms.hostArchitecture(), ""),
            diffIds().stream().map(Digest::parse).toList(),
            null),
        layers);
  }
}
