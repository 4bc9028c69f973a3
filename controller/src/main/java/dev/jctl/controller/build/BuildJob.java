package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageBuild.CopyRequest;
import dev.jctl.images.ImageBuild.CopyRequest.Owners;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.Platforms;
import dev.jctl.images.build.BuildStep;
import dev.jctl.images.build.StageGraph;
import dev.jctl.images.build.StagePlanner;
import dev.jctl.images.dockerfile.Dockerfile;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.DockerfileReader;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.oci.ConfigDraft;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import dev.jctl.manifests.model.ImageBuildSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One build from its Dockerfile to its image. Stages that need nothing of each other run at once.
 */
final class BuildJob {
  private static final String DOCKERFILE = "Dockerfile";
  private static final long MAX_DOCKERFILE = 4 << 20;

  /** What all builds share. */
  record Tools(
      ImageStore images,
      BaseImages bases,
      RunContainers runs,
      StepMounts mounts,
      Repositories repositories,
      KeptImages kept) {}

  private final Tools tools;
  private final BuildTarget target;
  private final ImageBuildSpec spec;
  private final List<String> pullSecrets;
  private final BuildLog log;
  private final Map<Integer, CompletableFuture<StageResult>> stages = new HashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger total = new AtomicInteger();
  private final Contexts contexts;

  BuildJob(
      Tools tools,
      BuildTarget target,
      ImageBuildSpec spec,
      List<String> pullSecrets,
      BuildLog log) {
    this.tools = tools;
    this.target = target;
    this.spec = spec;
    this.pullSecrets = pullSecrets;
    this.log = log;
    this.contexts = new Contexts(spec, dockerfile(), tools.repositories(), log);
  }

  /**
   * The image, which is kept.
   *
   * @throws BuildFailure or DockerfileException or ImageException, each naming the step
   */
  StoredImage run() throws InterruptedException {
    refuseOtherPlatforms();
    tools.runs().removeLeftovers(target.ref(), target.uid());
    tools.mounts().removeCopies(target.uid());
    try (ImageBuild build = tools.images().build(spec.sourceDateEpoch())) {
      Dockerfile file = file(build);
      List<Integer> needed = graph(file).needed(spec.target());
      StageResult result = all(build, file, needed);
      return tools.kept().keep(() -> image(build, result));
    }
  }

  private void refuseOtherPlatforms() {
    String platform = Objects.requireNonNullElse(spec.platform(), "");
    if (!platform.isEmpty() && !Platforms.isHost(platform)) {
      throw new BuildFailure(
          "BuildFailed",
          "spec.build.platform: %s is not built here; this machine is %s"
              .formatted(platform, Platforms.host()));
    }
  }

  private StageGraph graph(Dockerfile file) {
    return new StageGraph(file, args(), contexts.names());
  }

  private Map<String, String> args() {
    Map<String, String> args = new HashMap<>(Objects.requireNonNullElse(spec.args(), Map.of()));
    if (spec.sourceDateEpoch() != null) {
      args.putIfAbsent("SOURCE_DATE_EPOCH", spec.sourceDateEpoch().toString());
    }
    return args;
  }

  private String dockerfile() {
    return Objects.requireNonNullElse(spec.dockerfile(), DOCKERFILE);
  }

  private Dockerfile file(ImageBuild build) {
    return spec.stages() == null
        ? DockerfileReader.read(dockerfile(), spec.text() == null ? text(build) : spec.text())
        : DeclaredStages.read(spec.stages());
  }

  private String text(ImageBuild build) {
    Optional<Path> directory = contexts.directory();
    return directory.isPresent()
        ? read(directory.get().resolve(dockerfile()))
        : build
            .text(contexts.main(build), dockerfile())
            .orElseThrow(() -> noDockerfile("there is no " + dockerfile() + " in the context"));
  }

  private static BuildFailure noDockerfile(String what) {
    return new BuildFailure("NoDockerfile", what + "; spec.build.dockerfile names another");
  }

  private String read(Path file) {
    try {
      if (Files.size(file) > MAX_DOCKERFILE) {
        throw new BuildFailure("BuildFailed", file + " is larger than any Dockerfile");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw noDockerfile("there is no " + file);
    } catch (IOException e) {
      throw noDockerfile("cannot read " + file + ": " + e);
    }
  }

  private StageResult all(ImageBuild build, Dockerfile file, List<Integer> needed)
      throws InterruptedException {
    needed.forEach(stage -> stages.put(stage, new CompletableFuture<>()));
    for (int stage : needed) {
      CompletableFuture<StageResult> result = Objects.requireNonNull(stages.get(stage));
      threads.add(
          Thread.ofVirtual()
              .name("build-" + target.ref().name() + "-" + stage)
              .start(() -> complete(result, build, file, stage)));
    }
    try {
      CompletableFuture.allOf(stages.values().toArray(CompletableFuture[]::new)).get();
      return Objects.requireNonNull(stages.get(needed.getLast())).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } finally {
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        thread.join(); // nothing may go on once the build is given up
      }
    }
  }

  private void complete(
      CompletableFuture<StageResult> result, ImageBuild build, Dockerfile file, int stage) {
    try {
      result.complete(stage(build, file, stage));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result.completeExceptionally(new BuildFailure("Cancelled", "the build was given up"));
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
      stages
          .values()
          .forEach(other -> other.completeExceptionally(e)); // the first failure ends all
    }
  }

  private StageResult stage(ImageBuild build, Dockerfile file, int number)
      throws InterruptedException {
    Dockerfile.Stage stage = file.stages().get(number);
    String from = StagePlanner.from(file, stage, args());
    StageResult base = source(build, file, stage.at(), from, number);
    List<BuildStep> steps = StagePlanner.plan(file, stage, base.config(), args());
    total.addAndGet(steps.size());
    String name = stage.name() == null ? Integer.toString(number) : stage.name();
    return new StageJob(this, build, file, number, name, base).run(steps);
  }

  /**
   * A context, an earlier stage, an image, or nothing.
   *
   * @param before number of the stage that asks
   */
  private StageResult source(
      ImageBuild build, Dockerfile file, Position at, String name, int before)
      throws InterruptedException {
    if (name.equals("scratch")) {
      return new StageResult(List.of(), ConfigDraft.EMPTY);
    }
    Optional<Layer> context = contexts.named(build, name);
    if (context.isPresent()) {
      return new StageResult(asImage(build, at, name, context.get()), ConfigDraft.EMPTY);
    }
    OptionalInt stage = graph(file).stage(name, before);
    if (stage.isPresent()) {
      return earlier(at, name, stage.getAsInt());
    }
    return image(at, contexts.image(name));
  }

  private StageResult image(Position at, String name) throws InterruptedException {
    StoredImage image =
        tools
            .bases()
            .await(
                new BaseImages.Wanted(
                    at, name, target, pullSecrets, Boolean.TRUE.equals(spec.pull())),
                log);
    return new StageResult(
        image.layers(),
        ConfigDraft.from(
            "configuration of " + name, tools.images().documents(image.imageId()).configuration()));
  }

  /** All files of a context as those of an image: root's. */
  private static List<Layer> asImage(ImageBuild build, Position at, String name, Layer context) {
    return build
        .copy(
            new CopyRequest(
                at + ": FROM " + name,
                List.of(),
                List.of(context),
                Owners.ROOT,
                List.of("/"),
                Map.of(),
                "/",
                null,
                null,
                List.of(),
                Set.of()))
        .stream()
        .toList();
  }

  /**
   * Where COPY, ADD and mounts take files from.
   *
   * @param from null: the build's own context
   * @param before number of the stage that asks
   */
  SourceFiles files(
      ImageBuild build, Dockerfile file, Position at, @Nullable String from, int before)
      throws InterruptedException {
    if (from == null) {
      return SourceFiles.ofContext(contexts.main(build));
    }
    Optional<Layer> context = contexts.named(build, from);
    return context.isPresent()
        ? SourceFiles.ofContext(context.get())
        : SourceFiles.ofImage(source(build, file, at, from, before).layers());
  }

  private StageResult earlier(Position at, String name, int stage) throws InterruptedException {
    CompletableFuture<StageResult> earlier = stages.get(stage);
    if (earlier == null) {
      throw new DockerfileException(at, "stage " + name + " is not part of this build");
    }
    try {
      return earlier.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    }
  }

  private StoredImage image(ImageBuild build, StageResult result) {
    Instant created =
        spec.sourceDateEpoch() == null ? null : Instant.ofEpochSecond(spec.sourceDateEpoch());
    List<Digest> diffIds = result.diffIds().stream().map(Digest::parse).toList();
    Platform platform = new Platform("linux", Platforms.hostArchitecture(), "");
    ConfigDraft config = result.config();
    for (Map.Entry<String, String> label :
        Objects.requireNonNullElse(spec.labels(), Map.<String, String>of()).entrySet()) {
      config = config.withLabel(label.getKey(), label.getValue());
    }
    return build.image(config.document(platform, diffIds, created), result.layers());
  }

  /** One more step is done or begun; {@code words} say which. */
  void progress(String words) {
    log.progress(done.get() + "/" + total.get() + " " + words);
  }

  void stepDone() {
    done.incrementAndGet();
  }

  Tools tools() {
    return tools;
  }

  BuildTarget target() {
    return target;
  }

  ImageBuildSpec spec() {
    return spec;
  }

  BuildLog log() {
    return log;
  }
}
