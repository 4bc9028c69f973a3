package dev.jctl.controller.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.images.Keyring;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import dev.jctl.images.credential.DockerConfig;
import dev.jctl.manifests.json.Base64Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The credentials that Secrets hold, in the order in which an object names these. Pure. */
final class SecretKeyring implements Keyring {
  private static final String CONFIG = ".dockerconfigjson";
  private static final String LEGACY = ".dockercfg";

  private record Held(String origin, DockerConfig config) {}

  private final List<Held> held = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  /**
   * @param secret empty when there is none of that name
   */
  void add(String name, Optional<ObjectNode> secret) {
    String origin = "Secret " + name;
    if (secret.isEmpty()) {
      remarks.add(origin + " does not exist");
      return;
    }
    try {
      held.add(new Held(origin, config(origin, secret.get())));
    } catch (IllegalArgumentException e) {
      remarks.add(String.valueOf(e.getMessage()));
    }
  }

  private static DockerConfig config(String origin, ObjectNode secret) {
    Optional<byte[]> config = bytes(secret, CONFIG);
    if (config.isPresent()) {
      return DockerConfig.parse(origin, config.get());
    }
    return bytes(secret, LEGACY)
        .map(legacy -> DockerConfig.parseLegacy(origin, legacy))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s has neither %s nor %s; make one with kubectl create secret docker-registry"
                        .formatted(origin, CONFIG, LEGACY)));
  }

  private static Optional<byte[]> bytes(ObjectNode secret, String key) {
    return Optional.ofNullable(secret.path("data").path(key).textValue())
        .flatMap(Base64Text::decode);
  }

  @Override
  public RegistryAuth find(String registry, String repository) {
    List<RegistryCredential> credentials = new ArrayList<>();
    List<String> said = new ArrayList<>(remarks);
    for (Held secret : held) {
      List<RegistryCredential> found = secret.config().find(registry, repository);
      credentials.addAll(found);
      if (found.isEmpty()) {
        said.add(secret.origin() + " has none for " + registry + "/" + repository);
      }
    }
    return new RegistryAuth(credentials, said);
  }
}
