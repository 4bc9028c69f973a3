package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.build.BuildStep.Download;
import dev.jctl.images.build.BuildStep.Download.Repository.KeepGit;
import dev.jctl.images.build.GitAddress;
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

  private final String dockerfile;
  private final BuildLog log;
  private final Repositories repositories;
  private final NamedContext unnamed;
  private final Map<String, NamedContext> named = new HashMap<>();
  private final Map<String, Layer> taken = new HashMap<>();
  private @Nullable Layer main;

  /**
   * @param dockerfile its path in the main one
   */
  Contexts(ImageBuildSpec spec, String dockerfile, Repositories repositories, BuildLog log) {
    this.unnamed =
        new NamedContext("", spec.context(), spec.contextDigest(), null, spec.contextRepository());
    this.repositories = repositories;
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

  /** The directory of the main one; empty when it is none of the machine. */
  Optional<Path> directory() {
    return Optional.ofNullable(unnamed.path()).map(Path::of);
  }

  synchronized Layer main(ImageBuild build) {
    Layer known = main;
    if (known == null) {
      known = take(build, unnamed, dockerfile);
      main = known;
    }
    return known;
  }

  /** The files of a further one; empty: none of that name has any. */
  synchronized Optional<Layer> named(ImageBuild build, String name) {
    NamedContext one = named.get(key(name));
    return one == null || one.image() != null
        ? Optional.empty()
        : Optional.of(taken.computeIfAbsent(one.name(), n -> take(build, one, NO_DOCKERFILE)));
  }

  private Layer take(ImageBuild build, NamedContext one, String ignoring) {
    String name = one.name().isEmpty() ? "context" : "context " + one.name() + ":";
    if (one.digest() != null) {
      return said(name, one.digest(), build.context(one.digest(), ignoring));
    }
    if (one.repository() != null) {
      return cloned(build, name, one.repository(), ignoring);
    }
    if (one.path() == null) {
      throw new BuildFailure(
          "NoContext",
          "the build takes files, but none of spec.build.context, contextRepository and"
              + " contextDigest says which");
    }
    return said(name, one.path(), build.context(Path.of(one.path()), ignoring));
  }

  private Layer cloned(ImageBuild build, String name, String address, String ignoring) {
    String what = name + " " + address;
    try {
      Download.Repository wanted =
          new Download.Repository(address, GitAddress.parse(address), KeepGit.NO, "", null);
      String commit = repositories.commit(what, wanted);
      Layer files = repositories.layer(build, what, wanted, commit);
      return said(name, address + " at " + commit, build.context(files, ignoring));
    } catch (IllegalArgumentException e) {
      throw new BuildFailure("NoContext", what + ": " + e.getMessage());
    }
  }

  private Layer said(String name, String where, Layer layer) {
    log.line("%s %s: %d bytes".formatted(name, where, layer.sizeBytes()));
    return layer;
  }
}
