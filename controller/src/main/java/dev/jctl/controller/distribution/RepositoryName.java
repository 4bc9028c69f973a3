package dev.jctl.controller.distribution;

import dev.jctl.manifests.schema.Names;
import java.util.Optional;
import java.util.regex.Pattern;

/** A repository of the instance: in a namespace, so that its rights are the namespace's. */
public record RepositoryName(String namespace, String repository) {
  private static final int MAX_LENGTH = 255;
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");

  /** {@code NAMESPACE/REPOSITORY}; empty for anything else. */
  public static Optional<RepositoryName> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String namespace = text.substring(0, slash);
    String repository = text.substring(slash + 1);
    return Names.isLabel(namespace) && REPOSITORY.matcher(repository).matches()
        ? Optional.of(new RepositoryName(namespace, repository))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return namespace + "/" + repository;
  }
}
