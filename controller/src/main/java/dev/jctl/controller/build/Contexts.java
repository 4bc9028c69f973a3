package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.manifests.model.ImageBuildSpec;
import dev.jctl.manifests.model.ImageBuildSpec.NamedContext;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a build takes files from: each context is taken once, when the first step needs it. */
final class Contexts {
  /** Where no Dockerfile says what is left out, {@code .dockerignore} alone does. */
  private static final String NO_DOCKERFILE = "";

  private final ImageBuildSpec spec;
  private final String dockerfile;
  private final BuildLog log;
  private final Map<String, NamedContext> named = new HashMap<>();
  private final Map<String, Layer> taken = new HashMap<>();
  private @Nullable Layer main;

  /**
   * @param dockerfile its path in the main one
   */
  Contexts(ImageBuildSpec spec, String dockerfile, BuildLog log) {
    this.spec = spec;
    this.dockerfile = dockerfile;
    this.log = log;
    for (NamedContext one : Objects.requireNonNullElse(spec.contexts(), List.<NamedContext>of())) {
      named.put(key(one.name()), one);
    }
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** In lower case, as stages are. */
  Set<String> names() {
    return named.keySet();
  }

  /** What is called so is this image instead; else the name itself. */
  String image(String name) {
    NamedContext one = named.get(key(name));
    return one == null || one.image() == null ? name : one.image();
  }

  /** The directory of the main one, which the machine has. */
  Path directory() {
    if (spec.context() == null) {
      throw new BuildFailure(
          "NoContext",
          "the build takes files, but neither spec.build.context nor contextDigest says which");
    }
    return Path.of(spec.context());
  }

  synchronized Layer main(ImageBuild build) {
    Layer known = main;
    if (known == null) {
      String sent = spec.contextDigest();
      known =
          sent == null ? build.context(directory(), dockerfile) : build.context(sent, dockerfile);
      log.line(said("", sent == null ? directory().toString() : sent, known));
      main = known;
    }
    return known;
  }

  /** The files of a further one; empty: none of that name has any. */
  synchronized Optional<Layer> named(ImageBuild build, String name) {
    NamedContext one = named.get(key(name));
    return one == null || one.image() != null
        ? Optional.empty()
        : Optional.of(taken.computeIfAbsent(one.name(), n -> take(build, one)));
  }

  private Layer take(ImageBuild build, NamedContext one) {
    Layer layer =
        one.digest() == null
            ? build.context(Path.of(String.valueOf(one.path())), NO_DOCKERFILE)
            : build.context(one.digest(), NO_DOCKERFILE);
    log.line(said(one.name() + ": ", one.digest() == null ? one.path() : one.digest(), layer));
    return layer;
  }

  private static String said(String name, @Nullable String where, Layer layer) {
    return "context %s%s: %d bytes".formatted(name, where, layer.sizeBytes());
  }
}
