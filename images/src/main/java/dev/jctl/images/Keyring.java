package dev.jctl.images;

/** Finds the credentials for a repository. May read files and run credential helpers. */
@FunctionalInterface
public interface Keyring {
  /** Nobody's. */
  Keyring EMPTY = (registry, repository) -> RegistryAuth.ANONYMOUS;

  /**
   * @param registry host, with its port if the reference has one; {@code docker.io} for Docker Hub
   */
  RegistryAuth find(String registry, String repository);

  /** One that has what this has, and after that what the other has. */
  default Keyring then(Keyring other) {
    return (registry, repository) ->
        find(registry, repository).then(other.find(registry, repository));
  }
}
