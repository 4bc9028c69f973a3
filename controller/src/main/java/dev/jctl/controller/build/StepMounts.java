package dev.jctl.controller.build;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageBuild.CopyRequest;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.Platforms;
import dev.jctl.images.build.BuildStep;
import dev.jctl.images.build.RunMount;
import dev.jctl.images.build.RunMount.Bind.Writes;
import dev.jctl.images.oci.ConfigDraft;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import dev.jctl.manifests.model.ImageBuildSpec.BuildSecret;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What RUN --mount mounts. What has content is a layer, unpacked as any other; a cache is a
 * directory that stays.
 */
final class StepMounts {
  /** Where files are, by what it is called; null: the context. */
  interface From {
    SourceFiles files(@Nullable String source) throws InterruptedException;
  }

  /** Unpacks layers for the runtime. */
  interface Unpacker {
    void unpack(StoredImage image);
  }

  /** One layer for each mount with content, by target. */
  record Contents(Map<String, Layer> layers) {
    /** For the step's key: what is mounted, not where. */
    List<String> names() {
      return layers.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .map(e -> e.getKey() + " " + e.getValue().diffId())
          .toList();
    }
  }

  /** All that a Pod mounts; closed when it has ended. */
  record Mounted(
      Map<String, Path> places,
      Map<String, BuildSecret> secrets,
      List<Semaphore> locks,
      List<String> copies,
      Consumer<String> remove,
      Runnable release)
      implements AutoCloseable {
    @Override
    public void close() {
      copies.forEach(remove);
      locks.forEach(Semaphore::release);
      release.run();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(StepMounts.class);
  private static final String INSIDE = "content";

  /** What the volumes that are written to and thrown away are called, before the Image's uid. */
  private static final String COPIES = "build-";

  private final Resources resources;
  private final KeptImages kept;
  private final Unpacker unpacker;
  private final ContainerRuntime runtime;
  private final Path data;
  private final Map<String, Semaphore> locks = new ConcurrentHashMap<>();

  StepMounts(
      Resources resources,
      KeptImages kept,
      Unpacker unpacker,
      ContainerRuntime runtime,
      Path data) {
    this.resources = resources;
    this.kept = kept;
    this.unpacker = unpacker;
    this.runtime = runtime;
    this.data = data;
  }

  Contents contents(ImageBuild build, BuildStep.Run step, From from) throws InterruptedException {
    Map<String, Layer> layers = new HashMap<>();
    for (RunMount mount : step.mounts()) {
      switch (mount) {
        case RunMount.Bind bind ->
            layers.put(bind.target(), bound(build, step, bind, from.files(bind.from())));
        case RunMount.Script script -> layers.put(script.target(), script(build, step, script));
        case RunMount.Cache cache -> {}
        case RunMount.Tmpfs tmpfs -> {}
        case RunMount.Secret secret -> {}
        case RunMount.SecretVariable variable -> {}
      }
    }
    return new Contents(layers);
  }

  private static Layer bound(
      ImageBuild build, BuildStep.Run step, RunMount.Bind bind, SourceFiles from) {
    return copied(build, step, from, List.of(bind.source()), Map.of(), "/" + INSIDE);
  }

  private static Layer script(ImageBuild build, BuildStep.Run step, RunMount.Script script) {
    return copied(build, step, SourceFiles.NONE, List.of(), Map.of(INSIDE, script.content()), "/");
  }

  private static Layer copied(
      ImageBuild build,
      BuildStep.Run step,
      SourceFiles from,
      List<String> sources,
      Map<String, String> files,
      String destination) {
    String what = step.at() + ": " + step.text() + ": mount";
    String mode = files.isEmpty() ? null : "0755";
    return build
        .copy(
            new CopyRequest(
                what,
                List.of(),
                from.layers(),
                from.owners(),
                sources,
                files,
                destination,
                null,
                mode,
                List.of(),
                Set.of()))
        .orElseThrow(() -> new BuildFailure("BuildFailed", what + ": there is nothing to mount"));
  }

  Mounted mount(ImageBuild build, BuildJob job, BuildStep.Run step, Contents contents)
      throws InterruptedException {
    Map<String, BuildSecret> secrets = secrets(job, step);
    Map<String, Path> places = new HashMap<>();
    List<Semaphore> held = new ArrayList<>();
    List<String> copies = new ArrayList<>();
    Runnable release = () -> {};
    if (!contents.layers().isEmpty()) {
      List<Layer> layers = List.copyOf(contents.layers().values());
      StoredImage image = kept.keep(() -> image(build, layers));
      release = () -> kept.release(image);
      unpacker.unpack(image);
      contents.layers().forEach((target, layer) -> places.put(target, unpacked(layer)));
    }
    for (RunMount mount : step.mounts()) {
      if (mount instanceof RunMount.Cache cache) {
        places.put(cache.target(), cache(job.target().ref(), cache, held));
      } else if (mount instanceof RunMount.Bind bind && bind.writes() == Writes.DISCARDED) {
        Layer layer = Objects.requireNonNull(contents.layers().get(bind.target()));
        places.put(bind.target(), copy(job.target().uid(), layer, copies));
      }
    }
    return new Mounted(places, secrets, held, copies, this::removeCopy, release);
  }

  /** A directory of its own, as what is unpacked is others' too. */
  private Path copy(String uid, Layer layer, List<String> copies) {
    VolumeSpec volume =
        new VolumeSpec(
            COPIES + uid + "-" + UUID.randomUUID().toString().substring(0, 8),
            VolumeSpec.Driver.LOCAL,
            0);
    copies.add(volume.id());
    VolumeSource content = new VolumeSource.Layer(Digest.parse(layer.diffId()).hex());
    return Path.of(runtime.populateVolume(volume, content).path()).resolve(INSIDE);
  }

  /** A container that has not ended yet may still write there: it is tried again later. */
  private void removeCopy(String volumeId) {
    try {
      runtime.removeVolume(volumeId);
    } catch (RuntimeFailure e) {
      LOG.info("a copy for a build stays for now: {}", e.getMessage());
    }
  }

  /** What builds of an Image left when their controller was killed. */
  void removeCopies(String uid) {
    runtime.volumes().stream()
        .map(volume -> volume.spec().id())
        .filter(id -> id.startsWith(COPIES + uid + "-"))
        .forEach(this::removeCopy);
  }

  /** Only so that its layers are known to be in use. */
  private StoredImage image(ImageBuild build, List<Layer> layers) {
    List<Digest> diffIds = layers.stream().map(l -> Digest.parse(l.diffId())).toList();
    Platform platform = new Platform("linux", Platforms.hostArchitecture(), "");
    return build.image(ConfigDraft.EMPTY.document(platform, diffIds, null), layers);
  }

  private Path unpacked(Layer layer) {
    return data.resolve("layers").resolve(Digest.parse(layer.diffId()).hex()).resolve(INSIDE);
  }

  private Path cache(ObjectRef owner, RunMount.Cache cache, List<Semaphore> held)
      throws InterruptedException {
    String id = owner.namespace() + "\0" + cache.id();
    String hex = Digest.of(id.getBytes(StandardCharsets.UTF_8)).hex();
    if (cache.sharing() == RunMount.Cache.Sharing.LOCKED) {
      Semaphore lock = locks.computeIfAbsent(hex, h -> new Semaphore(1));
      lock.acquire();
      held.add(lock);
    }
    Path directory = data.resolve("build-cache").resolve(hex);
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        Files.setAttribute(directory, "unix:mode", cache.mode());
        Files.setAttribute(directory, "unix:uid", cache.uid());
        Files.setAttribute(directory, "unix:gid", cache.gid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("make cache " + directory, e);
    }
    return directory;
  }

  /** Those that the step asks for. */
  private Map<String, BuildSecret> secrets(BuildJob job, BuildStep.Run step) {
    Map<String, BuildSecret> known = new HashMap<>();
    for (BuildSecret secret :
        Objects.requireNonNullElse(job.spec().secrets(), List.<BuildSecret>of())) {
      known.put(secret.id(), secret);
    }
    for (RunMount mount : step.mounts()) {
      switch (mount) {
        case RunMount.Secret s -> check(job, step, known, s.id(), s.required());
        case RunMount.SecretVariable s -> check(job, step, known, s.id(), s.required());
        case RunMount.Bind b -> {}
        case RunMount.Cache c -> {}
        case RunMount.Script s -> {}
        case RunMount.Tmpfs t -> {}
      }
    }
    return known;
  }

  private void check(
      BuildJob job,
      BuildStep.Run step,
      Map<String, BuildSecret> known,
      String id,
      boolean required) {
    BuildSecret secret = known.get(id);
    if (secret == null && required) {
      throw new BuildFailure(
          BuildFailure.NO_SECRET,
          step.at() + ": RUN: spec.build.secrets has no secret with the id " + id);
    }
    if (secret != null) {
      ObjectRef ref =
          new ObjectRef(ResourceKind.SECRET, job.target().ref().namespace(), secret.secretName());
      if (resources.find(ref).isEmpty()) {
        throw new BuildFailure(
            BuildFailure.NO_SECRET,
            step.at() + ": RUN: Secret " + secret.secretName() + " for " + id + " does not exist");
      }
    }
  }
}
